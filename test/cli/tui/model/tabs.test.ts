import { expect, it } from 'vitest';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import { topScreen } from '../../../../src/cli/tui/model/state.ts';
import { keyOf, tabs } from '../../../../src/cli/tui/model/tabs.ts';
import { anActivity, aRunning } from '../support/activities.ts';
import { pressed, shownLines } from '../support/press.ts';
import { aTuiState } from '../support/states.ts';

it.each(tabs.map((tab) => [tab.label, tab] as const))(
  'goes to %s by the number of its place, from anywhere',
  (_, tab) => {
    const deep = pressed(aTuiState(), 'Enter', ...(tab.name === 'activity' ? ['1', 'Enter'] : []));

    const there = pressed(deep, keyOf(tab));

    expect(topScreen(there).name).toBe(tab.name);
    expect(there.screens.length).toBe(tab.name === 'experiments' ? 1 : 2);
  },
);

it('ends what ran for the screens that it leaves', () => {
  const review = pressed(aTuiState(), 'Enter', 's');
  const top = topScreen(review);

  const { effects } = reduce(review, { kind: 'key', key: '1' }, review.now);

  expect(top.name).toBe('review');
  expect(effects).toContainEqual({ kind: 'close', serial: top.serial });
});

it('leaves a tab alone that is open already', () => {
  const state = pressed(aTuiState(), '2', 'S');

  expect(pressed(state, '2')).toEqual(state);
});

it('takes a number that is typed into a field for the field', () => {
  const state = pressed(aTuiState(), '/', '2');

  expect(topScreen(state)).toMatchObject({ name: 'experiments', list: { filter: { text: '2' } } });
});

it('is shown with what is worth knowing, where there is room and nothing else is open', () => {
  const state = aTuiState({ activity: [aRunning(), anActivity({ operation: 'op2' })] });

  expect(shownLines(state)[1]).toContain('[1 Experiments]');
  expect(shownLines(state)[1]).toContain('Activity (1)');
  expect(shownLines(pressed(state, 'Enter'))[1]).not.toContain('Activity');
  expect(shownLines({ ...state, size: { columns: 60, rows: 15 } }).join('\n')).not.toContain('[1');
});

it('stands in help and palette by the registry alone', () => {
  const tab = tabs[1];
  expect(shownLines(pressed(aTuiState(), '?', ...`go to ${tab?.label}`)).join('\n')).toContain(`go to ${tab?.label}`);
  expect(shownLines(pressed(aTuiState(), ':', ...`${tab?.label}`)).join('\n')).toContain(`Go to ${tab?.label}`);
});
