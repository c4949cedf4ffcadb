import { describe, expect, it } from 'vitest';
import { type OpenProgram, openProgram, openProgramHome } from '../support/open-program.ts';

/** Trial, change and the 15 s in which a late crash would be seen. */
const patienceMs = 90_000;

describe('a study, from the first run to its end', () => {
  it.each([
    [60, 15],
    [80, 24],
    [120, 40],
  ])('is taken through all of it by keys alone, at %i columns and %i rows', async (columns, rows) => {
    await using home = await openProgramHome();
    await using program = openProgram(home, { size: { columns, rows } });
    await program.until('● live');

    program.press('/', ...'trust !staging', 'Enter', 'Enter');
    await menu(program);
    program.press('d');
    await program.until('Which image?');
    program.press('Backspace', '3', 'Enter');
    await confirmed(program, 'Deploy now');
    await program.until(/trust-game runs v3/, patienceMs);

    await back(program);
    program.press('l');
    await program.until('following');
    await back(program);

    program.press('b');
    await program.until(/Which release|v2/);
    program.press('Enter');
    await confirmed(program, 'Roll back now');
    await program.until(/trust-game runs v4/, patienceMs);

    await back(program);
    program.press('R');
    await program.until('Type the name');
    await program.type('trust-game');
    program.press('Enter');
    await program.until(/trust-game runs/, patienceMs);

    await back(program);
    program.press('u');
    await confirmed(program, 'Undo now');
    await program.until(/trust-game runs/, patienceMs);

    await back(program);
    program.press('X');
    await program.until('Type the name');
    await program.type('trust-game');
    program.press('Enter');
    await program.until('trust-game is deleted', patienceMs);

    await back(program);
    await program.until('Bring it back');
    program.press('u');
    await confirmed(program, 'Bring it back now');
    await program.until(/trust-game runs/, patienceMs);

    program.press('q');
    expect(await program.exit).toBe(0);
    expect(program.screen.text()).not.toContain('goes on without this window');
  });
});

const menu = (program: OpenProgram) => program.until('What would you like to do?');

async function back(program: OpenProgram): Promise<void> {
  program.press('Esc');
  await menu(program);
}

async function confirmed(program: OpenProgram, choice: string): Promise<void> {
  await program.until(choice);
  program.press('Enter');
}
