import type { ErrorFacts } from '../../../core/index.ts';
import { layoutIn } from '../model/layout.ts';
import type { TuiState } from '../model/state.ts';
import { cut, pad, wrap } from '../model/text.ts';
import { type Line, line } from './line.ts';
import { glyph, type Look } from './look.ts';

const names = { what: '', why: 'Why', now: 'Now', hint: 'To do', code: 'Code' } as const;
type Part = keyof typeof names;

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
] as const satisfies readonly ({ shorten: Part } | { leaveOut: Part })[];

/**
 * A failure in its four lines: what, why, what is true now, what to do; the code to look it up by, and the last log lines.
 * In as many rows as there are: of the log the last lines, of a long sentence its beginning.
 */
export function errorLines(
  error: ErrorFacts,
  { width, rows }: { width: number; rows: number },
  look: Look,
): readonly Line[] {
  const told = fitted({ ...error, what: `Failed: ${error.what}` }, { width, rows });
  const log = logOf(error, rows - told.reduce((sum, { lines }) => sum + lines.length, 0));
  return [
    ...told.flatMap(({ part, lines }) =>
      lines.map((text, index) =>
        part === 'what'
          ? line({ text: `  ${index === 0 ? glyph('failed', look) : ' '} ${text}`, color: 'red' })
          : line({ text: `    ${pad(index === 0 ? names[part] : '', 8)}`, dim: true }, text),
      ),
    ),
    ...(log.length > 0 ? [line('    Its last log lines')] : []),
    ...log.map((text) => line({ text: `    ${glyph('bar', look)} `, dim: true }, text)),
  ];
}

/** For a failure that is all there is to show, below an empty line. */
export function roomBelow(state: Pick<TuiState, 'size' | 'failure' | 'link'>): { width: number; rows: number } {
  const { columns, bodyRows } = layoutIn(state);
  return { width: Math.min(columns, 100), rows: bodyRows - 1 };
}

function logOf({ log = [] }: ErrorFacts, rows: number): readonly string[] {
  return rows < 2 ? [] : log.slice(-(rows - 1));
}

interface Told {
  readonly part: Part;
  readonly lines: readonly string[];
}

function fitted(error: ErrorFacts, { width, rows }: { width: number; rows: number }): readonly Told[] {
  const widthOf = (part: Part) => width - (part === 'what' ? 4 : 12);
  let told = (Object.keys(names) as Part[]).flatMap((part): Told[] => {
    const text = error[part];
    return text === undefined ? [] : [{ part, lines: wrap(text, widthOf(part)) }];
  });
  const isTooLong = () => told.reduce((sum, { lines }) => sum + lines.length, 0) > rows;
  for (const way of givingWay)
    if ('leaveOut' in way) {
      if (isTooLong()) told = told.filter(({ part }) => part !== way.leaveOut);
    } else
      while (isTooLong() && told.some(({ part, lines }) => part === way.shorten && lines.length > 1))
        told = told.map((one) =>
          one.part === way.shorten ? { ...one, lines: shortened(one.lines, widthOf(one.part)) } : one,
        );
  return told;
}

/** One line fewer, which says that more was there. */
function shortened(lines: readonly string[], width: number): readonly string[] {
  return [...lines.slice(0, -2), cut(lines.slice(-2).join(' '), width)];
}
