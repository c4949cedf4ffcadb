import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import type { Run } from '../../../../src/cli/commands/run.ts';
import { registerOtherCommands } from '../../../../src/cli/other-commands.ts';
import { createProgram } from '../../../../src/cli/program.ts';
import { shellCommandFor, shellCommands } from '../../../../src/cli/tui/model/shell-commands.ts';
import { pressed, shownLines } from '../support/press.ts';
import { aStudy, aTuiState } from '../support/states.ts';
import { effectsOf, walkFrom } from '../support/walk.ts';

const study = aStudy({ experiment: 'trust-game', environment: 'staging', stack: 'trust-game--staging' });
const state = aTuiState({ studies: [study] });
const shown = (...words: readonly string[]) => shownLines(pressed(state, ':', ...words)).join('\n');

describe('what no screen does', () => {
  it.each(shellCommands.map((one) => [shellCommandFor(one, study, state)]))('is done by %s', async (command) => {
    const words = execFileSync('sh', ['-c', `printf '%s\\0' ${command}`], { encoding: 'utf8' })
      .split('\0')
      .slice(1, -1);
    let taken = 0;
    const run: Run = async () => {
      taken += 1;
    };
    const program = createProgram('test', run);
    registerOtherCommands(program, run);

    await program.parseAsync(words, { from: 'user' });
    expect(taken).toBe(1);
  });

  it.each([
    ['variable', 'oforest variable set trust-game NAME=value --env staging'],
    ['secret', 'oforest secret set trust-game NAME --env staging'],
    ['book', 'oforest book trust-game'],
    ['hold', 'oforest hold trust-game'],
    ['address', 'oforest address trust-game HOST'],
    ['prepare', 'oforest server prepare lab'],
  ])('is found in the palette by "%s", and told as a command', (word, command) => {
    expect(shown(...word)).toContain(` From the command line: ${command}`);
  });

  it('is copied by Enter', () => {
    const copied = walkFrom(state).press(':').type('variable set').press('Enter');

    expect(effectsOf(copied, 'copy').map(({ text }) => text)).toEqual([
      'oforest variable set trust-game NAME=value --env staging',
    ]);
  });

  it('comes after what a screen does, and only where it is asked for', () => {
    expect(shown(...'export')).toMatch(/❯ Export the data… +e\n[^\n]*Export without names.*\(shell\)/);
    expect(shown()).not.toContain('(shell)');
  });
});
