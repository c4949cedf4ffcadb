import type { Cell } from './line.ts';
import { isGlyph, type Look } from './look.ts';

const letters = /[\p{L}\p{N}]/u;
const signThenWords = /^(\s*)(\S)(\s+|$)(.*)$/su;

/**
 * The cell as it can be read on any palette. On a light one the 16 colours are as little as 2.4:1, and dim text is half of
 * what there was: so only signs have a colour or are dim, and words are drawn as the terminal draws words. Bold stands for
 * the colours that ask for attention.
 */
export function readable(cell: Cell, look: Look): readonly Cell[] {
  const { text, color, dim } = cell;
  if ((!color && !dim) || !letters.test(text)) return [cell];
  const [, before = '', sign = '', space = '', words = ''] = signThenWords.exec(text) ?? [];
  if (!isGlyph(sign, look)) return [inOwnColor(cell, text)];
  const signed = { ...cell, text: before + sign + space };
  return words === '' ? [signed] : [signed, inOwnColor(cell, words)];
}

function inOwnColor({ color, bold, inverse }: Cell, text: string): Cell {
  const isBold = bold === true || (color !== undefined && color !== 'green');
  return { text, ...(isBold && { bold: true }), ...(inverse && { inverse }) };
}
