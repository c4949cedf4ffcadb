import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readScreens } from '../support/expected-screens.ts';
import { openProgram, openProgramHome, type ProgramHome } from '../support/open-program.ts';
import { eventsOf, startsUpdate, stepsOf, watchesNewest } from '../support/operations.ts';
import { diceOf } from '../support/random-states.ts';
import { looksLike } from '../support/same-cells.ts';

const patienceMs = 90_000;

let home: ProgramHome;
beforeAll(async () => {
  home = await openProgramHome();
}, 60_000);
afterAll(() => home[Symbol.asyncDispose]());

describe('the program, in a terminal whose size changes,', { timeout: 240_000 }, () => {
  it('shows after 60 sizes in a second what one shows that was started at the last, and the deployment goes on', async () => {
    const dice = diceOf(9);
    await using program = openProgram(home, { size: { columns: 200, rows: 50 } });
    await program.until('● live');
    const operation = await startsUpdate(home, program, 'v3');

    for (let turn = 0; turn < 60; turn += 1) {
      program.resize({ columns: 60 + dice(141), rows: 15 + dice(36) });
      await pause(1_000 / 60);
    }
    const size = { columns: 93, rows: 31 };
    program.resize(size);

    await using fresh = openProgram(home, { size });
    await fresh.until('● live');
    await watchesNewest(fresh);
    await Promise.all([program, fresh].map((one) => one.until('trust-game runs v3', patienceMs)));
    await looksLike(program, fresh);
    const events = await eventsOf(home, operation);
    expect(events.filter(({ kind }) => kind === 'operation-finished')).toHaveLength(1);
    expect(stepsOf(events, 'step-started')).toEqual([...new Set(stepsOf(events, 'step-started'))]);
  });
});

describe('the program, in a terminal that is small,', () => {
  it('lists, opens, shows logs and is left, at 40 columns and 10 rows', async () => {
    const screens = await readScreens(resolve('test/cli/tui/journey/screens/40x10.txt'));
    await using program = openProgram(home, { size: { columns: 40, rows: 10 } });
    await program.until('● live');
    program.press('/', ...'public', 'Enter');
    await screens.see(program, 'list');
    program.press('Enter');
    await program.until('Deploy an image');
    await screens.see(program, 'study');
    program.press('l');
    await program.until('following');
    await screens.see(program, 'logs');
    program.press('Esc');
    await program.until('Deploy an image');
    program.press('q');
    expect(await program.exit).toBe(0);
    await screens.check();
  });

  it.each([
    { columns: 39, rows: 24 },
    { columns: 80, rows: 7 },
  ])('says in a sentence that $columns columns and $rows rows are too few, and comes back with more', async (size) => {
    await using program = openProgram(home, { size });
    await program.until(`oForest needs 40x8, this is ${size.columns}x${size.rows}.`);
    expect(program.screen.text().trim().split('\n')).toHaveLength(2);

    program.resize({ columns: 80, rows: 24 });
    await program.until('trust-game');
    program.press('q');
    expect(await program.exit).toBe(0);
  });
});
