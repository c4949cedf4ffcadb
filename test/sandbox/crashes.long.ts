import { describe, expect, it } from 'vitest';
import { jobScripts } from '../../src/core/database/scripts/job-scripts.ts';
import {
  crashDatabaseAt,
  crashJobAt,
  type KillPoint,
  killAt,
  moments,
  type PreparedKill,
  prepareKill,
  resumers,
} from './crash-sweep.ts';
import { killedOperations } from './killed-operations.ts';

/** What a killed process leaves is the world as it is: requests that find it unchanged are left out, unless all are asked for. */
const everyRequest = process.env.OFOREST_EVERY_REQUEST !== undefined;

function pointsOf({ requests, turns }: PreparedKill): readonly KillPoint[] {
  if (!everyRequest) return turns;
  const numbers = Array.from({ length: requests }, (_, index) => index + 1);
  return numbers.flatMap((request) => moments.map((moment) => ({ request, moment })));
}

describe.each(killedOperations)('$name', (operation) => {
  let prepared: PreparedKill | undefined;
  /** The problems of many runs, each said as soon as it is found. */
  async function sweep(what: string, runs: AsyncIterable<{ run: string; wrong: string | undefined }>) {
    const problems: string[] = [];
    let count = 0;
    for await (const { run, wrong } of runs) {
      count += 1;
      if (!wrong) continue;
      problems.push(`${run}: ${wrong}`);
      console.log(`${operation.name}: ${problems.at(-1)}`);
    }
    console.log(`${operation.name}, ${what}: ${count} runs, ${problems.length} failures`);
    return { count, problems };
  }
  const prepare = async () => {
    prepared ??= await prepareKill(operation);
    return prepared;
  };

  it.each(resumers)('killed at every request, is finished or undone by %s, and loses nothing', async (resumer) => {
    const it = await prepare();
    async function* runs() {
      for (const point of pointsOf(it))
        yield {
          run: `killed ${point.moment} request ${point.request} of ${it.requests}, ${resumer}`,
          wrong: await killAt(it, point, resumer),
        };
    }
    const { count, problems } = await sweep(resumer, runs());
    expect(problems).toEqual([]);
    expect(count).toBeGreaterThan(15);
  });

  it('loses nothing when a job is killed at any of its steps, and the same command finishes it', async () => {
    const it = await prepare();
    async function* runs() {
      for (const script of Object.keys(jobScripts))
        for (let step = 1, struck = true; struck; step += 1) {
          const found = await crashJobAt(it, script, step);
          struck = found.struck;
          if (struck) yield { run: `${script} killed before step ${step}`, wrong: found.wrong };
        }
    }
    expect((await sweep('jobs', runs())).problems).toEqual([]);
  });

  it('loses nothing when Postgres crashes at any request, and the same command finishes it', async () => {
    const it = await prepare();
    async function* runs() {
      for (const request of new Set(pointsOf(it).map((point) => point.request)))
        yield { run: `Postgres at request ${request} of ${it.requests}`, wrong: await crashDatabaseAt(it, request) };
    }
    expect((await sweep('Postgres', runs())).problems).toEqual([]);
  });
});
