import { expect, it } from 'vitest';
import { pressed, shownLines } from '../support/press.ts';
import { aStudy, aTuiState } from '../support/states.ts';

const on = (columns: number, rows: number) => ({ columns, rows });
/** What stands between head and foot. */
const helpLinesOf = (...[state, ...keys]: Parameters<typeof pressed>) =>
  shownLines(pressed(state, ...keys)).slice(3, -4);

it('names what keys do as a person would, and what they do at other times apart from that', () => {
  const state = aTuiState({ studies: [aStudy()], size: on(80, 60) });

  const lines = helpLinesOf(state, 'Enter', '?');
  expect(lines).toContain('  p                              see the links that participants get');
  const later = lines.slice(lines.indexOf('  Not now'));
  expect(later).toContain('  w                              watch what runs');
  expect(later.join('\n')).not.toContain('the links that participants get');
});

it('says why something cannot be done now', () => {
  const busy = { operation: 'op1', verb: 'backup', by: 'jonas@office' } as const;
  const state = aTuiState({ studies: [aStudy({ busy })], size: on(120, 60) });

  const lines = helpLinesOf(state, 'Enter', '?');
  expect(lines.slice(lines.indexOf('  Not now'))).toContain(
    '  d                              deploy an image (jonas@office is at work on it: backup.)',
  );
});

it('breaks a long line rather than cutting it, on 60x15', () => {
  const lines = shownLines(pressed(aTuiState({ size: on(60, 15) }), '?', ...'sort'));

  expect(lines.slice(1, 3)).toEqual([
    '  S                sort by the next column; the mark in the',
    '                   headings says which',
  ]);
});

it('scrolls to its last line and no further', () => {
  const state = pressed(aTuiState(), '?', ...Array<string>(40).fill('Down'));

  expect(shownLines(state)).not.toEqual(shownLines(pressed(state, 'Up')));
  expect(shownLines(state)).toEqual(shownLines(pressed(state, 'Down')));
});
