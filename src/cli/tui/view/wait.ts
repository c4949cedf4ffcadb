import { nounOfVerb } from '../../../core/index.ts';
import { commandOf, waitChoices } from '../model/screens/wait.ts';
import { oforestOn } from '../model/shown-server.ts';
import { wrap } from '../model/text.ts';
import { titleOfVerb } from '../model/verbs.ts';
import { endsAt, findWait, type Wait } from '../model/waits.ts';
import type { Body, DrawBody } from './bodies.ts';
import { emptyLine, line } from './line.ts';
import { timeOf } from './link.ts';
import { glyph } from './look.ts';
import { sameAsLines } from './same-as-lines.ts';
import { choiceLines } from './typing.ts';

const readableWidth = 78;

export const waitBody: DrawBody<'wait'> = (state, screen, layout, look): Body => {
  const wait = findWait(state, screen.wait);
  const into = glyph('into', look);
  const title = line(
    { text: ' oForest', bold: true },
    ` ${into} ${screen.stack}${wait ? ` ${into} ${titleOfVerb(wait.verb)}: waiting` : ''}`,
  );
  if (!wait)
    return { title, body: [emptyLine, line('  Nothing waits here any more. Esc goes back.')], summary: emptyLine };
  const width = Math.min(layout.columns, readableWidth) - 4;
  const choices = choiceLines(waitChoices, screen.cursor, look);
  const rows = Math.max(1, layout.bodyRows - choices.length - 1);
  const told = [
    emptyLine,
    ...waitSentences(wait).flatMap((sentence, index) =>
      wrap(sentence, width).map((text) => line({ text: `  ${text}`, ...(index === 0 && { color: 'cyan' as const }) })),
    ),
  ].slice(0, rows);
  return {
    title,
    body: [...told, emptyLine, ...choices],
    ...sameAsLines(commandOf(wait, oforestOn(state)), layout, { isCopied: true }),
  };
};

/** What it waits for first; then when it ends, and by what. */
export function waitSentences(wait: Wait): readonly string[] {
  const noun = nounOfVerb(wait.verb);
  return [
    wait.told ?? 'Waiting until nobody is in a session.',
    `The ${noun} begins by itself once nobody is in a session.`,
    `It waits for 4 hours at most, until ${timeOf(endsAt(wait)).slice(0, 5)}; then it is given up and nothing has changed.`,
    'It is this window that waits: you can go anywhere in it, but leaving oForest ends the wait.',
  ];
}
