import { expect, it } from 'vitest';
import type { TuiState } from '../../../../src/cli/tui/model/state.ts';
import { pressed, shownLines } from '../support/press.ts';
import { aStudy, aTuiState } from '../support/states.ts';

const below = (state: TuiState) => shownLines(state)[1];
const studies = [aStudy({ people: 24 })];
const onStudy = pressed(aTuiState({ studies }), 'Enter');
const study = ' ● Running  24 people are in a session.             https://trust-game.lab.test';
const tabs = ' [1 Experiments]  2 Backups  3 Activity  4 Server check';

it('says below the title how the study is, on every screen about it', () => {
  expect(['', 'l', 'h', 'd', 'b', 's'].map((key) => below(pressed(onStudy, key)))).toEqual(Array(6).fill(study));
});

it('says in the same words that nobody is there, before the study was asked and after', () => {
  const empty = pressed(aTuiState({ studies: [aStudy({ people: 0 })] }), 'Enter');

  expect(below(empty)).toMatch(/^ ● Running {2}Nobody is in a session\. /);
});

it.each(['stopped', 'deleted'] as const)('says nothing of people where the study is %s', (state) => {
  const was = pressed(aTuiState({ studies: [aStudy({ state })] }), 'Enter');
  const details = {
    'trust-game': { status: undefined, releases: [], people: 'Nobody is in a session.' },
  };

  expect(below({ ...was, details })).not.toContain('session');
});

it('leaves nothing of it out for a long address', () => {
  const url = 'http://public-goods.sandbox.localhost:7080/anywhere';
  const long = pressed(aTuiState({ studies: [aStudy({ people: 0, url })] }), 'Enter');

  expect(below(long)).toBe(' ● Running  Nobody is in a session.  http://public-goods.s…alhost:7080/anywhere');
});

it('shows the tabs where one of them is open', () => {
  expect(below(aTuiState({ studies }))).toBe(tabs);
  expect(below(pressed(onStudy, '3'))).toBe(' 1 Experiments  2 Backups  [3 Activity]  4 Server check');
});

it('leaves it there while something is open for a moment', () => {
  expect([':', '?', 'n', 'g'].map((key) => below(pressed(aTuiState({ studies }), key)))).toEqual(Array(4).fill(tabs));
  expect(below(pressed(onStudy, ':'))).toBe(study);
});

it('says it in the first line of the study where there is no line below the title', () => {
  const lines = shownLines(pressed(aTuiState({ studies, size: { columns: 60, rows: 15 } }), 'Enter'));

  expect(lines.slice(0, 3)).toEqual([
    ' oForest › trust-game                                ● live',
    ' ● Running  24 people are in a session.',
    ' ❯ d  Deploy an image',
  ]);
});
