import { describeEvent, describeStep, nounOfVerb, type StepProgress } from '../../../core/index.ts';
import { withTop } from '../../tui/model/next.ts';
import { choicesIn, doneText, isCancel, type ProgressScreen } from '../../tui/model/screens/progress.ts';
import { namingServer } from '../../tui/model/shown-server.ts';
import { type TuiState, topScreen } from '../../tui/model/state.ts';
import { cancelSentences } from '../../tui/view/progress.ts';
import { failureLines } from '../failure.ts';
import { asHeard, type Choice, keysAsChoices, press, type Say, type Spoken } from '../spoken.ts';
import { sentence, timeInWords } from '../words.ts';

/** An operation as it goes: one sentence for each step that begins, and for whatever it says on the way. */
export const sayProgress: Say<'progress'> = (state, screen) => {
  const { verb, stack, operation, where, progress } = screen;
  const { steps, notices, end } = progress;
  const step = steps.at(-1);
  const noun = nounOfVerb(verb);
  const told = [
    `The ${noun} of ${stack} is operation ${operation}. ${whereItRuns(where)}`,
    ...steps.flatMap(stepLines),
    ...notices.map((notice) => sentence(describeEvent({ kind: 'notice', operation, at: '', notice }))),
    ...endLines(state, screen),
  ];
  if (!end && isSeenEnded(state, operation))
    return { told, choices: [], asks: '', waitsFor: `reading what came of the ${noun}` };
  const ways = whatNext(state, screen);
  const keys = keysAsChoices(state, screen, { without: ways.length > 0 ? ['d', 'l'] : [] });
  const [, ...others] = keys;
  return {
    told,
    choices: end ? [goBack, ...ways, ...others] : keys,
    asks: end ? 'Type a number, or quit.' : 'You can type a number, or quit; it goes on.',
    ...(end?.kind === 'failed' && { failed: end.error }),
    ...waitsFor(),
    isLive: true,
  };

  function waitsFor(): Pick<Spoken, 'waitsFor'> {
    if (!end) return { waitsFor: step ? waitOf(step) : `the ${noun} has not begun` };
    return isSeenEnded(state, operation) || state.link.kind !== 'live'
      ? {}
      : { waitsFor: `asking ${state.server} what is true now` };
  }
};

const goBack: Choice = { label: 'Go back', run: press('Esc') };

/** Whether the list knows of its end: until then, what could be done with the study next is not known. */
function isSeenEnded({ activity }: TuiState, operation: string): boolean {
  return activity.find((one) => one.operation === operation)?.endedAt !== undefined;
}

/** What can be done about a failure: the keys for that would be the same again. */
function whatNext(state: TuiState, screen: ProgressScreen): readonly Choice[] {
  return choicesIn(state, screen).flatMap(({ label, takes }, index) =>
    takes.kind === 'back'
      ? []
      : [
          {
            label: asHeard(label),
            run: (state: TuiState) =>
              press('Enter')(withTop(state, { ...(topScreen(state) as ProgressScreen), cursor: index })),
          },
        ],
  );
}

function stepLines({ step, said }: StepProgress): readonly string[] {
  return [sentence(describeStep(step)), ...said.map((event) => sentence(describeEvent(event)))];
}

function waitOf({ step, waitingOn }: StepProgress): string {
  return waitingOn === undefined ? describeStep(step) : `${describeStep(step)}, waiting for ${waitingOn}`;
}

function endLines(shown: TuiState, screen: ProgressScreen): readonly string[] {
  const { end, startedAt } = screen.progress;
  if (!end) return [];
  // By whom is known later, and all of it would be told again.
  if (end.kind === 'failed' && isCancel(end.error)) return cancelSentences(end.error, undefined);
  if (end.kind === 'failed') return failureLines(end.error);
  const { state, url } = end.result;
  return [
    namingServer(doneText(screen, end.result), shown),
    ...(state === 'running' && url ? [`Address: ${url}`] : []),
    ...(startedAt === undefined ? [] : [`It took ${timeInWords(Date.parse(end.at) - Date.parse(startedAt))}.`]),
  ];
}

function whereItRuns(where: ProgressScreen['where']): string {
  if (where === 'keeper') return 'You can leave: the keeper on the server runs it.';
  return where === 'here' ? 'You can leave: it goes on while this computer is on.' : '';
}
