import { describe, expect, it } from 'vitest';
import type { Effect } from '../../../../src/cli/tui/model/effects.ts';
import type { Message } from '../../../../src/cli/tui/model/messages.ts';
import { createCarryOut } from '../../../../src/cli/tui/runtime/carry-out.ts';
import { systemClock } from '../../../../src/core/clock.ts';
import { ExpectedError, type Server } from '../../../../src/core/index.ts';
import { aContext } from '../../a-context.ts';
import { aReview } from '../support/reviews.ts';
import { aStudy } from '../support/states.ts';

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

describe('what waits for people to leave', () => {
  it('outlives its screen and a server that does not answer, and ends by its own word', async () => {
    const told: Message[] = [];
    const asked = { verb: 'restart', study: aStudy() } as const;
    let looks = 0;
    let looked = Promise.withResolvers<void>();
    const observe = async () => {
      looks += 1;
      looked.resolve();
      throw new ExpectedError('timed-out', 'asking lab');
    };
    const lab = { swarm: new Proxy({}, { get: () => observe }) } as Server;
    const carryOut = createCarryOut({
      ...{ context: aContext(), dispatch: (message) => told.push(message), server: () => lab },
      ...{ reached: async () => lab, lookAgain() {} },
      terminal: { copy: () => 'all' as const, browse() {}, repaint() {}, async suspend() {}, leave() {} },
      clock: { ...systemClock, sleep: async (_, signal) => await systemClock.sleep(1, signal) },
    });
    carryOut({ kind: 'start', serial: 3, asked, review: aReview(asked), people: { kind: 'wait' }, typed: undefined });
    carryOut({ kind: 'close', serial: 3 });
    for (let look = 0; look < 3; look += 1) {
      await looked.promise;
      looked = Promise.withResolvers();
    }
    carryOut({ kind: 'stop-waiting', serial: 3 });
    const before = looks;
    await systemClock.sleep(30, new AbortController().signal);

    expect(told[0]).toMatchObject({ kind: 'waiting', serial: 3 });
    expect(told.some(({ kind }) => kind === 'refused')).toBe(false);
    expect(looks - before).toBeLessThanOrEqual(1);
  });
});
