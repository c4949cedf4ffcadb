import { describe, expect, it } from 'vitest';
import { type FaultRule, faultsByRule, randomNumbers } from '../../src/sandbox/engine/faults.ts';
import { openSandboxLab } from '../support/sandbox-lab.ts';
import { reviewTrust } from '../support/trust-game.ts';
import { prepareSweep, sweepOne, sweepSeed, sweptFaults, sweptOperations } from './fault-sweep.ts';

/** Requests of each operation that are tried with each kind of fault here; `npm run test:long` tries them all. */
const sampled = 2;

describe.each(sweptOperations)('a fault in the middle of: $name', (operation) => {
  it('leaves a whole stack, says what is true, and the same command finishes it', async () => {
    const prepared = await prepareSweep(operation);
    const next = randomNumbers(operation.name.length);
    const problems: string[] = [];
    for (const fault of sweptFaults)
      for (let count = 0; count < sampled; count += 1) {
        const request = 1 + Math.floor(next() * prepared.requests);
        const problem = await sweepOne(prepared, fault, request);
        if (problem) problems.push(`${fault.kind} at request ${request} of ${prepared.requests}: ${problem}`);
      }
    expect(problems).toEqual([]);
  }, 60_000);
});

describe('faults of all kinds at once, as a seed decides', () => {
  it.each([1, 2, 3, 4, 5, 6])('leave a whole stack too: seed %i', async (seed) => {
    const update = sweptOperations.find(({ name }) => name === 'update');
    if (!update) throw new Error('no update among the operations');
    expect(await sweepSeed(await prepareSweep(update), seed)).toBeUndefined();
  });
});

describe('a Swarm that cannot answer for a moment', () => {
  it.each<[string, FaultRule]>([
    ['a dockerd that fails twice', { fault: { kind: 'error-500' }, path: /^\/tasks$/, times: 2 }],
    ['the election of another leader', { fault: { kind: 'leader-lost', ms: 27_000 }, path: /^\/tasks$/ }],
  ])('takes back no release that serves already: %s', async (_what, rule) => {
    await using lab = await openSandboxLab();
    await lab.prepare();
    await lab.run(await reviewTrust(lab));
    const review = await reviewTrust(lab, 'v2');
    const { engine, model } = lab.sandbox;
    const isWatched = () =>
      [...model.store.configs.values()].some(
        ({ Spec: { Labels } }) =>
          Labels['org.oforest.state'] === 'running' &&
          Labels['org.oforest.events']?.includes('"step-started","step":"settle"'),
      );
    const struck = faultsByRule([rule]);
    engine.faults = (call) => (isWatched() ? struck(call) : undefined);
    engine.forgetCalls();
    expect((await lab.run(review)).at(-1)).toMatchObject({ kind: 'operation-finished', result: { release: 2 } });
    expect(engine.calls.some(({ path, status }) => path === '/tasks' && status >= 500)).toBe(true);
  });
});
