import { safeText } from '../../../core/index.ts';
import { failureIn, failureRows, type Layout, layoutIn } from '../model/layout.ts';
import { type TuiState, topScreen } from '../model/state.ts';
import { cut, toAscii, wrap } from '../model/text.ts';
import { aboutLine } from './about.ts';
import { bodyOf } from './bodies.ts';
import { errorLines } from './error.ts';
import { failedLately } from './failed-lately.ts';
import { hintLine } from './hints.ts';
import { type Cell, emptyLine, fitHeight, fitLine, type Line, line, spread } from './line.ts';
import { linkLine, troubleLine } from './link.ts';
import { glyph, type Look } from './look.ts';
import { readable } from './readable.ts';
import { tourHint } from './tour.ts';

/**
 * The whole screen as lines: exactly as many as it has rows, none wider than it has columns, whatever the state. A frame
 * that is one row too high makes a terminal flicker at every change.
 */
export function frameOf(state: TuiState, look: Look): readonly Line[] {
  const layout = layoutIn(state);
  if (layout.kind === 'refused') return fitFrame(tooSmall(state), layout, look);
  const { title, body, summary, more, keepsSummary } = bodyOf(state, layout, look);
  const { columns, bodyRows, kind } = layout;
  const rule = line({ text: glyph('rule', look).repeat(columns), dim: true });
  const head = spread(title, linkLine(state, look), columns);
  const middle = [...fitHeight(body, bodyRows), ...failureBlock(state, layout, look)];
  const notice = noticeLine(state, layout, look);
  const hints = hintLine(state, columns);
  // What has no line of its own stands where a notice would.
  if (kind === 'tiny') return fitFrame([head, ...middle, notice ?? hints], layout, look);
  // A half of some summaries would mislead: there a notice stands in for the hints, until the next key.
  const said = state.notice === undefined && !failureIn(state) ? hints : (notice ?? hints);
  if (kind === 'compact')
    return fitFrame([head, ...middle, ...(keepsSummary ? [summary, said] : [notice ?? summary, hints])], layout, look);
  const top = [head, aboutLine(state, columns, look), rule, ...middle, rule];
  if (keepsSummary && more) return fitFrame([...top, summary, more, said], layout, look);
  const told = keepsSummary ? undefined : longNotice(state, columns);
  const foot = told ?? [summary, notice ?? more ?? emptyLine];
  return fitFrame([...top, ...foot, hints], layout, look);
}

function fitFrame(lines: readonly Line[], { rows, columns }: Layout, look: Look): readonly Line[] {
  const fitted = fitHeight(lines, rows).map((one) =>
    fitLine(
      one.map(withSafeText).flatMap((cell) => readable(cell, look)),
      columns,
    ),
  );
  return look.ascii ? fitted.map((one) => one.map((cell) => ({ ...cell, text: toAscii(cell.text) }))) : fitted;
}

const plain = /^[\x20-\x7e]*$/;

/** Whatever came from outside and from wherever: nothing that a terminal obeys gets through here. */
function withSafeText(cell: Cell): Cell {
  return plain.test(cell.text) ? cell : { ...cell, text: safeText(cell.text).replace(/[\t\n]/g, ' ') };
}

function tooSmall({ size: { columns, rows } }: TuiState): readonly Line[] {
  return [
    ...wrap(`oForest needs 40x8, this is ${columns}x${rows}.`, columns).map((text) => line(text)),
    line('q quits.'),
  ];
}

function noticeLine(state: TuiState, layout: Layout, look: Look): Line | undefined {
  const { columns, kind } = layout;
  const { notice, failure } = state;
  if (notice !== undefined) return line(` ${notice}`);
  if (!failure) return troubleLine(state, columns, look) ?? failedLine(state, layout, look) ?? tourLine(state, layout);
  const away = line({ text: ' Esc', bold: true }, ' puts this away ');
  if (kind !== 'tiny') return away;
  const { what, why } = failure;
  const text = why === undefined ? what : `${what}: ${why}`;
  return spread(line({ text: ` ${glyph('failed', look)} ${text}`, color: 'red' }), away, columns);
}

/** A notice that one line is too short for takes that of the summary as well. */
function longNotice({ notice = '' }: TuiState, columns: number): readonly Line[] | undefined {
  const [first = '', ...rest] = wrap(notice, columns - 2);
  return rest.length === 0 ? undefined : [line(` ${first}`), line(` ${cut(rest.join(' '), columns - 2)}`)];
}

function failureBlock(state: TuiState, { columns, kind }: Layout, look: Look): readonly Line[] {
  const failure = failureIn(state);
  const rows = failureRows[kind];
  if (!failure || rows === 0) return [];
  const told = errorLines(failure, { width: Math.min(columns, 100), rows: rows - 1 }, look);
  const rule = line({ text: glyph('rule', look).repeat(columns), dim: true });
  return [...Array.from({ length: rows - 1 - told.length }, () => emptyLine), rule, ...told];
}

function failedLine(state: TuiState, { columns, kind }: Layout, look: Look): Line | undefined {
  return topScreen(state).name === 'experiments' && kind !== 'tiny' ? failedLately(state, columns, look) : undefined;
}

/** What to try next, on a screen from which it can be tried, and where it takes the place of nothing that is asked. */
function tourLine(state: TuiState, { columns, kind }: Layout): Line | undefined {
  const { name } = topScreen(state);
  const hasRoom = name === 'experiments' ? kind !== 'tiny' : name === 'study' && (kind === 'normal' || kind === 'wide');
  const hint = hasRoom ? tourHint(state) : undefined;
  if (!hint) return undefined;
  const hides = columns < 80 ? emptyLine : line({ text: `  ${hint.hiddenBy}`, bold: true }, ' hides this ');
  return spread(line(` ${hint.text}`), hides, columns);
}
