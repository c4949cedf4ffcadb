import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../../src/cli/tui/model/effects.ts';
import type { Message } from '../../../../src/cli/tui/model/messages.ts';
import { createCarryOut } from '../../../../src/cli/tui/runtime/carry-out.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { ExpectedError, type Server } from '../../../../src/core/index.ts';
import { aContext } from '../../a-context.ts';

/** What is told of work on a server that is lost while it is asked. */
async function toldWhenLost(effect: Effect): Promise<readonly Message[]> {
  const told: Message[] = [];
  const { promise: lost, resolve: lose } = Promise.withResolvers<void>();
  let server: Server | undefined;
  const asked = async () => {
    server = undefined;
    setImmediate(lose);
    throw new ExpectedError('cancelled', 'leaving lab');
  };
  const lab = { swarm: new Proxy({}, { get: () => asked }) } as Server;
  server = lab;
  const terminal = { copy: () => 'all' as const, browse() {}, repaint() {}, async suspend() {}, leave() {} };
  const dispatch = (message: Message) => told.push(message);
  createCarryOut({
    ...{
      context: aContext(),
      dispatch,
      server: () => server,
      reached: async () => lab,
      lookAgain() {},
      terminal,
      clock: systemClock,
    },
  })(effect);
  await lost;
  return told;
}

describe('a server that is lost while it is asked', () => {
  it('fails no operation that is watched', async () => {
    expect(await toldWhenLost({ kind: 'follow', serial: 1, operation: 'op1' })).toEqual([]);
  });

  it('is the reason of what could not be read: nobody cancelled that', async () => {
    expect(await toldWhenLost({ kind: 'read-study', stack: 'trust-game' })).toMatchObject([
      { kind: 'study-unread', error: { code: 'connection-lost', why: 'The connection to it was lost meanwhile.' } },
    ]);
  });
});
