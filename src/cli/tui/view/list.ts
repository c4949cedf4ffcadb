import type { Layout } from '../model/layout.ts';
import { type List, type Listed, type ListScreen, type Shown, shownOf } from '../model/list.ts';
import type { TuiState } from '../model/state.ts';
import { cut, cutAuthor, cutMiddle, pad } from '../model/text.ts';
import { beside, type Cell, emptyLine, type Line, line } from './line.ts';
import { glyph, type Look } from './look.ts';

/** One column of a list. */
export interface Column<Row> {
  readonly heading: string;
  /** `rest`: what the others leave, up to `atMost`. */
  readonly width: number | 'rest';
  readonly atMost?: number;
  /** Of a text that is too long the middle is left out: two names often differ only at the end. */
  readonly keepsEnd?: true;
  /** Of a person who does not fit, how they came here is left out first. */
  readonly isPerson?: true;
  readonly align?: 'right';
  /** Width of the list from which it is shown: what matters least goes first. Always, where absent. */
  readonly from?: number;
  readonly cell: (row: Row, state: TuiState, look: Look) => Cell | string;
}

/** How the rows of a list screen look. */
export interface ListLook<Row, Of extends ListScreen> {
  readonly listed: Listed<Row, Of>;
  readonly columns: readonly Column<Row>[];
  /** What a wide screen tells beside the list of the row under the cursor. */
  readonly preview?: (row: Row, state: TuiState, width: number, look: Look) => readonly Line[];
  /** Of a screen of so many columns; 47 where it is not said. */
  readonly previewWidth?: (columns: number) => number;
  /** What stands there where there are no rows at all. */
  readonly empty: (state: TuiState, screen: Of, look: Look) => readonly Line[];
}

const usualPreview = () => 47;

/** The list of a screen between head and foot; `summary` only while a filter has something to say there, and not in the list. */
export function drawList<Row, Of extends ListScreen>(
  { listed, columns: all, preview, previewWidth: widthFor = usualPreview, empty }: ListLook<Row, Of>,
  state: TuiState,
  screen: Of,
  { layout, look }: { layout: Layout; look: Look },
): { body: readonly Line[]; summary: Line | undefined; shown: Shown<Row> } {
  const shown = shownOf(state, screen, listed);
  const { filter, isTyping } = screen.list;
  const filtering = isTyping || filter.text !== '';
  const summary = filtering ? filterLine(screen.list, shown.rows.length, look) : undefined;
  if (shown.total === 0) return { body: empty(state, screen, look), summary, shown };

  const previewWidth = widthFor(layout.columns);
  const isWide = layout.kind === 'wide' && preview !== undefined;
  const width = isWide ? layout.columns - previewWidth - 2 : layout.columns;
  const columns = fitting(all, width);
  const { rows, top, height, under } = shown;
  const drawn = rows.slice(top, top + height).map((row) => rowLine(row, row === under, { columns, state, look }));
  // Where there is no line for the summary, the headings give way to what is typed.
  const hasSummary = layout.kind === 'normal' || layout.kind === 'wide';
  const head = summary && !hasSummary ? summary : headings(columns, shown.by, look);
  const list = drawn.length > 0 ? [head, ...drawn] : [head, ...nothingMatches(filter.text, shown.total)];
  if (!hasSummary) return { body: list, summary: undefined, shown };
  if (!isWide || under === undefined) return { body: list, summary, shown };
  const bar: Cell = { text: `${glyph('bar', look)} `, dim: true };
  const lines = preview(under, state, previewWidth - 3, look);
  const pane = Array.from({ length: layout.bodyRows }, (_, index) => [bar, ...(lines[index] ?? [])]);
  return { body: beside(list, pane, width), summary, shown };
}

function nothingMatches(filter: string, total: number): readonly Line[] {
  return [emptyLine, line(`  Nothing matches “${filter}”. Esc shows all ${total}.`)];
}

type Fitting<Row> = Omit<Column<Row>, 'width'> & { readonly width: number };

function fitting<Row>(all: readonly Column<Row>[], width: number): readonly Fitting<Row>[] {
  const columns = all.filter(({ from = 0 }) => width >= from);
  const taken = columns.reduce((sum, { width: own }) => sum + (own === 'rest' ? 2 : own + 2), 3);
  return columns.map((column) => {
    const { width: own, atMost = width } = column;
    return { ...column, width: own === 'rest' ? Math.max(8, Math.min(atMost, width - taken)) : own };
  });
}

/** The column that the list is sorted by has its mark in the gap behind it. */
function headings<Row>(columns: readonly Fitting<Row>[], by: string | undefined, look: Look): Line {
  return line(
    '   ',
    ...columns.map(({ heading, width, align }) => {
      const isSorted = heading === by;
      const text = isSorted ? `${heading}${glyph('sorted', look)}` : heading;
      return { text: `${pad(text, isSorted ? width + 1 : width, align)}${isSorted ? ' ' : '  '}`, dim: true as const };
    }),
  );
}

function rowLine<Row>(
  row: Row,
  isUnderCursor: boolean,
  { columns, state, look }: { columns: readonly Fitting<Row>[]; state: TuiState; look: Look },
): Line {
  const cells = columns.flatMap(({ width, align, cell, keepsEnd, isPerson }): (Cell | string)[] => {
    const given = cell(row, state, look);
    const drawn = typeof given === 'string' ? { text: given } : given;
    const shorten = keepsEnd ? cutMiddle : isPerson ? cutAuthor : cut;
    const text = pad(shorten(drawn.text, width), width, align);
    return [{ ...drawn, text, ...(isUnderCursor && { bold: true as const }) }, '  '];
  });
  return line(isUnderCursor ? { text: `${glyph('cursor', look)}  `, bold: true } : '   ', ...cells);
}

/** Once the filter is kept, letters are keys again: nothing looks as if they were typed into it. */
function filterLine({ filter, isTyping }: List, shown: number, look: Look): Line {
  const end = isTyping ? glyph('typing', look) : ' ';
  return line({ text: ' / ', color: 'cyan' }, `${filter.text}${end}   ${shown} shown`);
}
