import type { Body, DrawBody } from './bodies.ts';
import { emptyLine, line } from './line.ts';
import { glyph } from './look.ts';

export const imageBody: DrawBody<'image'> = (_, { study, field }, { columns }, look): Body => ({
  title: line(
    { text: ' oForest', bold: true },
    ` ${glyph('into', look)} ${study.stack} ${glyph('into', look)} Deploy an image`,
  ),
  body: [
    emptyLine,
    line('  Which image? Its name in the registry, with a tag or a digest.'),
    emptyLine,
    line(
      { text: `  ${glyph('cursor', look)} `, color: 'cyan' },
      ...typing(field.text, field.cursor, columns - 6, look),
    ),
    emptyLine,
    line({ text: '  Nothing changes yet: the next screen says what would.', dim: true }),
  ],
  summary: emptyLine,
});

/** A field with its cursor; the part around the cursor where not all of it fits. */
export function typing(text: string, cursor: number, width: number, look: { ascii: boolean }) {
  const letters = Array.from(text);
  const from = Math.max(0, cursor - width + 1);
  return [
    { text: letters.slice(from, cursor).join('') },
    { text: glyph('typing', look), color: 'cyan' as const },
    { text: letters.slice(cursor, from + width).join('') },
  ];
}
