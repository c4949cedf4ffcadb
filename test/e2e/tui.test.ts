import { afterAll, beforeAll, expect, it } from 'vitest';
import { openProgram } from '../cli/tui/support/open-program.ts';
import { takeThroughLife } from '../cli/tui/support/whole-life.ts';
import { type Lab, openLab } from './support/lab.ts';
import { removeStack } from './support/remove-stack.ts';

const study = 'by-keys';
let lab: Lab;

beforeAll(async () => {
  lab = await openLab();
  await lab.prepare();
  await removeStack(lab, study);
});
afterAll(async () => {
  await removeStack(lab, study);
  await lab[Symbol.asyncDispose]();
});

it('takes a study through its whole life by keys alone, over SSH on a real Swarm', { timeout: 600_000 }, async () => {
  const environment = { ...lab.environment, TERM: 'xterm-256color', LANG: 'en_US.UTF-8' };
  await using program = openProgram({ path: lab.home, environment });
  await program.until('● live');

  program.press('n');
  await program.until(/name/i);
  program.press(...study, 'Enter');
  await program.until('Which image?');
  program.press(...lab.bed.images['study:v1'], 'Enter');
  await program.until('Deploy now');
  program.press('Enter');
  await program.until(`${study} runs v1`, 90_000);
  expect(await lab.get(`${study}.${lab.bed.domain}`, '/login')).toMatchObject({ status: 200, release: 'v1' });
  program.press('Esc');
  await program.until('[1 Experiments]');

  await takeThroughLife(program, { study, filter: study, digit: '2', release: 1 });

  expect(await lab.get(`${study}.${lab.bed.domain}`, '/login')).toMatchObject({ status: 200, release: 'v3' });
  const { operations } = (await lab.json(['activity', study])).value as unknown as {
    operations: readonly { verb: string; state: string }[];
  };
  // The newest few are kept: the first deployment is not among them any more.
  expect(operations.map(({ verb, state }) => `${verb} ${state}`)).toEqual(
    ['undelete', 'delete', 'undo', 'reset', 'rollback', 'deploy'].map((verb) => `${verb} succeeded`),
  );
  program.press('q');
  expect(await program.exit).toBe(0);
});
