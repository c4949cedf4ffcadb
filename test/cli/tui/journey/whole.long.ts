import { describe, expect, it } from 'vitest';
import { openProgram, openProgramHome } from '../support/open-program.ts';
import { takeThroughLife } from '../support/whole-life.ts';

describe('a study, from the first run to its end', () => {
  it.each([
    [60, 15],
    [80, 24],
    [120, 40],
  ])('is taken through all of it by keys alone, at %i columns and %i rows', async (columns, rows) => {
    await using home = await openProgramHome();
    await using program = openProgram(home, { size: { columns, rows } });
    await program.until('● live');

    await takeThroughLife(program, { study: 'trust-game', filter: 'trust !staging', digit: '3', release: 2 });

    program.press('q');
    expect(await program.exit).toBe(0);
    expect(program.screen.text()).not.toContain('goes on without this window');
  });
});
