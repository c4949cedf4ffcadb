import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenProgram, openProgram, openProgramHome, type ProgramHome } from '../support/open-program.ts';

let home: ProgramHome;
beforeAll(async () => {
  home = await openProgramHome();
}, 60_000);
afterAll(() => home[Symbol.asyncDispose]());

/** Code that the program runs when it gets SIGURG. */
const on = (code: string) => ({
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(`process.once("SIGURG",()=>{${code}})`)}`,
});

describe('the program in a terminal', { timeout: 60_000 }, () => {
  it.each<[string, (program: OpenProgram) => void, number, string?, Record<string, string>?]>([
    ['by q', (program) => program.press('q'), 0],
    ['by Ctrl-C twice', (program) => program.press('Ctrl-C', 'Ctrl-C'), 0],
    ['by SIGTERM', (program) => program.kill('SIGTERM'), 143],
    ['by SIGHUP', (program) => program.kill('SIGHUP'), 129],
    ['by SIGINT', (program) => program.kill('SIGINT'), 130],
    [
      'by an error that nobody caught',
      (program) => program.kill('SIGURG'),
      70,
      'broken on purpose',
      on('throw new Error("broken on purpose")'),
    ],
    [
      'by a promise that nobody waited for',
      (program) => program.kill('SIGURG'),
      70,
      'broken on purpose',
      on('Promise.reject(new Error("broken on purpose"))'),
    ],
    ['by process.exit', (program) => program.kill('SIGURG'), 3, '', on('process.exit(3)')],
  ])('leaves it as it was %s', async (_, end, exitCode, says = '', environment = {}) => {
    await using program = openProgram(home, { environment });
    await program.until('trust-game');
    expect(program.screen.isAlternate).toBe(true);

    end(program);

    expect(await program.exit).toBe(exitCode);
    expect(program.screen.isAlternate).toBe(false);
    expect(program.screen.text()).toContain(says);
    expect(lastOf(program.written, ['?25h', '?25l'])).toBe('?25h');
    expect(lastOf(program.written, ['?2004l', '?2004h'])).toBe('?2004l');
  });

  it('leaves keys to the shell again', async () => {
    await using program = openProgram(home, { script: '$OFOREST; stty -a' });
    await program.until('trust-game');

    program.press('q');
    await program.exit;

    expect(program.screen.text()).toMatch(/ icanon/);
    expect(program.screen.text()).toMatch(/ echo /);
  });

  it('is suspended by Ctrl-Z and comes back by fg, at the size that the terminal then has', async () => {
    await using program = openProgram(home, {
      script: '$OFOREST; echo suspended with $?; read -r; fg; echo left with $?',
    });
    await program.until('trust-game');

    program.press('Ctrl-Z');
    await program.until('suspended with 148');
    expect(program.screen.isAlternate).toBe(false);

    program.resize({ columns: 60, rows: 15 });
    program.press('Enter');
    await program.until((screen) => screen.isAlternate && screen.lines()[14]?.includes('help') === true);
    program.press('Down', 'Enter');
    await program.until('Deploy an image');
    program.press('q');

    await program.until('left with 0');
    expect(await program.exit).toBe(0);
  });

  it('is left with 130 by Ctrl-C twice while an operation is watched, which goes on', async () => {
    await using program = openProgram(home);
    // The list of an earlier visit is there at once.
    await program.until('● live');
    program.press('/', ...'public', 'Enter', 's');
    await program.until('Back up now');
    program.press('Enter');
    await program.until('You can leave');

    program.press('Ctrl-C', 'Ctrl-C');

    expect(await program.exit).toBe(130);
    const [, id] = /oforest watch (\S+)/.exec(program.screen.text()) ?? [];
    expect(program.screen.text()).toContain('The backup of public-goods goes on without this window.');
    expect(program.screen.text()).toContain(`oforest cancel ${id}`);

    await using again = openProgram(home, { words: ['--server', 'sandbox', 'watch', id ?? ''] });
    expect(await again.exit).toBe(0);
  });

  it('cannot be suspended where no shell would bring it back', async () => {
    await using program = openProgram(home);
    await program.until('trust-game');

    program.press('Ctrl-Z', 'q');

    expect(await program.exit).toBe(0);
  });
});

/** Which of the words was written last. */
function lastOf(written: string, words: readonly string[]): string | undefined {
  return words.toSorted((one, other) => written.lastIndexOf(other) - written.lastIndexOf(one))[0];
}
