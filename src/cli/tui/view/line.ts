import { cut, pad, widthOf } from '../model/text.ts';
import { glyph, type Look } from './look.ts';

/** Of the 16 ANSI colours: those that can be read on light and on dark. */
export type Color = 'green' | 'cyan' | 'yellow' | 'red';

/** A piece of a line with one look. The text is safe and on one line. */
export interface Cell {
  readonly text: string;
  /** Of its sign; its words are drawn so that they can be read anywhere: see `readable`. */
  readonly color?: Color;
  readonly bold?: true;
  /** As with the colour: rules, bars and signs alone. */
  readonly dim?: true;
  readonly inverse?: true;
}

/** One line of the screen, from the left. */
export type Line = readonly Cell[];

export const emptyLine: Line = [];

export function line(...cells: readonly (Cell | string)[]): Line {
  return cells.map((cell) => (typeof cell === 'string' ? { text: cell } : cell));
}

export function widthOfLine(cells: Line): number {
  return cells.reduce((width, { text }) => width + widthOf(text), 0);
}

/** The line in so many cells at most. */
export function cutLine(cells: Line, width: number): Line {
  const kept: Cell[] = [];
  let left = width;
  for (const cell of cells) {
    if (left <= 0) break;
    const text = cut(cell.text, left);
    kept.push(text === cell.text ? cell : { ...cell, text });
    left -= widthOf(text);
  }
  return kept;
}

/** The line in exactly so many cells. */
export function fitLine(cells: Line, width: number): Line {
  const short = cutLine(cells, width);
  const missing = width - widthOfLine(short);
  return missing > 0 ? [...short, { text: ' '.repeat(missing) }] : short;
}

/** `left` from the left and `right` at the right end; the left one gives way, and they do not touch. */
export function spread(left: Line, right: Line, width: number): Line {
  const taken = widthOfLine(right);
  const room = Math.max(0, width - taken);
  const shown = taken > 0 ? cutLine(left, Math.max(0, room - 1)) : left;
  return [...fitLine(shown, room), ...cutLine(right, width)];
}

/** Two blocks beside each other, the left one of this width. */
export function beside(left: readonly Line[], right: readonly Line[], leftWidth: number): readonly Line[] {
  const rows = Math.max(left.length, right.length);
  return Array.from({ length: rows }, (_, row) => [...fitLine(left[row] ?? [], leftWidth), ...(right[row] ?? [])]);
}

/** Exactly so many lines: cut, or filled with empty ones. */
export function fitHeight(lines: readonly Line[], rows: number): readonly Line[] {
  return Array.from({ length: Math.max(0, rows) }, (_, row) => lines[row] ?? emptyLine);
}

/** What stands below it, over the whole width. */
export function heading(text: string, width: number, look: Look): Line {
  const rule = glyph('rule', look);
  const before = `${rule}${rule} ${text} `;
  return line({ text: before + rule.repeat(Math.max(0, width - widthOf(before))), dim: true });
}

/** A name and what it is, in two columns. */
export function fact(name: string, value: string | Cell, nameWidth: number): Line {
  return line({ text: pad(name, nameWidth), dim: true }, value);
}
