import {
  counted,
  describeEvent,
  describeNotice,
  describeStep,
  type ErrorFacts,
  nounOfVerb,
  type OperationResult,
  type StepId,
  type StepProgress,
} from '../../../core/index.ts';
import {
  choicesIn,
  doneText,
  failureOf,
  isCancel,
  type ProgressScreen,
  rowsOfChoices,
  widthOfProgress,
} from '../model/screens/progress.ts';
import { namingServer } from '../model/shown-server.ts';
import type { TuiState } from '../model/state.ts';
import { cut, pad, wrap } from '../model/text.ts';
import { titleOfVerb } from '../model/verbs.ts';
import type { Body, DrawBody } from './bodies.ts';
import { failureLine } from './error.ts';
import { type Color, emptyLine, type Line, line } from './line.ts';
import { type Glyph, glyph, type Look } from './look.ts';
import { moreLine } from './more.ts';
import { choiceLines, linesAround } from './typing.ts';

export const progressBody: DrawBody<'progress'> = (state, screen, layout, look): Body => {
  const { stack, progress, where } = screen;
  const width = widthOfProgress(layout);
  const title = line(
    { text: ' oForest', bold: true },
    ` ${glyph('into', look)} ${stack} ${glyph('into', look)} ${titleOf(screen)}`,
  );
  const labels = choicesIn(state, screen).map(({ label }) => label);
  const rows = rowsOfChoices(state, screen, layout);
  const choices = linesAround(choiceLines(labels, screen.cursor, look), screen.cursor, rows);
  const question = choices.length > 0 ? [emptyLine, ...choices] : [];
  const room = Math.max(0, layout.bodyRows - question.length);
  const ended = endLines(state, screen, { width, rows: room }, look);
  const end = ended.length > 0 && ended.length < room ? [emptyLine, ...ended] : ended.slice(0, room);
  const notices = progress.notices.flatMap((notice) => noticeLines(describeNotice(notice), width, look));
  const steps = progress.steps.flatMap((step) => stepLines(step, state, { width, look }));
  const told = steps.length === 0 && !progress.end ? [line(`  Waiting for it to begin…`)] : [...steps, ...notices];
  // The newest are at the foot: what was done first gives way, and what is to come has what is left.
  const shown = room > end.length ? told.slice(end.length - room) : [];
  const toCome = toComeLines(progress.toCome, { rows: room - shown.length - end.length, width, look });
  return {
    title,
    body: [...shown, ...toCome, ...end, ...question],
    ...(progress.end
      ? { summary: emptyLine }
      : { summary: line(` ${whereItRuns(where)}`), more: lastTime(state, screen) }),
  };
};

/** How long it took the last time that it went well, beside which the clock of this one says how far it is. */
function lastTime({ activity, now }: TuiState, { operation, stack, verb, progress }: ProgressScreen): Line {
  const last = activity.find((one) => one.stack === stack && one.verb === verb && one.state === 'succeeded');
  const begun = progress.steps[0]?.startedAt;
  if (last?.endedAt === undefined || last.operation === operation || begun === undefined) return emptyLine;
  const took = clockOf(Date.parse(last.endedAt) - Date.parse(last.startedAt));
  const runs = clockOf(now - Date.parse(begun));
  return line({ text: ` The last ${nounOfVerb(verb)} took ${took}, this one has run for ${runs}.`, dim: true });
}

