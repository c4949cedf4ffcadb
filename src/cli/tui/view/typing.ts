import { type Cell, type Line, line } from './line.ts';
import { glyph, type Look } from './look.ts';

/** A field with its cursor; the part around the cursor where not all of it fits. */
export function typing(text: string, cursor: number, width: number, look: Look): readonly Cell[] {
  const letters = Array.from(text);
  const from = Math.max(0, cursor - width + 1);
  return [
    { text: letters.slice(from, cursor).join('') },
    { text: glyph('typing', look), color: 'cyan' },
    { text: letters.slice(cursor, from + width).join('') },
  ];
}

/** Lines to choose from, the one under the cursor in bold. */
export function choiceLines(labels: readonly string[], cursor: number | undefined, look: Look): readonly Line[] {
  return labels.map((label, index) =>
    index === cursor ? line({ text: `  ${glyph('cursor', look)} ${label}`, bold: true }) : line(`    ${label}`),
  );
}

/** So many of the lines that the one with this number is among them. */
export function linesAround(lines: readonly Line[], at: number, rows: number): readonly Line[] {
  const top = Math.max(0, Math.min(at - Math.floor(rows / 2), lines.length - rows));
  return lines.slice(top, top + Math.max(0, rows));
}
