import { expect, it } from 'vitest';
import { pressed, shownLines } from '../support/press.ts';
import { aStudy, aTuiState } from '../support/states.ts';

const busy = { operation: 'op1', verb: 'backup', by: 'jonas@office', step: 'dump' } as const;
const studies = [aStudy({ busy })];

it('says who is at work on it, and at what', () => {
  const lines = shownLines(pressed(aTuiState({ studies }), 'Enter'));

  expect(lines.at(-3)).toBe(' jonas@office is at work on it: back up. Dumping the database…');
});

it('says beside the list what the study under the cursor is at, on 120x40', () => {
  const lines = shownLines(aTuiState({ studies, size: { columns: 120, rows: 40 } }));

  expect(lines.filter((line) => line.includes('At ')).map((line) => line.slice(73))).toEqual([
    'At work     backup by jonas@office',
    'At          Dumping the database',
  ]);
});
