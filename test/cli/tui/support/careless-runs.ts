import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Outcome, Share } from './careless-worker.ts';

/** So many careless runs of so many keys, on all cores, and as Node runs the reducer for people: three times as fast. */
export async function carelessRuns({ runs, keys }: { runs: number; keys: number }): Promise<Outcome> {
  const cores = availableParallelism();
  const bound = (core: number) => Math.round((runs * core) / cores);
  const outcomes = await Promise.all(
    Array.from({ length: cores }, (_, core) => outcomeOf({ from: bound(core), to: bound(core + 1), keys })),
  );
  const sum = (count: (outcome: Outcome) => number) => outcomes.reduce((all, one) => all + count(one), 0);
  return {
    runs: sum((one) => one.runs),
    started: sum((one) => one.started),
    wrongs: outcomes.flatMap((one) => one.wrongs),
  };
}

async function outcomeOf(share: Share): Promise<Outcome> {
  const worker = new Worker(new URL('./careless-worker.ts', import.meta.url), { workerData: share });
  const [outcome] = await once(worker, 'message');
  return outcome as Outcome;
}
