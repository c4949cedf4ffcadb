import { expect, it } from 'vitest';
import { shownOf } from '../../../../src/cli/tui/model/list.ts';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import {
  experimentsScreen,
  listedStudies,
  studyUnderCursor,
} from '../../../../src/cli/tui/model/screens/experiments.ts';
import { type TuiState, topScreen } from '../../../../src/cli/tui/model/state.ts';
import { pressed, shownLines } from '../support/press.ts';
import { aStudy, aTuiState, someNow } from '../support/states.ts';

const named = (...names: readonly string[]) => names.map((experiment) => aStudy({ experiment }));
const under = (state: TuiState) => studyUnderCursor(state, screenOf(state))?.stack;
const rows = (state: TuiState) => shownOf(state, screenOf(state), listedStudies).rows.map(({ stack }) => stack);

function screenOf(state: TuiState) {
  const top = topScreen(state);
  return top.name === 'experiments' ? top : experimentsScreen;
}

it('keeps the cursor on a row when others come before it', () => {
  const state = pressed(aTuiState({ studies: named('b', 'c') }), 'Down');

  const more = { ...state, studies: named('a', 'b', 'b2', 'c') };

  expect(under(more)).toBe('c');
});

it('goes to the first row when that of the cursor is gone', () => {
  const state = pressed(aTuiState({ studies: named('a', 'b') }), 'Down');

  expect(under({ ...state, studies: named('a', 'z') })).toBe('a');
});

it('shows what has all the words of the filter, and none of those with !', () => {
  const studies = [
    ...named('trust-game', 'trust-pilot'),
    aStudy({ experiment: 'trust-old', state: 'stopped' }),
    ...named('market'),
  ];
  const state = pressed(aTuiState({ studies }), '/', ...'trust !stopped');

  expect(rows(state)).toEqual(['trust-game', 'trust-pilot']);
  expect(rows(pressed(state, 'Esc'))).toHaveLength(4);
});

it('can be walked through while the filter is typed', () => {
  const state = pressed(aTuiState({ studies: named('zoo', 'm', 'zebra') }), '/', 'z', 'Down');

  expect(under(state)).toBe('zebra');
});

it('is sorted by the next column with S, which is marked in the headings', () => {
  const studies = [aStudy({ experiment: 'a', people: 2 }), aStudy({ experiment: 'b', people: 7 })];
  const state = aTuiState({ studies });
  expect(shownLines(state).join('\n')).toContain('Experiment↓');

  const sorted = pressed(state, 'S', 'S');

  expect(rows(sorted)).toEqual(['b', 'a']);
  expect(shownLines(sorted).join('\n')).toContain('People↓');
});

it('has what does not run as it should first when it is sorted by state', () => {
  const busy = { operation: 'op1', verb: 'deploy', by: 'ada' };
  const studies = [
    aStudy({ experiment: 'off', state: 'stopped' }),
    aStudy({ experiment: 'well' }),
    aStudy({ experiment: 'busy', busy }),
    aStudy({ experiment: 'crashing', state: 'going-back' }),
  ];

  expect(rows(pressed(aTuiState({ studies }), 'S'))).toEqual(['crashing', 'busy', 'well', 'off']);
});

it('keeps the order for two seconds after a move, and then sorts', () => {
  const before = [aStudy({ experiment: 'a', people: 2 }), aStudy({ experiment: 'b', people: 1 })];
  const moved = pressed(aTuiState({ studies: before }), 'S', 'S', 'Down');
  const people = {
    ...moved,
    studies: [aStudy({ experiment: 'a', people: 2 }), aStudy({ experiment: 'b', people: 9 })],
  };

  expect(rows({ ...people, now: someNow + 1_999 })).toEqual(['a', 'b']);
  const after = reduce(people, { kind: 'ticked' }, someNow + 2_000).state;
  expect(rows(after)).toEqual(['b', 'a']);
  expect(under(after)).toBe('b');
});

it('puts what is new at the end while the order is kept', () => {
  const moved = pressed(aTuiState({ studies: named('b', 'c') }), 'Down');

  expect(rows({ ...moved, studies: named('a', 'b', 'c') })).toEqual(['b', 'c', 'a']);
});

it('says that nothing matches, and how to see all again', () => {
  const state = pressed(aTuiState({ studies: named('a', 'b') }), '/', 'q');

  expect(shownLines(state).join('\n')).toContain('Nothing matches “q”. Esc shows all 2.');
});

it('shows what is typed into the filter on a small screen too', () => {
  const state = pressed(aTuiState({ studies: named('zoo', 'b'), size: { columns: 60, rows: 15 } }), '/', 'z');

  expect(shownLines(state)[1]).toBe(' / z▏   1 shown');
});

it('shows a filter that is kept as one that nothing is typed into', () => {
  const tiny = aTuiState({ size: { columns: 40, rows: 10 } });
  expect(shownLines(pressed(tiny, '/', '1'))[1]).toBe(' / 1▏   1 shown');
  expect(shownLines(pressed(tiny, '/', '1', 'Enter'))[1]).toBe(' / 1    1 shown');
});
