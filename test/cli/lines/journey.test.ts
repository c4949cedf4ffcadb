import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProgram, openProgramHome, type ProgramHome } from '../tui/support/open-program.ts';
import { pipeProgram } from '../tui/support/pipe-program.ts';

let home: ProgramHome;
beforeAll(async () => {
  home = await openProgramHome();
}, 60_000);
afterAll(() => home[Symbol.asyncDispose]());

const unheard = /[^\P{C}\n]|[\u2500-\u25ff]/u;
const broken = 'localhost:5000/samples/broken:crash-at-import';

describe('the program in lines', { timeout: 60_000 }, () => {
  it('takes a script of answers to a deployment that fails, and ends there with its exit code', async () => {
    const { exitCode, stdout, stderr } = await pipeProgram(home, {
      words: ['--accessible'],
      lines: ['trust-game', '1', '1', broken, '1', 'back', 'back', 'activity'],
    });
    const lines = stdout.trimEnd().split('\n');

    expect(exitCode).toBe(8);
    expect(stderr).toBe('');
    expect(stdout).not.toMatch(unheard);
    expect(lines.filter((line, index) => line === lines[index - 1])).toEqual([]);
    const order = [
      'oForest, sandbox. 5 experiments.',
      '1. trust-game, running, release 2',
      'trust-game is running.',
      '1. Deploy an image',
      'What the deployment of trust-game does:',
      `As a command: oforest deploy trust-game --image ${broken}`,
      '1. Deploy now',
      'The deployment of trust-game is being started.',
      'Trying the image on its own.',
      'Failed: trying v3 of trust-game beside the running study.',
      'Code: image-crashed',
      'The script ends here with exit code 8: no further answer is taken.',
    ];
    let from = 0;
    for (const text of order) {
      const at = lines.findIndex((line, index) => index >= from && line.startsWith(text));
      expect(at, `${text}\nafter\n${lines.slice(0, from).join('\n')}`).not.toBe(-1);
      from = at + 1;
    }
  });

  it('is spoken to at a terminal, and tells after Ctrl-C how to listen again to what goes on', async () => {
    await using program = openProgram(home, { environment: { ACCESSIBLE: '1' }, size: { columns: 200, rows: 60 } });
    const answer = (line: string) => program.press(...line, 'Enter');
    await program.until('Type a number to open');
    answer('trust-game');
    await program.until('back to hear all');
    answer('1');
    await program.until('trust-game is running.');
    answer('fly');
    await program.until('is no answer here');
    answer('back up');
    await program.until('1. Back up now');
    answer('1');
    await program.until('Ask the operation to stop');
    program.press('Ctrl-C');

    expect(await program.exit).toBe(130);
    expect(program.screen.text()).toMatch(/Watch it again: oforest watch \w+/);
    expect(program.written).not.toContain('\u001b');
  });

  it('ends at once where a script gives the answers and the server is not reached', async () => {
    const { exitCode, stdout, stderr } = await pipeProgram(home, {
      words: ['--accessible', '--server', 'nowhere'],
      lines: ['1'],
    });

    expect(stdout).toContain('nowhere');
    expect(stderr).toContain('Failed:');
    expect(exitCode).toBe(3);
  });
});
