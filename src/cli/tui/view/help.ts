import { globalBindings } from '../model/global-bindings.ts';
import { bindingsOf } from '../model/screens.ts';
import type { Body, DrawBody } from './bodies.ts';
import { line } from './line.ts';
import { glyph } from './look.ts';
import { pad } from './text.ts';

export const helpBody: DrawBody<'help'> = (_, { about, field, top }, { bodyRows }, look): Body => {
  const word = field.text.toLowerCase();
  const rows = [...bindingsOf(about), ...globalBindings]
    .map(({ keys, does }) => ({ keys: keys.join(' '), does }))
    .filter(({ keys, does }) => `${keys} ${does}`.toLowerCase().includes(word))
    .map(({ keys, does }) => line({ text: `  ${pad(keys, 30)} `, bold: true }, does));
  const from = Math.min(top, Math.max(0, rows.length - bodyRows + 1));
  return {
    title: line({ text: ' oForest', bold: true }, ` ${glyph('into', look)} Help: ${about}`),
    body: rows.length > 0 ? rows.slice(from, from + bodyRows) : [line('  No key does that.')],
    summary: line({ text: ' / ', color: 'cyan' }, `${field.text}${glyph('typing', look)}   type to filter`),
  };
};