/** "1:05". */
function clockOf(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function titleOf({ verb, progress }: ProgressScreen): string {
  const title = titleOfVerb(verb);
  if (progress.end?.kind === 'finished') return `${title}: done`;
  if (progress.end?.kind !== 'failed') return title;
  return `${title}: ${isCancel(progress.end.error) ? 'cancelled' : 'failed'}`;
}

const marks: Readonly<Record<StepProgress['state'], { sign: Glyph; color?: Color }>> = {
  running: { sign: 'working', color: 'cyan' },
  done: { sign: 'ok', color: 'green' },
  unchanged: { sign: 'waiting' },
  failed: { sign: 'failed', color: 'red' },
};

function stepLines(
  step: StepProgress,
  { now }: TuiState,
  { width, look }: { width: number; look: Look },
): readonly Line[] {
  const { sign, color } = marks[step.state];
  const end = step.endedAt === undefined ? now : Date.parse(step.endedAt);
  const clock = clockOf(end - Date.parse(step.startedAt));
  const text = pad(describeStep(step.step), Math.min(48, width - 12));
  const waitingOn = step.state === 'running' || step.state === 'failed' ? step.waitingOn : undefined;
  return [
    line({ text: ` ${glyph(sign, look)} `, ...(color && { color }) }, text, {
      text: pad(clock, 7, 'right'),
      dim: true,
    }),
    ...(waitingOn === undefined ? [] : [line({ text: `     Waiting for ${cut(waitingOn, width - 18)}`, dim: true })]),
    ...step.said.flatMap((event) => wrap(describeEvent(event), width - 6).map((part) => line(`     ${part}`))),
  ];
}

function toComeLines(
  steps: readonly StepId[],
  { rows, width, look }: { rows: number; width: number; look: Look },
): readonly Line[] {
  const shown = steps.length <= rows ? steps.length : Math.max(0, rows - 1);
  const lines = steps
    .slice(0, shown)
    .map((step) => line({ text: ` ${glyph('waiting', look)} ${cut(describeStep(step), width - 4)}`, dim: true }));
  const more = line({ text: `   and ${counted(steps.length - shown, 'step')} more`, dim: true });
  return steps.length > shown && rows > 0 ? [...lines, more] : lines;
}

function noticeLines(sentence: string, width: number, look: Look): readonly Line[] {
  return wrap(sentence, width - 4).map((text, index) =>
    line({ text: ` ${index === 0 ? glyph('attention', look) : ' '} `, color: 'yellow' }, text),
  );
}

function endLines(
  state: TuiState,
  screen: ProgressScreen,
  { width, rows }: { width: number; rows: number },
  look: Look,
): readonly Line[] {
  const { end } = screen.progress;
  if (!end) return [];
  if (end.kind === 'failed' && isCancel(end.error))
    return cancelledLines(end.error, cancelledBy(state, screen), { width, look }).slice(0, rows);
  if (end.kind === 'failed') return failureLines(state, screen, look).slice(0, rows);
  return doneLines(end.result, namingServer(doneText(screen, end.result), state), width);
}

function failureLines(state: TuiState, screen: ProgressScreen, look: Look): readonly Line[] {
  const shown = failureOf(state, screen);
  if (!shown) return [];
  const lines = shown.rows.map((row) => failureLine(row, look));
  return shown.above + shown.below > 0 ? [...lines, moreLine(shown)] : lines;
}

function cancelledLines(error: ErrorFacts, by: string | undefined, { width, look }: { width: number; look: Look }) {
  return cancelSentences(error, by).flatMap((sentence, index) =>
    wrap(sentence, width - 4).map((text, part) =>
      line(`  ${index + part === 0 ? glyph('off', look) : ' '} `, {
        text,
        ...(index === 0 && { bold: true as const }),
      }),
    ),
  );
}

export function cancelSentences({ now }: ErrorFacts, by: string | undefined): readonly string[] {
  return [`Cancelled${by === undefined ? '' : ` by ${by}`}.`, now ?? 'What it had changed was taken back.'];
}

function cancelledBy({ activity }: TuiState, { operation }: ProgressScreen): string | undefined {
  return activity.find((one) => one.operation === operation)?.cancelledBy;
}

/** Each sentence begins a line, so that the command in one of them is seldom broken. */
function doneLines({ state, url }: OperationResult, text: string, width: number): readonly Line[] {
  return [
    ...text
      .split(/(?<=\.) /)
      .flatMap((sentence) => wrap(sentence, width - 2))
      .map((text) => line({ text: `  ${text}`, color: 'green' })),
    ...(state === 'running' && url ? [line('  ', { text: url, color: 'cyan' })] : []),
  ];
}

function whereItRuns(where: 'keeper' | 'here' | undefined): string {
  if (where === 'keeper') return 'You can leave: the keeper on the server runs it.';
  return where === 'here'
    ? 'You can leave: it goes on while this computer is on.'
    : 'You only watch: it goes on without this window.';
}
