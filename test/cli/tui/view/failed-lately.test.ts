import { expect, it } from 'vitest';
import { anActivity } from '../support/activities.ts';
import { pressed, shownLines } from '../support/press.ts';
import { aStudy, aTuiState } from '../support/states.ts';

const studies = [aStudy()];
const error = { code: 'image-crashed', what: 'trying v4', why: 'settings.py is missing.' } as const;
const failed = anActivity({ operation: 'op1', state: 'failed', endedAt: '2026-11-20T13:51:00.000Z', error });
const told = (...activity: readonly ReturnType<typeof anActivity>[]) =>
  shownLines(aTuiState({ studies, activity })).at(-2);

it('is told on the list, with where to read more', () => {
  expect(told(failed)).toBe(' ✖ trust-game: deploy failed 11 min ago: settings.py is missing.    3 says more');
});

it('is told on the list alone, and gives way to whatever was just said', () => {
  const state = aTuiState({ studies, activity: [failed] });

  expect(shownLines(pressed(state, 'Enter')).at(-2)).toBe('');
  expect(shownLines({ ...state, notice: 'The address is copied.' }).at(-2)).toBe(' The address is copied.');
});

it('says why rather than where, with less room', () => {
  const state = aTuiState({ studies, activity: [failed], size: { columns: 60, rows: 15 } });

  expect(shownLines(state).at(-2)).toBe(' ✖ trust-game: deploy failed 11 min ago: settings.py is mis…');
});

it('is not told any more once something else was done, nor where somebody wanted it so, nor after half a day', () => {
  expect(told(anActivity(), failed)).toBe('');
  expect(told({ ...failed, cancelledBy: 'ada' })).toBe('');
  expect(told({ ...failed, endedAt: '2026-11-20T01:51:00.000Z' })).toBe('');
});
