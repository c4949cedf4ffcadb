import { describeChange } from '../../../core/index.ts';
import { stay, withTop } from '../../tui/model/next.ts';
import { choicesOf, commandOf, disturbs, type ReviewScreen } from '../../tui/model/screens/review.ts';
import { type TuiState, topScreen } from '../../tui/model/state.ts';
import { failureLines } from '../failure.ts';
import { type Choice, press, type Say, type Spoken, typeLine } from '../spoken.ts';
import { sentence } from '../words.ts';

const back: Choice = { label: 'Back. Nothing changes.', run: press('Esc') };

/** What would be done, who would notice, and the question. What loses data is done for its typed name alone. */
export const sayReview: Say<'review'> = (_, screen) => {
  const { asked, phase, waitingFor } = screen;
  const { verb, study } = asked;
  switch (phase.kind) {
    case 'looking':
      return {
        told: [`Looking at what ${verb} of ${study.stack} would change.`],
        ...(waitingFor !== undefined && { passing: waitingFor }),
        choices: [],
        asks: waitingFor === undefined ? '' : 'You can type back: then nothing changes.',
        waitsFor: waitingFor ?? `looking at what ${verb} would change`,
      };
    case 'refused':
      return {
        told: failureLines(phase.error),
        choices: [{ label: 'Look again', run: press('r') }, back],
        asks: 'Type a number, back, or quit.',
      };
    case 'starting':
      return {
        told: [`The ${verb} of ${study.stack} is being started.`],
        ...(waitingFor !== undefined && { passing: waitingFor }),
        choices: [],
        asks: waitingFor === undefined ? '' : 'You can type back: then it is not started.',
        waitsFor: waitingFor ?? `the ${verb} is being started`,
      };
    case 'ready':
      return questionOf(screen, phase);
  }
};

type Ready = Extract<ReviewScreen['phase'], { kind: 'ready' }>;

function questionOf(screen: ReviewScreen, phase: Ready): Spoken {
  const { stage, review } = phase;
  const { verb } = screen.asked;
  switch (stage.kind) {
    case 'choose':
      return {
        told: planOf(screen, phase),
        choices: choicesOf(screen).map(({ label }, index) => ({
          label: label.replace(/…$/, ''),
          run: (state) => press('Enter')(withTop(state, { ...(topScreen(state) as ReviewScreen), cursor: index })),
        })),
        asks: 'Type a number, or back: then nothing changes.',
      };
    case 'reason':
      return {
        told: ['Why are they interrupted? It is recorded with your name.'],
        choices: [],
        asks: 'Type the reason, or back: then nothing changes.',
        takes: (state, text) => typeLine(text)(state),
      };
    case 'name':
      return {
        // Who chose what happens to people has heard the plan.
        told: stage.people.kind === 'refuse' ? planOf(screen, phase) : [commandLine(screen)],
        choices: [],
        asks: `Type ${review.stack} to ${verb} it, or back: then nothing changes.`,
        takes: (state, text) => (text === review.stack ? typeLine(text)(state) : wrongName(state, review.stack)),
      };
  }
}

function wrongName(state: TuiState, stack: string) {
  return stay({ ...state, notice: `That is not ${stack}. Nothing was changed.` });
}

function planOf(screen: ReviewScreen, { review, people }: Ready): readonly string[] {
  const { plan, stack, serving, verb } = review;
  if (plan.length === 0)
    return [`Nothing to do: ${stack} ${serving ? `already runs this as release ${serving}` : 'is already as asked'}.`];
  return [
    `What ${verb} of ${stack} does:`,
    ...plan.map((change) => sentence(describeChange(change))),
    ...(people && disturbs(review, people) ? [sentence(`Warning: ${people.sentence}`)] : []),
    commandLine(screen),
  ];
}

function commandLine(screen: ReviewScreen): string {
  return `As a command: ${commandOf(screen)}`;
}
