import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Lab, longestGapSeconds, openLab, watchFromOutside } from './support/lab.ts';

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
  await lab.prepare();
  await lab.succeed(['deploy', 'single', '--image', lab.bed.images['study:v1']]);
});
afterAll(() => lab[Symbol.asyncDispose]());

const updates = 10;

it(`never has two oTree processes of one study running during ${updates} updates`, { timeout: 900_000 }, async () => {
  const seen: number[] = [];
  const gaps: number[] = [];
  const poll = setInterval(async () => seen.push(await oTreeContainers(lab)), 100);
  try {
    for (let count = 0; count < updates; count += 1) {
      const image = lab.bed.images[count % 2 === 0 ? 'study:v2' : 'study:v1'];
      const outside = watchFromOutside(lab, 'single.oforest.test');
      await lab.succeed(['deploy', 'single', '--image', image]);
      gaps.push(longestGapSeconds(await outside.stop()));
    }
  } finally {
    clearInterval(poll);
  }
  const sorted = [...gaps].sort((a, b) => a - b);
  console.log(
    `gap of ${updates} updates in seconds, without an answer: ${sorted.map((gap) => gap.toFixed(1)).join(' ')}`,
  );
  expect(seen.length).toBeGreaterThan(500);
  expect(Math.max(...seen)).toBe(1);
  expect(seen).toContain(0);
});

/** Containers of the study's web service that Docker says are running; the trial is another service on its own database. */
async function oTreeContainers({ docker }: Lab): Promise<number> {
  const ids = await docker([
    'ps',
    '-q',
    '--filter',
    'label=com.docker.swarm.service.name=single_web',
    '--filter',
    'status=running',
  ]);
  return ids.split('\n').filter(Boolean).length;
}
