import { type Activity, capital, counted, describeStep } from '../../../core/index.ts';
import { formatAge, formatTime } from '../../render/format.ts';
import { isCancelled, outcomeWord } from '../../render/outcome-words.ts';
import {
  type ActivityRow,
  type ActivityScreen,
  isWait,
  listedActivity,
  runningOf,
  whoseOf,
} from '../model/screens/activity.ts';
import type { TuiState } from '../model/state.ts';
import { cut, cutAuthor, cutMiddle, wrap } from '../model/text.ts';
import { type Wait, waitWord } from '../model/waits.ts';
import { ageOf } from './age.ts';
import type { Body, DrawBody } from './bodies.ts';
import { type Cell, type Color, emptyLine, fact, type Line, line } from './line.ts';
import { drawList, type ListLook } from './list.ts';
import { type Glyph, glyph, type Look } from './look.ts';
import { waitSentences } from './wait.ts';
import { waitingLines } from './waiting.ts';

const activities: ListLook<ActivityRow, ActivityScreen> = {
  listed: listedActivity,
  columns: [
    { heading: 'Experiment', width: 'rest', atMost: 40, keepsEnd: true, cell: ({ stack }) => stack },
    { heading: 'What', width: 8, cell: ({ verb }) => verb },
    { heading: 'Outcome', width: 17, cell: outcomeOf },
    {
      heading: 'Begun',
      width: 6,
      align: 'right',
      cell: ({ startedAt }, state) => ageOf(startedAt, state),
    },
    { heading: 'By', width: 16, from: 72, isPerson: true, cell: whoseOf },
  ],
  preview,
  empty: (state, _, look) =>
    waitingLines(state, 'what was done here', look) ?? [
      emptyLine,
      line({ text: '  Nothing was done here yet.', bold: true }),
      emptyLine,
      line('  Every deployment, backup or reset is listed here, whoever asked for it.'),
    ],
};

export const activityBody: DrawBody<'activity'> = (state, screen, layout, look): Body => {
  const { body, summary } = drawList(activities, state, screen, { layout, look });
  return {
    title: line({ text: ' oForest', bold: true }, `  ${state.server} ${glyph('into', look)} Activity`),
    body,
    summary: summary ?? summaryLine(state),
  };
};

const marks: Readonly<Record<Activity['state'], { sign: Glyph; color?: Color }>> = {
  accepted: { sign: 'waiting' },
  running: { sign: 'working', color: 'cyan' },
  stale: { sign: 'attention', color: 'yellow' },
  succeeded: { sign: 'ok', color: 'green' },
  failed: { sign: 'failed', color: 'red' },
  interrupted: { sign: 'attention', color: 'yellow' },
};

function outcomeOf(row: ActivityRow, state: TuiState, look: Look): Cell {
  if (isWait(row)) return { text: `${glyph('waiting', look)} ${waitWord(row.stack, state)}`, color: 'cyan' };
  if (isCancelled(row)) return { text: `${glyph('off', look)} ${capital(outcomeWord(row))}` };
  const { sign, color } = marks[row.state];
  return { text: `${glyph(sign, look)} ${capital(outcomeWord(row))}`, ...(color && { color }) };
}

function preview(row: ActivityRow, state: TuiState, width: number, look: Look): readonly Line[] {
  return isWait(row) ? previewOfWait(row, state, width, look) : previewOfOperation(row, state, width, look);
}

function previewOfWait(wait: Wait, state: TuiState, width: number, look: Look): readonly Line[] {
  const { stack, verb } = wait;
  return [
    line({ text: cutMiddle(stack, width - verb.length - 2), bold: true }, `  ${verb}`),
    emptyLine,
    line(outcomeOf(wait, state, look)),
    ...waitSentences(wait).flatMap((text) => sentence(text, width)),
  ];
}

function previewOfOperation(activity: Activity, state: TuiState, width: number, look: Look): readonly Line[] {
  const { operation, stack, verb, by, startedAt, endedAt, step, error, cancelledBy } = activity;
  const wide = 11;
  const room = width - wide;
  const why = error && !isCancelled(activity) && (error.why === undefined ? error.what : `${error.what}: ${error.why}`);
  return [
    line({ text: cutMiddle(stack, width - verb.length - 2), bold: true }, `  ${verb}`),
    emptyLine,
    line(outcomeOf(activity, state, look)),
    emptyLine,
    fact('By', cutAuthor(by, room), wide),
    fact('Begun', `${formatTime(startedAt)}, ${ageOf(startedAt, state)} ago`, wide),
    ...(endedAt === undefined ? [] : [fact('Took', formatAge(startedAt, new Date(endedAt)), wide)]),
    ...(step === undefined ? [] : [fact('At', cut(describeStep(step), room), wide)]),
    ...(cancelledBy === undefined ? [] : [fact('Cancelled', cut(`by ${cancelledBy}`, room), wide)]),
    fact('Operation', operation, wide),
    ...(activity.state === 'stale'
      ? sentence('Whoever changes the study next finishes or undoes it first.', width)
      : []),
    ...(!why ? [] : sentence(why, width)),
  ];
}

function sentence(text: string, width: number): readonly Line[] {
  return [emptyLine, ...wrap(text, width).map((part) => line(part))];
}

function summaryLine(state: TuiState): Line {
  const { length } = runningOf(state);
  const { activity, waits } = state;
  if (activity.length === 0 && waits.length === 0) return emptyLine;
  const all = counted(activity.length, 'operation');
  return line(
    ` ${all} · ${length === 0 ? 'none runs now' : `${length} running`}${waits.length === 0 ? '' : ` · ${waits.length} waiting for people`}`,
  );
}
