import { describe, expect, it } from 'vitest';
import { crashJobAt, killAt, moments, prepareKill, resumers } from './crash-sweep.ts';
import { killedOperations } from './killed-operations.ts';

/** A sample of what `npm run test:long` does at every request: killed here and there, and gone on with by somebody. */
describe('an operation that is killed', () => {
  it.each(killedOperations.map((operation) => [operation.name, operation] as const))(
    'is finished or undone, and loses nothing: %s',
    async (_name, operation) => {
      const prepared = await prepareKill(operation);
      const wrong: string[] = [];
      const every = Math.max(1, Math.floor(prepared.requests / 12));
      for (let request = 1, turn = 0; request <= prepared.requests; request += every, turn += 1) {
        const moment = moments[turn % moments.length] ?? 'before';
        const resumer = resumers[Math.floor(turn / 2) % resumers.length] ?? 'the same command';
        const found = await killAt(prepared, { request, moment }, resumer);
        if (found) wrong.push(`killed ${moment} request ${request}, ${resumer}: ${found}`);
      }
      expect(wrong).toEqual([]);
    },
    60_000,
  );
});

it('an operation whose job crashed says so, leaves nothing of it, and is done by the same command', async () => {
  const backup = killedOperations.find(({ name }) => name === 'backup');
  if (!backup) throw new Error('no such operation');
  const prepared = await prepareKill(backup);
  for (const script of ['dump', 'verify'])
    expect(await crashJobAt(prepared, script, 4)).toEqual({ struck: true, wrong: undefined });
});
