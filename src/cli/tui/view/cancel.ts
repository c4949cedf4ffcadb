import { nounOfVerb } from '../../../core/index.ts';
import { choicesOf, hasEnded, questionOf, whatStays } from '../model/screens/cancel.ts';
import { oforestOn } from '../model/shown-server.ts';
import { wrap } from '../model/text.ts';
import type { Body, DrawBody } from './bodies.ts';
import { emptyLine, line } from './line.ts';
import { glyph } from './look.ts';
import { sameAsLines } from './same-as-lines.ts';
import { choiceLines } from './typing.ts';

const readableWidth = 78;

export const cancelBody: DrawBody<'cancel'> = (state, screen, layout, look): Body => {
  const into = glyph('into', look);
  const width = Math.min(layout.columns, readableWidth) - 4;
  const choices = choiceLines(choicesOf(state, screen), screen.cursor, look);
  const told = hasEnded(state, screen)
    ? [`The ${nounOfVerb(screen.verb)} has ended meanwhile: there is nothing to cancel.`]
    : [questionOf(state, screen), ...whatStays(state, screen)];
  const lines = told.flatMap((text, index) =>
    wrap(text, width).map((part) => line({ text: `  ${part}`, ...(index === 0 && { bold: true as const }) })),
  );
  return {
    title: line(
      { text: ' oForest', bold: true },
      ` ${into} ${screen.stack} ${into} Cancel the ${nounOfVerb(screen.verb)}`,
    ),
    body: [...[emptyLine, ...lines].slice(0, Math.max(1, layout.bodyRows - choices.length - 1)), emptyLine, ...choices],
    ...sameAsLines(`${oforestOn(state)} cancel ${screen.operation}`, layout, { isCopied: false }),
  };
};
