import { beginningsOf, isNowhere } from '../model/screens/welcome.ts';
import { wrap } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { emptyLine, type Line, line } from './line.ts';
import { glyph } from './look.ts';

export const whatItIs =
  'oForest takes an oTree experiment to a running study on your own server: with its own address and database, ' +
  'updates that can be taken back, and data that is never dropped without a proven backup.';

const readableWidth = 78;

export const welcomeBody: DrawBody<'welcome'> = (state, { cursor }, { columns, bodyRows }, look): Body => {
  const width = Math.min(columns, readableWidth) - 4;
  const beginnings = beginningsOf(state);
  const label = (index: number): Line =>
    index === cursor
      ? line({ text: `  ${glyph('cursor', look)} ${beginnings[index]?.label}`, bold: true })
      : line(`    ${beginnings[index]?.label}`);
  const told = [emptyLine, ...wrap(whatItIs, width).map((text) => line(`  ${text}`)), emptyLine];
  const whole = beginnings.flatMap(({ means }, index) => [
    label(index),
    ...wrap(means, width - 2).map((text) => line({ text: `    ${text}`, dim: true })),
    emptyLine,
  ]);
  const labels = beginnings.map((_, index) => label(index));
  // Where not all of it fits, what can be chosen is what has to be seen.
  const choices = told.length + whole.length <= bodyRows + 1 ? whole : labels;
  return {
    title: line({ text: ' oForest', bold: true }, isNowhere(state) ? '  Welcome' : `  ${state.server}`),
    body: [...told.slice(0, Math.max(0, bodyRows - choices.length)), ...choices],
    summary: isNowhere(state)
      ? line({ text: ' Nothing is set up on this computer yet.', dim: true })
      : line({ text: ' The guides are in the folder docs of oForest.', dim: true }),
  };
};
