import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProgram, openProgramHome, type ProgramHome } from '../support/open-program.ts';

let home: ProgramHome;
beforeAll(async () => {
  home = await openProgramHome();
}, 60_000);
afterAll(() => home[Symbol.asyncDispose]());

const opensScreen = '\u001b[?1049h';

describe('the program, when it starts in a terminal,', { timeout: 60_000 }, () => {
  it('has its screen open before it is loaded, and opens it once', async () => {
    await using program = openProgram(home);
    await program.until('trust-game');

    expect(program.written.startsWith(opensScreen)).toBe(true);
    expect(program.written.split(opensScreen)).toHaveLength(2);
    program.press('q');
    await program.exit;
  });

  it('takes keys that are typed before it is there', async () => {
    await using program = openProgram(home);
    await program.until('oForest');
    program.press('q');

    expect(await program.exit).toBe(0);
    expect(program.screen.text()).not.toContain('q');
  });

  it('says what is wrong with the config where it can be read', async () => {
    const config = join(home.path, 'broken.yml');
    await writeFile(config, 'servers: [');
    await using program = openProgram(home, { environment: { OFOREST_CONFIG: config } });

    expect(await program.exit).toBe(2);
    expect(program.screen.isAlternate).toBe(false);
    expect(program.screen.text()).toContain('broken.yml');
  });

  it('prints the list, and opens no screen, where the terminal is dumb', async () => {
    await using program = openProgram(home, { environment: { TERM: 'dumb' } });

    expect(await program.exit).toBe(0);
    expect(program.written).not.toContain('\u001b');
  });
});
