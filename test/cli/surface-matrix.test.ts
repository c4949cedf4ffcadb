import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProgram, openProgramHome, type ProgramHome } from './tui/support/open-program.ts';
import { pipeProgram } from './tui/support/pipe-program.ts';

let home: ProgramHome;
beforeAll(async () => {
  home = await openProgramHome();
  await pipeProgram(home, {});
}, 60_000);
afterAll(() => home[Symbol.asyncDispose]());

interface Surroundings {
  readonly name: string;
  readonly isTerminal: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: readonly string[];
}

const unattended: readonly Surroundings[] = [
  { name: 'a pipe', isTerminal: false },
  { name: 'a pipe with NO_COLOR', isTerminal: false, environment: { NO_COLOR: '1' } },
  { name: 'a pipe with TERM=dumb', isTerminal: false, environment: { TERM: 'dumb' } },
  { name: 'a pipe with ACCESSIBLE', isTerminal: false, environment: { ACCESSIBLE: '1' } },
  { name: 'a terminal of CI', isTerminal: true, environment: { CI: 'true', NO_COLOR: '1' } },
  { name: 'a terminal with --no-input', isTerminal: true, environment: { NO_COLOR: '1' }, flags: ['--no-input'] },
];

/** What was printed, and the exit code; a prompt would never end, because nobody answers. */
async function printed({ isTerminal, environment = {}, flags = [] }: Surroundings, words: readonly string[]) {
  const given = { words: [...flags, ...words], environment };
  if (!isTerminal) {
    const { exitCode, stdout, stderr } = await pipeProgram(home, given);
    return { exitCode, text: `${stdout}${stderr}` };
  }
  await using program = openProgram(home, given);
  return { exitCode: await program.exit, text: program.written };
}

describe.each(unattended)('in $name', { timeout: 60_000 }, (surroundings) => {
  it('oforest prints the list and ends: no screen, no question', async () => {
    const { exitCode, text } = await printed(surroundings, []);

    expect(text).toMatch(/STUDY +STATE/);
    expect(text).toContain('trust-game');
    expect(text).not.toContain('\u001b');
    expect(exitCode).toBe(0);
  });

  it.each([
    [['reset', 'trust-game'], 7, '--confirm trust-game'],
    [['deploy', 'trust-game'], 2, '--image'],
    [['deploy'], 2, 'experiment'],
  ])('what is missing ends it at once, and is named: %j', async (words, code, flag) => {
    const { exitCode, text } = await printed(surroundings, ['--server', 'sandbox', ...words]);

    expect(text).toContain(flag);
    expect(text).not.toContain('\u001b');
    expect(exitCode).toBe(code);
  });
});

it('a dumb terminal gets the list', { timeout: 60_000 }, async () => {
  const { exitCode, text } = await printed({ name: '', isTerminal: true, environment: { TERM: 'dumb' } }, []);

  expect(text).toMatch(/STUDY +STATE/);
  expect(text).not.toContain('\u001b');
  expect(exitCode).toBe(0);
});
