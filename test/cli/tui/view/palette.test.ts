import { expect, it } from 'vitest';
import { pressed, shownLines } from '../support/press.ts';
import { aStudy, aTuiState } from '../support/states.ts';

it('shows the line under the cursor, wherever it is', () => {
  const state = aTuiState({ studies: [aStudy()], size: { columns: 60, rows: 15 } });

  const lines = shownLines(pressed(state, ':', ...Array<string>(30).fill('Down')));

  expect(lines.filter((line) => line.includes('❯'))).toHaveLength(1);
});
