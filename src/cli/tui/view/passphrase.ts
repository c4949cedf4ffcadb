import { wrap } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { emptyLine, line } from './line.ts';
import { glyph } from './look.ts';
import { typing } from './typing.ts';

export const passphraseBody: DrawBody<'passphrase'> = (
  { server },
  { file, isAgain, field },
  { columns },
  look,
): Body => ({
  title: line(
    { text: ' oForest', bold: true },
    ...[server, 'Passphrase'].filter(Boolean).map((place) => ` ${glyph('into', look)} ${place}`),
  ),
  body: [
    emptyLine,
    ...wrap(`The key ${file} is locked. Which passphrase unlocks it?`, columns - 4).map((text) => line(`  ${text}`)),
    emptyLine,
    line(
      { text: `  ${glyph('cursor', look)} `, color: 'cyan' },
      ...typing(glyph('hidden', look).repeat(Array.from(field.text).length), field.cursor, columns - 6, look),
    ),
    emptyLine,
    isAgain
      ? line({ text: '  That was not it.', color: 'yellow' })
      : line({ text: '  It is kept until you leave, in memory alone.', dim: true }),
  ],
  summary: emptyLine,
});
