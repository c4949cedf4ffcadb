import { layoutIn, layoutOf } from './layout.ts';
import { firstFrom, type LogEntry, type LogItem, sieve } from './log-lines.ts';
import type { LogsScreen } from './screens/logs.ts';
import type { TuiState } from './state.ts';
import { hardWrap } from './text.ts';

/** A row of the screen: a line of the log, or a piece of one that is wrapped. */
export interface LogRow {
  readonly item: LogItem;
  readonly text: string;
  /** Whether the line begins here. */
  readonly isFirst: boolean;
}

/** Where a window begins: an index, and how many rows of that item are above it. */
export interface Place {
  readonly index: number;
  readonly skip: number;
}

/** What a window is cut from. */
interface Shape {
  readonly items: readonly LogItem[];
  /** Rows that fit. */
  readonly height: number;
  /** Cells of text in a row, where lines are wrapped. */
  readonly wrapAt: number | undefined;
}

/** The window into a log. */
export interface LogWindow extends Shape {
  readonly place: Place;
  readonly rows: readonly LogRow[];
  /** The last item of which something is seen; -1 when nothing is. */
  readonly bottom: number;
  readonly isAtEnd: boolean;
}

/** What is read: held still for somebody who has scrolled up, else everything, of which the end is shown. */
export function logWindow(state: TuiState, screen: LogsScreen): LogWindow {
  const { paused, buffer } = screen;
  return windowInto(paused ? paused.held : buffer.lines, paused, state, screen);
}

/** The window that begins at this number, or at the end of the log. */
export function windowInto(
  entries: readonly LogEntry[],
  from: { readonly top: number; readonly skip: number } | undefined,
  state: TuiState,
  screen: LogsScreen,
): LogWindow {
  const items = sieve(entries, screen);
  const shape = { items, height: logRows(state, screen), wrapAt: screen.wrap ? textWidth(state, screen) : undefined };
  if (!from) return windowAt(shape, endOf(shape));
  const index = firstFrom(items, from.top);
  const first = items[index];
  // It may have more or fewer pieces now than when it was scrolled to.
  const skip = first?.seq === from.top ? Math.min(from.skip, piecesOf(first, shape).length - 1) : 0;
  return windowAt(shape, { index, skip });
}

/** The window so many rows further down, or up where that is less than none. */
export function windowMoved(window: LogWindow, by: number): LogWindow {
  const { items, place } = window;
  let { index } = place;
  let skip = place.skip + by;
  while (skip < 0 && index > 0) {
    index -= 1;
    skip += piecesOf(items[index], window).length;
  }
  while (index < items.length && skip >= piecesOf(items[index], window).length) {
    skip -= piecesOf(items[index], window).length;
    index += 1;
  }
  return windowAt(window, { index, skip: Math.max(0, skip) });
}

/** The window with an item in its upper third. */
export function windowAround(index: number, window: LogWindow): LogWindow {
  const at = windowAt(window, { index, skip: 0 });
  return at.isAtEnd ? at : windowMoved(at, -Math.floor(window.height / 3));
}

function windowAt({ items, height, wrapAt }: Shape, wanted: Place): LogWindow {
  const shape = { items, height, wrapAt };
  const last = endOf(shape);
  const isAtEnd = wanted.index > last.index || (wanted.index === last.index && wanted.skip >= last.skip);
  const place = isAtEnd ? last : wanted;
  const rows: LogRow[] = [];
  let bottom = place.index - 1;
  while (rows.length < height && bottom + 1 < items.length) {
    bottom += 1;
    const item = items[bottom]!;
    const skip = bottom === place.index ? place.skip : 0;
    for (const [piece, text] of piecesOf(item, shape).entries())
      if (piece >= skip && rows.length < height) rows.push({ item, text, isFirst: piece === 0 });
  }
  return { ...shape, place, rows, bottom, isAtEnd };
}

/** The last page: nothing below it, and no row of it empty where there is enough to fill it. */
function endOf(shape: Shape): Place {
  let index = shape.items.length;
  let rows = 0;
  while (index > 0 && rows < shape.height) {
    index -= 1;
    rows += piecesOf(shape.items[index], shape).length;
  }
  return { index, skip: Math.max(0, rows - shape.height) };
}

function piecesOf(item: LogItem | undefined, { wrapAt }: Shape): readonly string[] {
  if (item?.kind !== 'line') return [''];
  return wrapAt === undefined ? [item.entry.text] : hardWrap(item.entry.text, wrapAt);
}

/** Rows for lines of the log: what is typed or filtered by takes one where the layout has no line for the summary. */
export function logRows(state: TuiState, { typing, filter, search }: LogsScreen): number {
  const { bodyRows, kind } = layoutIn(state);
  const isTold = typing !== undefined || filter !== '' || search !== '';
  return Math.max(1, bodyRows - (isTold && (kind === 'compact' || kind === 'tiny') ? 1 : 0));
}

const timeWidths = { time: 9, date: 15, off: 0 } as const;
export const markWidth = 3;
export const partWidth = 6;

/** Cells before the text: marks, time and part. */
function prefixWidth(state: TuiState, screen: LogsScreen): number {
  return markWidth + timeWidths[shownTimes(state, screen)] + (screen.part === 'all' ? partWidth : 0);
}

/** A tiny screen has no room for times. */
export function shownTimes({ size }: TuiState, { times }: LogsScreen): LogsScreen['times'] {
  return layoutOf(size).kind === 'tiny' ? 'off' : times;
}

function textWidth(state: TuiState, screen: LogsScreen): number {
  return Math.max(10, state.size.columns - prefixWidth(state, screen));
}
