import { expect, it } from 'vitest';
import { pressed, shownLines } from '../support/press.ts';
import { aStudy, aTuiState } from '../support/states.ts';

it('shows the line under the cursor, wherever it is', () => {
  const state = aTuiState({ studies: [aStudy()], size: { columns: 60, rows: 15 } });

  const lines = shownLines(pressed(state, ':', ...Array<string>(30).fill('Down')));

  expect(lines.filter((line) => line.includes('❯'))).toHaveLength(1);
});

it('says of the line under the cursor why it cannot be done now', () => {
  const busy = { operation: 'op1', verb: 'backup', by: 'jonas@office' } as const;
  const lines = shownLines(pressed(aTuiState({ studies: [aStudy({ busy })] }), ':', ...'deploy'));

  expect(lines.at(-3)).toBe(' Not now: jonas@office is at work on it: backup.');
});
