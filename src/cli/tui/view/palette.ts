import { type Found, foundActions } from '../model/screens/palette.ts';
import type { ScreenOf } from '../model/state.ts';
import { cut, pad } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { emptyLine, type Line, line } from './line.ts';
import { glyph } from './look.ts';
import { linesAround, typing } from './typing.ts';

export const paletteBody: DrawBody<'palette'> = (state, screen, { columns, bodyRows }, look): Body => {
  const width = Math.min(60, columns - 4);
  const found = foundActions(state, screen);
  const rows = found.map(({ key, label, blocked, command }, index) => {
    const told =
      command !== undefined
        ? `${cut(label, width - 22)} (shell)`
        : blocked === undefined
          ? label
          : `${cut(label, width - 20)} (not now)`;
    const text = ` ${glyph(index === screen.cursor ? 'cursor' : 'waiting', look)} ${pad(told, width - 10)}${pad(key, 6, 'right')}`;
    return line('  ', index === screen.cursor ? { text, inverse: true } : text);
  });
  return {
    title: line({ text: ' oForest', bold: true }, ` ${glyph('into', look)} Find an action`),
    body: [
      line({ text: '  > ', color: 'cyan' }, ...typing(screen.field.text, screen.field.cursor, width - 4, look)),
      emptyLine,
      ...(rows.length > 0 ? linesAround(rows, screen.cursor, bodyRows - 2) : [line('  Nothing matches. Esc closes.')]),
    ],
    summary: summaryLine(screen, found[screen.cursor]),
  };
};

/** For whom it is, and why it would be refused. */
function summaryLine({ stack }: ScreenOf<'palette'>, under: Found | undefined): Line {
  if (under?.blocked !== undefined) return line(` Not now: ${under.blocked}`);
  if (under?.command !== undefined) return line(` From the command line: ${under.command}`);
  return stack === undefined ? emptyLine : line(` For: ${stack}`);
}
