import { describe, expect, it } from 'vitest';
import { actionsFor } from '../../../../src/cli/tui/model/actions.ts';
import { topScreen } from '../../../../src/cli/tui/model/state.ts';
import { aLine } from '../../tui/support/logs.ts';
import { talkOf, trust } from '../support/talks.ts';

describe('the logs', () => {
  it('are told line by line as they come, without one twice', () => {
    const talk = talkOf(trust);
    talk.answer('1');
    const number = actionsFor(trust).findIndex(({ id }) => id === 'logs') + 1;
    expect(talk.answer(String(number))).toEqual(['Asking for the logs of trust-game.']);
    const { serial } = topScreen(talk.state);

    const told = talk.tell({ kind: 'log-lines', serial, lines: [aLine('one'), aLine('ERROR two', { second: 1 })] });
    const more = talk.tell({ kind: 'log-lines', serial, lines: [aLine('three', { second: 2 })] });

    expect(told.map(afterTime)).toEqual([
      'Logs of trust-game, oTree and the database, newest last.',
      'oTree: one',
      'oTree, error: ERROR two',
      '1. Go back',
      '2. Hear another part',
      '3. Save all lines to a file in the current folder',
      'Type a number, a word to filter by, back, or quit.',
    ]);
    expect(more.map(afterTime)).toEqual(['oTree: three']);
    expect(talk.answer('error')[0]).toBe('Logs of trust-game, oTree and the database, lines with error, newest last.');
    expect(talk.answer('nothing of that')[1]).toBe('No line with nothing of that so far.');
    talk.answer('error');
    expect(talk.answer('').map(afterTime).slice(1, 3)).toEqual(['oTree, error: ERROR two', '1. Go back']);
  });

  const afterTime = (line: string) => line.replace(/^[0-9:]{8}, /, '');
});
