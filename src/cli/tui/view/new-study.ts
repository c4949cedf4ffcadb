import { objectionTo } from '../model/screens/new-study.ts';
import { wrap } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { emptyLine, line } from './line.ts';
import { glyph } from './look.ts';
import { typing } from './typing.ts';

export const newStudyBody: DrawBody<'new-study'> = (state, screen, { columns }, look): Body => {
  const { field } = screen;
  const objection = field.text === '' ? undefined : objectionTo(state, screen);
  const told = objection ?? 'The name becomes the first part of its address, and people will type it.';
  return {
    title: line({ text: ' oForest', bold: true }, ` ${glyph('into', look)} New experiment`),
    body: [
      line('  What is its name? 3 to 24 of a-z, 0-9 and single dashes.'),
      line(
        { text: `  ${glyph('cursor', look)} `, color: 'cyan' },
        ...typing(field.text, field.cursor, columns - 6, look),
      ),
      emptyLine,
      ...wrap(told, columns - 4).map((text) =>
        line({
          text: `  ${text}`,
          ...(objection === undefined ? { dim: true as const } : { color: 'yellow' as const }),
        }),
      ),
    ],
    summary: line({ text: ' Nothing changes yet: its image comes next, and then the question.', dim: true }),
  };
};
