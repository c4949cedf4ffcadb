import { expect, it } from 'vitest';
import { topScreen } from '../../../../src/cli/tui/model/state.ts';
import { aTuiState } from '../support/states.ts';
import { textOf } from '../support/text-of.ts';
import { effectsOf, walkFrom } from '../support/walk.ts';

it('clears the filter of a list by Ctrl-C before anything is said of leaving', () => {
  const cleared = walkFrom(aTuiState()).press('/', '3', 'Ctrl-C');

  expect(topScreen(cleared.state)).toMatchObject({ list: { filter: { text: '' }, isTyping: false } });
  expect(cleared.state.notice).toBeUndefined();
  expect(cleared.press('Ctrl-C').state.notice).toContain('Press Ctrl-C again to leave');
});

it('copies nothing where nothing is on the screen, and says so', () => {
  const copied = walkFrom(aTuiState()).press('l', 'c');

  expect(effectsOf(copied, 'copy')).toEqual([]);
  expect(copied.state.notice).toBe('There is nothing on the screen to copy.');
});

it('says whole what it needs where the terminal is too small', () => {
  const lines = textOf(aTuiState({ size: { columns: 30, rows: 6 } }));

  expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain('oForest needs 40x8, this is 30x6. q quits.');
});
