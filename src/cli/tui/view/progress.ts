import { describeEvent, describeStep, type StepProgress } from '../../../core/index.ts';
import type { ProgressScreen } from '../model/screens/progress.ts';
import type { TuiState } from '../model/state.ts';
import type { Body, DrawBody } from './bodies.ts';
import { errorLines } from './error.ts';
import { type Color, emptyLine, type Line, line } from './line.ts';
import { type Glyph, glyph, type Look } from './look.ts';
import { cut, pad, wrap } from './text.ts';

export const progressBody: DrawBody<'progress'> = (state, screen, layout, look): Body => {
  const { stack, verb, progress, where } = screen;
  const width = layout.columns - 2;
  const title = line(
    { text: ' oForest', bold: true },
    ` ${glyph('into', look)} ${stack} ${glyph('into', look)} ${titleOf(screen)}`,
  );
  const end = endLines(screen, Math.min(width, 78), look);
  const room = Math.max(1, layout.bodyRows - end.length);
  const steps = progress.steps.flatMap((step) => stepLines(step, state, { width, look }));
  const body = steps.length === 0 ? [line(`  Waiting for ${verb} to begin…`)] : steps.slice(-room);
  return { title, body: [...body, ...end], summary: progress.end ? emptyLine : line(` ${whereItRuns(where)}`) };
};

function titleOf({ verb, progress }: ProgressScreen): string {
  if (progress.end?.kind === 'finished') return `${verb}, done`;
  return progress.end?.kind === 'failed' ? `${verb} failed` : verb;
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
  const seconds = Math.max(0, Math.round((end - Date.parse(step.startedAt)) / 1000));
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const text = pad(describeStep(step.step), Math.min(48, width - 12));
  const waiting = step.state === 'running' ? step.waitingOn : undefined;
  return [
    line({ text: ` ${glyph(sign, look)} `, ...(color && { color }) }, text, {
      text: pad(clock, 7, 'right'),
      dim: true,
    }),
    ...(waiting === undefined ? [] : [line({ text: `     Waiting for ${cut(waiting, width - 18)}`, dim: true })]),
    ...step.said.map((event) => line(`     ${cut(describeEvent(event), width - 6)}`)),
  ];
}

function endLines({ progress: { end } }: ProgressScreen, width: number, look: Look): readonly Line[] {
  if (!end) return [];
  if (end.kind === 'failed') return [emptyLine, ...errorLines(end.error, width, look)];
  const { stack, state, url, release } = end.result;
  const what =
    state === 'running'
      ? `${stack} runs v${release} at ${url}.`
      : `${stack} is ${state === 'retired' ? 'deleted' : state}.`;
  return [emptyLine, ...wrap(what, width - 4).map((text) => line({ text: `  ${text}`, color: 'green' }))];
}

function whereItRuns(where: 'keeper' | 'here' | undefined): string {
  if (where === 'keeper') return 'You can leave: the keeper on the server runs it.';
  return where === 'here'
    ? 'You can leave: it goes on while this computer is on.'
    : 'You only watch: it goes on without this window.';
}
