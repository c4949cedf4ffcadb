import { nounOfVerb } from '../../../core/index.ts';
import { stay, withTop } from '../../tui/model/next.ts';
import { choicesOf, commandOf, offersExport, type ReviewScreen, toldOf } from '../../tui/model/screens/review.ts';
import { type TuiState, topScreen } from '../../tui/model/state.ts';
import type { Told } from '../../tui/model/told.ts';
import { stakeOfVerb } from '../../tui/model/verbs.ts';
import { failureLines } from '../failure.ts';
import { asHeard, type Choice, press, type Say, type Spoken, typeLine } from '../spoken.ts';
import { sentence } from '../words.ts';

/** What would be done, who would notice, and the question. What loses data is done for its typed name alone. */
export const sayReview: Say<'review'> = (state, screen) => {
  const { asked, phase, waitingFor } = screen;
  const { study } = asked;
  const noun = nounOfVerb(asked.verb);
  switch (phase.kind) {
    case 'looking':
      return {
        told: [`Looking at what the ${noun} of ${study.stack} would change.`],
        ...(waitingFor !== undefined && { passing: waitingFor }),
        choices: [],
        asks: waitingFor === undefined ? '' : 'You can type back: then nothing changes.',
        waitsFor: waitingFor ?? `looking at what the ${noun} would change`,
      };
    case 'refused':
      return {
        told: failureLines(phase.error),
        failed: phase.error,
        choices: spokenChoices(screen),
        asks: 'Type a number, back, or quit.',
      };
    case 'starting':
      return {
        told: [`The ${noun} of ${study.stack} is being started.`],
        ...(waitingFor !== undefined && { passing: waitingFor }),
        choices: [],
        asks: '',
        waitsFor: waitingFor ?? `the ${noun} is being started`,
      };
    case 'ready':
      return questionOf(state, screen, phase);
  }
};

type Ready = Extract<ReviewScreen['phase'], { kind: 'ready' }>;

function questionOf(state: TuiState, screen: ReviewScreen, phase: Ready): Spoken {
  const { stage, review } = phase;
  const { verb } = screen.asked;
  const unconfirmed = `Nobody said yes to the ${nounOfVerb(verb)} of ${review.stack}: nothing was changed.`;
  if (review.plan.length === 0)
    return { told: planOf(state, screen, phase), choices: spokenChoices(screen), asks: 'Type 1, or back.' };
  switch (stage.kind) {
    case 'choose':
      return {
        told: planOf(state, screen, phase),
        choices: spokenChoices(screen),
        asks: 'Type a number, or back: then nothing changes.',
        wantsWholeLabel: true,
        unconfirmed,
      };
    case 'reason':
      return {
        told: ['Why are they interrupted? It is recorded with your name.'],
        choices: [],
        asks: 'Type the reason, or back: then nothing changes.',
        takes: (state, text) => typeLine(text)(state),
        unconfirmed,
      };
    case 'name':
      return {
        // Who chose what happens to people has heard the plan.
        told: stage.people.kind === 'refuse' ? planOf(state, screen, phase) : [commandLine(state, screen)],
        choices: offersExport(screen) ? [{ label: 'Export the data first', run: press('Tab') }] : [],
        asks: `Type the name, ${review.stack}, to ${stakeOfVerb(verb)}, or back: then nothing changes.`,
        takes: (state, text) => (text === review.stack ? typeLine(text)(state) : wrongName(state, review.stack)),
        refusedWith: 'confirmation-missing',
        unconfirmed,
      };
  }
}

function spokenChoices(screen: ReviewScreen): readonly Choice[] {
  return choicesOf(screen).map(({ label }, index) => ({
    label: asHeard(label),
    run: (state) => press('Enter')(withTop(state, { ...(topScreen(state) as ReviewScreen), cursor: index })),
  }));
}

function wrongName(state: TuiState, stack: string) {
  return stay({ ...state, notice: `That is not ${stack}. Nothing was changed.` });
}

function planOf(state: TuiState, screen: ReviewScreen, { review }: Ready): readonly string[] {
  const { plan, stack, verb } = review;
  const blocks = toldOf(state, screen).map((block) => block.filter(({ kind }) => kind !== 'heading'));
  const others = blocks.map((block) => block.filter(({ kind }) => kind === 'others'));
  const told = (some: readonly (readonly Told[])[]) => some.flat().map(spokenTold);
  if (plan.length === 0) return told(blocks);
  // Who would notice is what is heard last, before the question.
  const people = blocks.map((block) => block.filter(isAboutPeople));
  const rest = blocks.map((block) => block.filter((one) => one.kind !== 'others' && !isAboutPeople(one)));
  return [
    ...told(others),
    `What the ${nounOfVerb(verb)} of ${stack} does:`,
    ...told(rest),
    ...told(people),
    commandLine(state, screen),
  ];
}

function isAboutPeople({ kind }: Told): boolean {
  return kind === 'people' || kind === 'effect';
}

function spokenTold({ kind, name, text }: Told): string {
  const said = text.replaceAll(' → ', ' to ');
  if (kind === 'others' || kind === 'plain') return said;
  return sentence(`${kind === 'people' ? 'Warning: ' : name === undefined ? '' : `${name}: `}${said}`);
}

function commandLine(state: TuiState, screen: ReviewScreen): string {
  return `As a command: ${commandOf(state, screen)}`;
}
