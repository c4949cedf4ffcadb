import type { ErrorFacts } from '../../../core/index.ts';
import { type FailurePart, type FailureRow, fittedRows } from '../model/failure-rows.ts';
import { layoutIn } from '../model/layout.ts';
import type { TuiState } from '../model/state.ts';
import { pad } from '../model/text.ts';
import { type Line, line } from './line.ts';
import { glyph, type Look } from './look.ts';

const names: Readonly<Record<FailurePart, string>> = {
  ...{ what: '', why: 'Why', now: 'Now', hint: 'To do', code: 'Code' },
};

/**
 * A failure in its four lines: what, why, what is true now, what to do; the code to look it up by, and the last log lines.
 * In as many rows as there are: of the log the last lines, of a long sentence its beginning.
 */
export function errorLines(error: ErrorFacts, room: { width: number; rows: number }, look: Look): readonly Line[] {
  return fittedRows(error, room).map((row) => failureLine(row, look));
}

export function failureLine({ of, text, isFirst }: FailureRow, look: Look): Line {
  switch (of) {
    case 'heading':
      return line(`    ${text}`);
    case 'log':
      return line({ text: `    ${isFirst ? glyph('bar', look) : ' '} `, dim: true }, text);
    case 'what':
      return line({ text: `  ${isFirst ? glyph('failed', look) : ' '} ${text}`, color: 'red' });
    default:
      return line({ text: `    ${pad(isFirst ? names[of] : '', 8)}`, dim: true }, text);
  }
}

/** For a failure that is all there is to show, below an empty line. */
export function roomBelow(state: Pick<TuiState, 'size' | 'failure' | 'link'>): { width: number; rows: number } {
  const { columns, bodyRows } = layoutIn(state);
  return { width: Math.min(columns, 100), rows: bodyRows - 1 };
}
