import { parentPort, workerData } from 'node:worker_threads';
import { hitKeys, wrongsIn } from './careless.ts';
import { diceOf } from './random-states.ts';

/** Runs of one core: seeds from one to before another. */
export interface Share {
  readonly from: number;
  readonly to: number;
  readonly keys: number;
}

/** What came of them. */
export interface Outcome {
  readonly runs: number;
  readonly started: number;
  readonly wrongs: readonly string[];
}

const { from, to, keys } = workerData as Share;
const wrongs: string[] = [];
let runs = 0;
let started = 0;
for (let seed = from; seed < to; seed += 1) {
  const run = hitKeys(diceOf(seed), { count: keys });
  wrongs.push(...wrongsIn(run).map((wrong) => `seed ${seed}: ${wrong}`));
  started += run.started.length;
  runs += 1;
}
parentPort?.postMessage({ runs, started, wrongs } satisfies Outcome);
