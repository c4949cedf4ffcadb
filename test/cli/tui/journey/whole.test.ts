import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Size } from '../../../../src/cli/tui/model/layout.ts';
import { masked, readScreens } from '../support/expected-screens.ts';
import { startsExample } from '../support/first-steps.ts';
import { type OpenProgram, openProgram, openProgramHome, type ProgramHome } from '../support/open-program.ts';
import { looksLike } from '../support/same-cells.ts';
import { patienceMs, takeThroughLife } from '../support/whole-life.ts';

const study = 'my-first';

/** The minutes are spent on waiting for the sandbox: the three journeys have one each, and go on at once. */
describe('everything that a study goes through', { timeout: 600_000 }, () => {
  it.concurrent.each([
    [60, 15],
    [80, 24],
    [120, 40],
  ])('is done by keys alone, from the first run on, at %i columns and %i rows', async (columns, rows) => {
    const size = { columns, rows };
    const screens = await readScreens(resolve(`test/cli/tui/journey/screens/${columns}x${rows}.txt`));
    await using home = await openProgramHome({ config: '' });
    await using program = openProgram(home, {
      size,
      environment: aPerson,
      script: 'echo "$ oforest"; $OFOREST; echo "left with $?"',
    });

    expect(await startsExample(program)).toBeLessThanOrEqual(12);
    await program.until(`${study} runs v1`, patienceMs);
    await screens.see(program, 'first run');
    program.press('Esc');
    await program.until('❯');
    await screens.see(program, 'list');
    await takeThroughLife(program, {
      ...{ study, filter: study, digit: '2', release: 1 },
      see: (station) => screens.see(program, station),
    });

    await using fresh = await openedMenu(home, size);
    // Ages go on while both are looked at.
    await looksLike(program, fresh, masked);

    program.press('q');
    expect(await program.exit).toBe(0);
    await screens.see(program, 'left');
    await screens.check();
  });
});

/** Releases say who made them: the same person on every computer. */
const aPerson = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module';
    os.userInfo = () => ({ username: 'ada' }); os.hostname = () => 'laptop'; syncBuiltinESMExports();`,
  )}`,
};

/** A program that was started just now, on the menu of the study. */
async function openedMenu(home: ProgramHome, size: Size): Promise<OpenProgram> {
  const program = openProgram(home, { size, environment: aPerson });
  await program.until('● live');
  program.press('/', ...study, 'Enter', 'Enter');
  await program.until(new RegExp(`^ oForest › ${study} `));
  return program;
}
