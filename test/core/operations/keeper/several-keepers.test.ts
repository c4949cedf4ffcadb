import { describe, expect, it } from 'vitest';
import { ExpectedError } from '../../../../src/core/errors.ts';
import { leaveToKeeper } from '../../../../src/core/operations/keeper/keeper.ts';
import { findKeeper } from '../../../../src/core/records/keeper-record.ts';
import { noteOperation } from '../../../../src/core/records/operation-record.ts';
import type { SwarmGateway } from '../../../../src/core/swarm/gateway.ts';
import { keepersForEachTest } from './keepers-for-each-test.ts';

describe('of two keepers', () => {
  const keepers = keepersForEachTest();
  const { accept, finish, now, pass, start, stateOf, until } = keepers;

  it('one is at work, and the other takes over within 60 s when it is killed', async () => {
    const cut = cutOff(keepers.lab.server.swarm);
    const first = start('a:1', { swarm: cut.gateway });
    await until(() => first.kinds().includes('active'));
    const second = start('b:2');
    await until(() => second.kinds().includes('passive'));
    await pass(300);
    expect(second.said()).toEqual(['Waiting: a:1 is at work.']);
    expect((await findKeeper(keepers.lab.server.swarm))?.name).toBe('a:1');

    cut.set('silent');
    expect(await until(() => second.kinds().includes('active'))).toBeLessThanOrEqual(60);
    expect((await findKeeper(keepers.lab.server.swarm))?.name).toBe('b:2');
  });

  it('the other goes on at once when the first ends, and what the first runs is run to its end', async () => {
    const first = start('a:1', {
      run: async (id) => {
        await pass(30);
        await finish(id);
      },
    });
    await until(() => first.kinds().includes('active'));
    const second = start('b:2');
    await accept('operation1');
    await leaveToKeeper('operation1', keepers.lab.server);
    await until(() => first.kinds().includes('running'));
    await noteOperation('operation1', { state: 'running' }, keepers.lab.server);

    first.stop.abort();
    expect(await until(() => second.kinds().includes('active'))).toBeLessThanOrEqual(6);
    await first.end;
    expect(await stateOf('operation1')).toBe('succeeded');
    expect(first.said().slice(-2)).toEqual([
      'Ending, once what runs is done (1).',
      'restart on trust (operation1) succeeded.',
    ]);
    expect(second.ran).toEqual([]);
  });

  it('one that is cut off does nothing more, and waits once it is back', async () => {
    const cut = cutOff(keepers.lab.server.swarm);
    const first = start('a:1', { swarm: cut.gateway });
    await until(() => first.kinds().includes('active'));
    const second = start('b:2');
    cut.set('failing');
    await until(() => second.kinds().includes('active'));
    expect(first.kinds()).toContain('replaced');
    cut.set('fine');
    await until(() => first.kinds().at(-1) === 'passive');
    await accept('operation1');
    await until(async () => (await stateOf('operation1')) === 'succeeded');
    expect(first.ran).toEqual([]);
    expect(second.ran).toEqual(['operation1']);
  });

  it('one that was stopped for a while and goes on has lost its place', async () => {
    // Its time stands still with it: what it knows of the last beat looks fresh.
    let frozen: number | undefined;
    const clock = { ...keepers.lab.clock, now: () => new Date(frozen ?? now()) };
    const first = start('a:1', { clock });
    await until(() => first.kinds().includes('active'));
    frozen = now();
    const second = start('b:2');
    await until(() => second.kinds().includes('active'));
    frozen = undefined;
    await until(() => first.kinds().includes('replaced'));
    expect((await findKeeper(keepers.lab.server.swarm))?.name).toBe('b:2');
  });
});

/** A gateway that can be cut off: its calls fail, or never come back, as for a process that was killed or stopped. */
function cutOff(swarm: SwarmGateway) {
  let state: 'fine' | 'failing' | 'silent' = 'fine';
  const gateway = new Proxy(swarm, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...words: unknown[]) => {
        if (state === 'failing') return Promise.reject(new ExpectedError('connection-lost', 'asking the manager'));
        return state === 'silent' ? new Promise(() => undefined) : value.apply(target, words);
      };
    },
  });
  return {
    gateway,
    set: (next: typeof state) => {
      state = next;
    },
  };
}
