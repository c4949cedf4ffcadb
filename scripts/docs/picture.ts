import { widthOf } from '../../src/cli/tui/model/text.ts';
import type { Cell, Color, Line } from '../../src/cli/tui/view/line.ts';

const cell = { width: 8, height: 18 } as const;
const margin = 14;

/** On a ground of its own, so that they can be read on light and on dark pages. */
export const ground = '#1b1f27';
export const inks: Readonly<Record<Color | 'plain' | 'dim', string>> = {
  plain: '#d9dce3',
  dim: '#a0a7b4',
  green: '#82cb7f',
  cyan: '#6fc8d6',
  yellow: '#e3b862',
  red: '#f28b87',
};

/** The frame of a screen as an SVG file: text in whatever monospace font the reader has, each piece in its columns. */
export function pictureOf(frame: readonly Line[], title: string): string {
  const columns = Math.max(...frame.map((line) => widthOf(line.map(({ text }) => text).join(''))));
  const [width, height] = [columns * cell.width + 2 * margin, frame.length * cell.height + 2 * margin];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${ground}"/>`,
    ...frame.flatMap((line, row) => piecesOf(line).map((piece) => drawn(piece, row))),
    '</svg>',
    '',
  ].join('\n');
}

const style = [
  `text{font:13.3px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:${inks.plain}}`,
  ...(['green', 'cyan', 'yellow', 'red', 'dim'] as const).map((ink) => `.${ink}{fill:${inks[ink]}}`),
  '.bold{font-weight:bold}',
  `.inverse{fill:${ground}}`,
].join('');

interface Piece {
  readonly text: string;
  readonly column: number;
  readonly classes: string;
  readonly ink: string;
}

/** What looks the same, without the spaces around it: those are where nothing is drawn. */
function piecesOf(line: Line): readonly Piece[] {
  const pieces: Piece[] = [];
  let column = 0;
  for (const { text, ...look } of merged(line)) {
    for (const found of text.matchAll(look.inverse ? /.+/g : /\S+(?: \S+)*/g)) {
      const at = column + widthOf(text.slice(0, found.index));
      pieces.push({ text: found[0], column: at, classes: classesOf(look), ink: inks[look.color ?? 'plain'] });
    }
    column += widthOf(text);
  }
  return pieces;
}

function merged(line: Line): readonly Cell[] {
  const found: Cell[] = [];
  for (const one of line) {
    const before = found.at(-1);
    if (before && classesOf(before) === classesOf(one)) found.splice(-1, 1, { ...one, text: before.text + one.text });
    else found.push(one);
  }
  return found;
}

function classesOf({ color, bold, dim, inverse }: Omit<Cell, 'text'>): string {
  return [color ?? (dim && 'dim'), bold && 'bold', inverse && 'inverse'].filter(Boolean).join(' ');
}

function drawn({ text, column, classes, ink }: Piece, row: number): string {
  const [x, top] = [margin + column * cell.width, margin + row * cell.height];
  const width = widthOf(text) * cell.width;
  const behind = classes.includes('inverse')
    ? `<rect x="${x}" y="${top}" width="${width}" height="${cell.height}" fill="${ink}"/>`
    : '';
  const look = classes === '' ? '' : ` class="${classes}"`;
  return `${behind}<text x="${x}" y="${top + 13}" textLength="${width}"${look}>${escaped(text)}</text>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
