import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProgram, openProgramHome, type ProgramHome } from '../support/open-program.ts';

let home: ProgramHome;
beforeAll(async () => {
  home = await openProgramHome();
}, 60_000);
afterAll(() => home[Symbol.asyncDispose]());

describe('the program in a terminal', { timeout: 60_000 }, () => {
  it('leaves by q with 0', async () => {
    await using program = openProgram(home);
    await program.until('trust-game');

    program.press('q');

    expect(await program.exit).toBe(0);
    expect(program.screen.isAlternate).toBe(false);
  });
});
