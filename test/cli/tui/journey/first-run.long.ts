import { expect, it } from 'vitest';
import { startsExample } from '../support/first-steps.ts';
import { openProgram, openProgramHome } from '../support/open-program.ts';

it('the first run ends with an example that runs, and the tour goes on', async () => {
  await using home = await openProgramHome({ config: '' });
  await using program = openProgram(home);

  expect(await startsExample(program)).toBeLessThanOrEqual(12);
  await program.until(/my-first runs v1/, 90_000);
  program.press('Esc');
  await program.until('Sandbox, try 3/5');
});
