import type { ErrorFacts } from '../../../core/index.ts';
import type { TuiState } from './state.ts';

/** Of the terminal, in cells. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/**
 * How much fits. `refused`: a sentence alone; `tiny`: a list and one line; `compact`: no tabs, one line of hints; `normal`
 * from 80x24; `wide` from 110 columns: a second pane.
 */
export type LayoutKind = 'refused' | 'tiny' | 'compact' | 'normal' | 'wide';

export interface Layout extends Size {
  readonly kind: LayoutKind;
  /** Rows between head and foot. */
  readonly bodyRows: number;
}

/** Rows that head and foot take: title, tabs and rule; rule, summary, notice and hints. */
const around: Readonly<Record<LayoutKind, number>> = { refused: 0, tiny: 2, compact: 3, normal: 7, wide: 7 };

/** The layout of a size. On Windows a frame of full height makes Ink clear the screen each time: one row stays free. */
export function layoutOf({ columns, rows }: Size, platform: NodeJS.Platform = process.platform): Layout {
  const usable = platform === 'win32' ? rows - 1 : rows;
  const kind = kindOf(columns, usable);
  return { columns, rows: usable, kind, bodyRows: Math.max(0, usable - around[kind]) };
}

/** Rows above the foot in which a failure is told. A tiny screen has its one line. */
export const failureRows: Readonly<Record<LayoutKind, number>> = {
  refused: 0,
  tiny: 0,
  compact: 6,
  normal: 7,
  wide: 7,
};

/** What somebody has to read: it stays until it is put away, or until its cause is gone where only a person can mend that. */
export function failureIn({ failure, link }: Pick<TuiState, 'failure' | 'link'>): ErrorFacts | undefined {
  const needsPerson = link.kind === 'offline' && link.nextTryAt === 'when-asked';
  return failure ?? (needsPerson ? link.error : undefined);
}

/** The layout in a state: what a failure takes is no room for anything else. */
export function layoutIn(state: Pick<TuiState, 'size' | 'failure' | 'link'>): Layout {
  const layout = layoutOf(state.size);
  return failureIn(state) ? { ...layout, bodyRows: Math.max(0, layout.bodyRows - failureRows[layout.kind]) } : layout;
}

function kindOf(columns: number, rows: number): LayoutKind {
  if (columns < 40 || rows < 8) return 'refused';
  if (columns < 60 || rows < 15) return 'tiny';
  if (columns < 80 || rows < 23) return 'compact';
  return columns < 110 ? 'normal' : 'wide';
}
