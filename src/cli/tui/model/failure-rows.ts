import type { ErrorFacts } from '../../../core/index.ts';
import { cut, hardWrap, wrap } from './text.ts';

/** A row of a failure: of one of its sentences, the heading of its log, or of its log. */
export interface FailureRow {
  readonly of: FailurePart | 'heading' | 'log';
  readonly text: string;
  /** Whether a sentence begins here. */
  readonly isFirst: boolean;
}

const parts = ['what', 'why', 'now', 'hint', 'code'] as const;
export type FailurePart = (typeof parts)[number];

/** What gives way where not all of it fits, in this order: nobody can do without what to do, nor ask without the code. */
const givingWay = [
  { shorten: 'why' },
  { shorten: 'what' },
  { shorten: 'now' },
  { leaveOut: 'why' },
  { leaveOut: 'now' },
  { shorten: 'hint' },
  { leaveOut: 'code' },
  { leaveOut: 'hint' },
] as const satisfies readonly ({ shorten: FailurePart } | { leaveOut: FailurePart })[];

interface Room {
  readonly width: number;
  readonly rows: number;
}

/** In as many rows as there are: of the log the last lines, of a long sentence its beginning. */
export function fittedRows(error: ErrorFacts, { width, rows }: Room): readonly FailureRow[] {
  const told = rowsOfSentences(fitted(error, { width, rows }));
  const left = rows - told.length;
  return [...told, ...headed(left < 2 ? [] : rowsOfLog(error, width).slice(-(left - 1)))];
}

/** A part of a failure, and how many rows of it are before and after that. */
export interface FailureWindow {
  readonly rows: readonly FailureRow[];
  readonly above: number;
  readonly below: number;
  /** Where somebody who reads on begins: number of the first row after which nothing is left out. */
  readonly from: number;
}

/** The failure where it can be scrolled, from row `top` on; undefined: what matters most, and the end of its log. */
export function failureWindow(
  error: ErrorFacts,
  { width, rows, top }: Room & { top: number | undefined },
): FailureWindow {
  const all = [...rowsOfSentences(sentencesOf(error, width)), ...headed(rowsOfLog(error, width))];
  if (all.length <= rows) return { rows: all, above: 0, below: 0, from: 0 };
  // One says how much is left.
  const height = Math.max(1, rows - 1);
  if (top === undefined) {
    const shown = fittedRows(error, { width, rows: height });
    const end = shown.filter((row) => row.of === 'log').length;
    return { rows: shown, above: all.length - shown.length, below: 0, from: all.length - end };
  }
  const from = Math.max(0, Math.min(top, all.length - height));
  const shown = all.slice(from, from + height);
  return { rows: shown, above: from, below: all.length - from - shown.length, from };
}

/** First row of the page above that one. */
export function pageAbove({ rows, above, from }: FailureWindow): number {
  return above === 0 ? from : Math.max(0, from - rows.length);
}

/** And of the one below; after the end comes what matters most again. */
export function pageBelow({ rows, below, from }: FailureWindow): number | undefined {
  return below === 0 ? undefined : from + rows.length;
}

function rowsOfLog({ log = [] }: ErrorFacts, width: number): readonly FailureRow[] {
  return log.flatMap((line) =>
    hardWrap(line, width - 6).map((text, index) => ({ of: 'log', text, isFirst: index === 0 })),
  );
}

function headed(log: readonly FailureRow[]): readonly FailureRow[] {
  return log.length === 0 ? [] : [{ of: 'heading', text: 'Its last log lines', isFirst: true }, ...log];
}

interface Sentence {
  readonly part: FailurePart;
  readonly lines: readonly string[];
}

function rowsOfSentences(sentences: readonly Sentence[]): readonly FailureRow[] {
  return sentences.flatMap(({ part, lines }) =>
    lines.map((text, index): FailureRow => ({ of: part, text, isFirst: index === 0 })),
  );
}

const widthOfPart = (part: FailurePart, width: number) => width - (part === 'what' ? 4 : 12);

function sentencesOf(error: ErrorFacts, width: number): readonly Sentence[] {
  const told = { ...error, what: `Failed: ${error.what}` };
  return parts.flatMap((part): Sentence[] => {
    const text = told[part];
    return text === undefined ? [] : [{ part, lines: wrap(text, widthOfPart(part, width)) }];
  });
}

function fitted(error: ErrorFacts, { width, rows }: Room): readonly Sentence[] {
  let told = sentencesOf(error, width);
  const isTooLong = () => told.reduce((sum, { lines }) => sum + lines.length, 0) > rows;
  for (const way of givingWay)
    if ('leaveOut' in way) {
      if (isTooLong()) told = told.filter(({ part }) => part !== way.leaveOut);
    } else
      while (isTooLong() && told.some(({ part, lines }) => part === way.shorten && lines.length > 1))
        told = told.map((one) =>
          one.part === way.shorten ? { ...one, lines: shortened(one.lines, widthOfPart(one.part, width)) } : one,
        );
  return told;
}

/** One line fewer, which says that more was there. */
function shortened(lines: readonly string[], width: number): readonly string[] {
  return [...lines.slice(0, -2), cut(lines.slice(-2).join(' '), width)];
}
