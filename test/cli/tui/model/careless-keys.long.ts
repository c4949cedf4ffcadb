import { expect, it } from 'vitest';
import { hitKeys, wrongsIn } from '../support/careless.ts';
import { diceOf } from '../support/random-states.ts';

it('100,000 runs of 200 keys start nothing that nobody meant', () => {
  for (let seed = 0; seed < 100_000; seed += 1)
    expect(wrongsIn(hitKeys(diceOf(seed), { count: 200 })), `seed ${seed}`).toEqual([]);
});
