import { describeChange } from '../../../core/index.ts';
import { choicesOf, commandOf, disturbs, isNameTyped, type ReviewScreen } from '../model/screens/review.ts';
import type { Body, DrawBody } from './bodies.ts';
import { errorLines } from './error.ts';
import { typing } from './image.ts';
import { emptyLine, type Line, line } from './line.ts';
import { glyph, type Look } from './look.ts';
import { wrap } from './text.ts';

const readableWidth = 78;

export const reviewBody: DrawBody<'review'> = (_state, screen, layout, look): Body => {
  const { asked, phase, waitingFor } = screen;
  const title = line(
    { text: ' oForest', bold: true },
    ` ${glyph('into', look)} ${asked.study.stack} ${glyph('into', look)} ${asked.verb}`,
  );
  const summary = line({ text: ` Same as:  ${commandOf(screen)}`, dim: true });
  const width = Math.min(layout.columns, readableWidth) - 4;
  if (phase.kind === 'refused') return { title, summary, body: [emptyLine, ...errorLines(phase.error, width, look)] };
  if (phase.kind === 'looking')
    return { title, summary, body: [emptyLine, line(waitingFor ?? `  Looking at what ${asked.verb} would change…`)] };
  if (phase.kind === 'starting')
    return {
      title,
      summary,
      body: [emptyLine, ...wrap(waitingFor ?? 'Starting…', width).map((text) => line(`  ${text}`))],
    };

  const question = questionLines(screen, width, look);
  const room = layout.bodyRows - question.length - 1;
  const told = [...planLines(screen, width), ...peopleLines(screen, width, look)];
  return { title, summary, body: [...told.slice(0, Math.max(1, room)), emptyLine, ...question] };
};

function planLines({ phase }: ReviewScreen, width: number): readonly Line[] {
  if (phase.kind !== 'ready') return [];
  const { plan, stack, serving } = phase.review;
  if (plan.length === 0)
    return [line(`  Nothing to do: ${stack} ${serving ? `already runs this as v${serving}` : 'is already as asked'}.`)];
  return plan.flatMap((change) =>
    wrap(describeChange(change), width - 2).map((text, index) =>
      line({ text: index === 0 && change.interrupts ? '  ! ' : '    ', color: 'yellow' }, text),
    ),
  );
}

function peopleLines({ phase }: ReviewScreen, width: number, look: Look): readonly Line[] {
  if (phase.kind !== 'ready' || !phase.people || !disturbs(phase.review, phase.people)) return [];
  return [
    emptyLine,
    ...wrap(phase.people.sentence, width - 2).map((text, index) =>
      line({ text: `  ${index === 0 ? glyph('attention', look) : ' '} ${text}`, color: 'yellow', bold: true }),
    ),
  ];
}

function questionLines(screen: ReviewScreen, width: number, look: Look): readonly Line[] {
  const { phase } = screen;
  if (phase.kind !== 'ready') return [];
  const { stage, review } = phase;
  if (stage.kind === 'reason')
    return [
      line('  Why are they interrupted? It is recorded with your name.'),
      line({ text: '  > ', color: 'cyan' }, ...typing(stage.field.text, stage.field.cursor, width - 4, look)),
    ];
  if (stage.kind === 'name')
    return [
      line('  Type the name  ', { text: review.stack, bold: true }, '  and Enter, or press Esc.'),
      line({ text: '  > ', color: 'red' }, ...typing(stage.field.text, stage.field.cursor, width - 4, look)),
      line({ text: isNameTyped(screen) ? '  Enter does it.' : '  Not yet: the name is not complete.', dim: true }),
    ];
  return choicesOf(screen).map(({ label }, index) =>
    index === screen.cursor ? line({ text: `  ${glyph('cursor', look)} ${label}`, bold: true }) : line(`    ${label}`),
  );
}
