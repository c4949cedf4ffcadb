import type { Layout } from '../model/layout.ts';
import {
  areStakesSeen,
  canCopy,
  choicesOf,
  commandOf,
  isNameTyped,
  type ReviewScreen,
  rowsOfQuestion,
  toldIn,
} from '../model/screens/review.ts';
import type { TuiState } from '../model/state.ts';
import { pad, wrap } from '../model/text.ts';
import { type ToldRow, widthOfTold } from '../model/told.ts';
import { stakeOfVerb, titleOfVerb } from '../model/verbs.ts';
import type { Body, DrawBody } from './bodies.ts';
import { errorLines } from './error.ts';
import { emptyLine, type Line, line } from './line.ts';
import { glyph, type Look } from './look.ts';
import { moreLine } from './more.ts';
import { sameAsLines } from './same-as-lines.ts';
import { choiceLines, typing } from './typing.ts';

export const reviewBody: DrawBody<'review'> = (state, screen, layout, look): Body => {
  const { asked } = screen;
  const title = line(
    { text: ' oForest', bold: true },
    ` ${glyph('into', look)} ${asked.study.stack} ${glyph('into', look)} ${titleOfVerb(asked.verb)}`,
  );
  const isTiny = layout.kind === 'tiny';
  const sameAs = sameAsLines(commandOf(state, screen), layout, { isCopied: canCopy(screen) });
  const question = questionLines(state, screen, layout, look);
  const told = toldLines(state, screen, layout, look);
  // A tiny screen has no line for the summary, and none to spare.
  const around = isTiny ? { between: [], below: [sameAs.summary] } : { between: [emptyLine], below: [] };
  return { title, ...sameAs, body: [...told, ...around.between, ...question, ...around.below] };
};

function toldLines(state: TuiState, screen: ReviewScreen, layout: Layout, look: Look): readonly Line[] {
  const { phase, waitingFor } = screen;
  const width = widthOfTold(layout);
  // Where not all of it fits, the question is what has to be seen.
  const rows = Math.max(1, layout.bodyRows - rowsOfQuestion(screen, layout) - 1);
  switch (phase.kind) {
    case 'refused':
      return errorLines(phase.error, { width, rows }, look).slice(0, rows);
    case 'looking':
      return sentence(waitingFor ?? `Looking at what it would change…`, width).slice(0, rows);
    case 'starting':
      return sentence(waitingFor ?? 'Starting…', width).slice(0, rows);
    case 'ready': {
      const told = toldIn(state, screen);
      const lines = told.rows.map((row) => (row ? toldLine(row, layout, look) : emptyLine));
      return told.above + told.below > 0 && rows > 1 ? [...lines, moreLine(told)] : lines;
    }
  }
}

function sentence(text: string, width: number): readonly Line[] {
  return [emptyLine, ...wrap(text, width).map((part) => line(`  ${part}`))];
}

function toldLine({ told, text, isFirst }: ToldRow, { kind }: Pick<Layout, 'kind'>, look: Look): Line {
  const isTiny = kind === 'tiny';
  const name = isTiny ? '' : pad(isFirst ? (told.name ?? '') : '', 10);
  switch (told.kind) {
    case 'others':
      return line({ text: `  ${text}`, color: 'cyan' });
    case 'people':
      return line({ text: `  ${isFirst ? glyph('attention', look) : ' '} ${text}`, color: 'yellow', bold: true });
    case 'effect':
      return line({ text: `    ${text}`, color: 'yellow' });
    case 'stake':
      return line({ text: `  ${glyph('danger', look)} `, color: 'red', bold: true }, { text: name, bold: true }, text);
    case 'fact':
      return line(isTiny ? '  ' : '    ', { text: name, dim: true }, text);
    case 'heading':
      return line({ text: `  ${text}`, dim: true });
    case 'change':
      return line({ text: isFirst && told.interrupts ? '  ! ' : '    ', color: 'yellow' }, text);
    case 'plain':
      return line(`  ${text}`);
  }
}

function questionLines(state: TuiState, screen: ReviewScreen, layout: Layout, look: Look): readonly Line[] {
  const { phase, cursor } = screen;
  const width = widthOfTold(layout);
  if (phase.kind === 'ready' && phase.stage.kind === 'reason') {
    const { field } = phase.stage;
    return [
      line('  Why are they interrupted? It is recorded with your name.'),
      line({ text: '  > ', color: 'cyan' }, ...typing(field.text, field.cursor, width - 4, look)),
    ];
  }
  if (phase.kind === 'ready' && phase.stage.kind === 'name') {
    const { field } = phase.stage;
    const { stack } = phase.review;
    const stake = stakeOfVerb(screen.asked.verb);
    const progress = progressOf(state, screen);
    if (layout.kind === 'tiny')
      return [
        line('  Type ', { text: stack, bold: true }, ` to ${stake}:`),
        line({ text: '  > ', color: 'red' }, ...typing(field.text, field.cursor, width - 18, look), {
          text: `  ${shortProgress[progress]}`,
          dim: true,
        }),
      ];
    return [
      line(
        '  Type the name  ',
        { text: stack, bold: true },
        layout.kind === 'compact' ? `  to ${stake}:` : `  to ${stake}, or press Esc.`,
      ),
      line({ text: '  > ', color: 'red' }, ...typing(field.text, field.cursor, width - 4, look)),
      line({ text: `  ${progressInWords(progress, stack)}`, dim: true }),
    ];
  }
  return choiceLines(
    choicesOf(screen).map(({ label }) => label),
    cursor,
    look,
  );
}

type TypingProgress = 'begun' | 'other' | 'unread' | 'typed';

function progressOf(state: TuiState, screen: ReviewScreen): TypingProgress {
  const { phase } = screen;
  if (phase.kind !== 'ready' || phase.stage.kind !== 'name') return 'begun';
  if (isNameTyped(screen)) return areStakesSeen(state, screen) ? 'typed' : 'unread';
  return phase.review.stack.startsWith(phase.stage.field.text) ? 'begun' : 'other';
}

const shortProgress: Readonly<Record<TypingProgress, string>> = {
  begun: 'Not yet.',
  other: 'Another name.',
  unread: 'PgDn first.',
  typed: 'Enter does it.',
};

function progressInWords(progress: TypingProgress, stack: string): string {
  switch (progress) {
    case 'begun':
      return 'Not yet: the name is not complete.';
    case 'other':
      return `That is another name, not ${stack}.`;
    case 'unread':
      return 'Not yet: read first what goes and what stays, with PgDn.';
    case 'typed':
      return 'Enter does it.';
  }
}
