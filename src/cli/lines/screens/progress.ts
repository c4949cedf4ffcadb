import { describeEvent, describeStep, type StepProgress } from '../../../core/index.ts';
import type { ProgressScreen } from '../../tui/model/screens/progress.ts';
import { failureLines } from '../failure.ts';
import { press, type Say } from '../spoken.ts';
import { sentence, timeInWords } from '../words.ts';

/** An operation as it goes: one sentence for each step that begins, and for whatever it says on the way. */
export const sayProgress: Say<'progress'> = (_, screen) => {
  const { verb, stack, operation, where, progress } = screen;
  const { steps, notices, end } = progress;
  const step = steps.at(-1);
  const told = [
    `The ${verb} of ${stack} runs as operation ${operation}. ${whereItRuns(where)}`,
    ...steps.flatMap(stepLines),
    ...notices.map((notice) => sentence(describeEvent({ kind: 'notice', operation, at: '', notice }))),
    ...endLines(screen),
  ];
  if (!end)
    return {
      told,
      choices: [
        { label: 'Go back; it goes on', run: press('Esc') },
        { label: 'Ask it to stop where it safely can', run: press('x') },
      ],
      asks: 'You can type a number, or quit; it goes on.',
      waitsFor: step ? waitOf(step) : `the ${verb} has not begun`,
    };
  return {
    told,
    choices: [
      { label: 'Go back', run: press('Esc') },
      ...(end.kind === 'failed' ? [{ label: 'Hear a report to pass on', run: press('c') }] : []),
    ],
    asks: 'Type a number, or quit.',
  };
};

function stepLines({ step, said }: StepProgress): readonly string[] {
  return [sentence(describeStep(step)), ...said.map((event) => sentence(describeEvent(event)))];
}

function waitOf({ step, waitingOn }: StepProgress): string {
  return waitingOn === undefined ? describeStep(step) : `${describeStep(step)}, waiting for ${waitingOn}`;
}

function endLines({ stack, verb, progress: { end, startedAt } }: ProgressScreen): readonly string[] {
  if (!end) return [];
  if (end.kind === 'failed') return failureLines(end.error);
  const { state, release, url } = end.result;
  const took = startedAt === undefined ? '' : ` after ${timeInWords(Date.parse(end.at) - Date.parse(startedAt))}`;
  const now =
    state === 'running'
      ? `${stack} runs release ${release} at ${url}`
      : `${stack} is ${state === 'retired' ? 'deleted' : state === 'purged' ? 'gone for good' : state}.`;
  return [`The ${verb} is done${took}. ${now}`];
}

function whereItRuns(where: ProgressScreen['where']): string {
  if (where === 'keeper') return 'You can leave: the keeper on the server runs it.';
  return where === 'here'
    ? 'You can leave: it goes on while this computer is on.'
    : 'You only listen: it goes on without you.';
}
