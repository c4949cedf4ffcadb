import { helpLines, widthOfKeysIn } from '../model/help-lines.ts';
import { pad } from '../model/text.ts';
import { titleOfScreen } from '../model/titles.ts';
import type { Body, DrawBody } from './bodies.ts';
import { line } from './line.ts';
import { glyph } from './look.ts';

export const helpBody: DrawBody<'help'> = (state, screen, { columns, bodyRows }, look): Body => {
  const { about, field, top } = screen;
  const wide = widthOfKeysIn(columns);
  const lines = helpLines(state, screen).map(({ keys, does }) =>
    line({ text: `  ${pad(keys, wide)} `, bold: true }, does),
  );
  const from = Math.min(top, Math.max(0, lines.length - bodyRows));
  return {
    title: line({ text: ' oForest', bold: true }, ` ${glyph('into', look)} Help: ${titleOfScreen[about]}`),
    body: lines.length > 0 ? lines.slice(from, from + bodyRows) : [line('  No key does that.')],
    summary: line({ text: ' / ', color: 'cyan' }, `${field.text}${glyph('typing', look)}   type to filter`),
  };
};
