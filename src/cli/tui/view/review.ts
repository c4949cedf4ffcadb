import { describeChange, describeKnownFit, type Review } from '../../../core/index.ts';
import { choicesOf, commandOf, disturbs, isNameTyped, type Ready, type ReviewScreen } from '../model/screens/review.ts';
import { pad, wrap } from '../model/text.ts';
import { stakeOfVerb, titleOfVerb } from '../model/verbs.ts';
import type { Body, DrawBody } from './bodies.ts';
import { errorLines } from './error.ts';
import { emptyLine, type Line, line } from './line.ts';
import { glyph, type Look } from './look.ts';
import { sameAsLines } from './same-as-lines.ts';
import { forPeople, othersAtWork, peopleFound, stakesOf } from './stakes.ts';
import { choiceLines, typing } from './typing.ts';

const readableWidth = 78;

export const reviewBody: DrawBody<'review'> = (state, screen, layout, look): Body => {
  const { asked } = screen;
  const title = line(
    { text: ' oForest', bold: true },
    ` ${glyph('into', look)} ${asked.study.stack} ${glyph('into', look)} ${titleOfVerb(asked.verb)}`,
  );
  const sameAs = sameAsLines(commandOf(state, screen), layout.columns);
  const width = Math.min(layout.columns, readableWidth) - 4;
  const question = questionLines(screen, width, look);
  // Where not all of it fits, the question is what has to be seen.
  const rows = Math.max(1, layout.bodyRows - question.length - 1);
  const told = toldLines(screen, { width, rows }, look).slice(0, rows);
  // A tiny screen has no line for the summary: it is told where there is room.
  const below = layout.kind === 'tiny' ? [sameAs.summary] : [];
  return { title, ...sameAs, body: [...told, emptyLine, ...question, ...below] };
};

function toldLines(
  { asked, phase, waitingFor }: ReviewScreen,
  { width, rows }: { width: number; rows: number },
  look: Look,
): readonly Line[] {
  switch (phase.kind) {
    case 'refused':
      return errorLines(phase.error, { width, rows }, look);
    case 'looking':
      return sentence(waitingFor ?? `Looking at what it would change…`, width);
    case 'starting':
      return sentence(waitingFor ?? 'Starting…', width);
    case 'ready':
      return [
        ...othersLines(phase.review, width),
        ...peopleLines(asked, phase, width, look),
        ...stakesLines(phase.review, width, look),
        ...planLines(phase.review, width),
      ];
  }
}

function sentence(text: string, width: number): readonly Line[] {
  return [emptyLine, ...wrap(text, width).map((part) => line(`  ${part}`))];
}

function othersLines(review: Review, width: number): readonly Line[] {
  const told = othersAtWork(review);
  if (told === undefined) return [];
  return [...wrap(told, width).map((text) => line({ text: `  ${text}`, color: 'cyan' })), emptyLine];
}

function peopleLines(asked: ReviewScreen['asked'], { review, people }: Ready, width: number, look: Look) {
  const seen = forPeople(review);
  if (seen === undefined) return [];
  if (!disturbs(review, people, asked))
    return people ? [...wrap(people.sentence, width).map((text) => line(`  ${text}`)), emptyLine] : [];
  return [
    ...wrap(peopleFound(asked, people), width - 2).map((text, index) =>
      line({ text: `  ${index === 0 ? glyph('attention', look) : ' '} ${text}`, color: 'yellow', bold: true }),
    ),
    ...wrap(seen, width - 2).map((text) => line({ text: `    ${text}`, color: 'yellow' })),
    emptyLine,
  ];
}

function stakesLines(review: Review, width: number, look: Look): readonly Line[] {
  const bar = { text: `  ${glyph('danger', look)} `, color: 'red', bold: true } as const;
  const stakes = stakesOf(review);
  if (stakes.length === 0) return [];
  return [
    ...stakes.flatMap(([name, text]) =>
      wrap(text, width - 14).map((part, index) =>
        line(bar, { text: pad(index === 0 ? name : '', 10), bold: true }, part),
      ),
    ),
    emptyLine,
  ];
}

function planLines({ plan, stack, serving, fit }: Review, width: number): readonly Line[] {
  if (plan.length === 0)
    return wrap(
      `Nothing to do: ${stack} ${serving ? `already runs this as v${serving}` : 'is already as asked'}.`,
      width,
    ).map((text) => line(`  ${text}`));
  const fits = fit === undefined ? [] : wrap(describeKnownFit(fit), width - 2).map((text) => line(`    ${text}`));
  const changes = plan.flatMap((change) =>
    wrap(describeChange(change), width - 2).map((text, index) =>
      line({ text: index === 0 && change.interrupts ? '  ! ' : '    ', color: 'yellow' }, text),
    ),
  );
  return [...changes, ...(fits.length > 0 ? [emptyLine, ...fits] : [])];
}

function questionLines(screen: ReviewScreen, width: number, look: Look): readonly Line[] {
  const { phase, cursor } = screen;
  if (phase.kind === 'ready' && phase.stage.kind === 'reason') {
    const { field } = phase.stage;
    return [
      line('  Why are they interrupted? It is recorded with your name.'),
      line({ text: '  > ', color: 'cyan' }, ...typing(field.text, field.cursor, width - 4, look)),
    ];
  }
  if (phase.kind === 'ready' && phase.stage.kind === 'name') {
    const { field } = phase.stage;
    return [
      line(
        '  Type the name  ',
        { text: phase.review.stack, bold: true },
        `  to ${stakeOfVerb(screen.asked.verb)}, or press Esc.`,
      ),
      line({ text: '  > ', color: 'red' }, ...typing(field.text, field.cursor, width - 4, look)),
      line({ text: isNameTyped(screen) ? '  Enter does it.' : '  Not yet: the name is not complete.', dim: true }),
    ];
  }
  return choiceLines(
    choicesOf(screen).map(({ label }) => label),
    cursor,
    look,
  );
}
