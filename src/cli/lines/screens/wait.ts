import { nounOfVerb } from '../../../core/index.ts';
import { withTop } from '../../tui/model/next.ts';
import { commandOf, type WaitScreen, waitChoices } from '../../tui/model/screens/wait.ts';
import { oforestOn } from '../../tui/model/shown-server.ts';
import { type TuiState, topScreen } from '../../tui/model/state.ts';
import { findWait } from '../../tui/model/waits.ts';
import { waitSentences } from '../../tui/view/wait.ts';
import { type Choice, press, type Say } from '../spoken.ts';

/** What waits for people to leave: that it does, for how long, and how to end it. */
export const sayWait: Say<'wait'> = (state, screen) => {
  const wait = findWait(state, screen.wait);
  if (!wait) return { told: ['Nothing waits here any more.'], choices: [goBack], asks: 'Type 1, or back.' };
  const [waitsFor, ...others] = waitSentences(wait);
  return {
    told: [
      `The ${nounOfVerb(wait.verb)} of ${wait.stack} waits.`,
      ...others,
      `As a command: ${commandOf(wait, oforestOn(state))}`,
    ],
    ...(wait.told !== undefined && { passing: wait.told }),
    choices: waitChoices.map((label, cursor): Choice => ({ label, run: choose(cursor) })),
    asks: 'Type a number, or back: it goes on waiting.',
    waitsFor: waitsFor ?? 'people to leave',
    wantsWholeLabel: true,
  };
};

const goBack: Choice = { label: 'Go back', run: press('Esc') };

function choose(cursor: number): Choice['run'] {
  return (state: TuiState) => press('Enter')(withTop(state, { ...(topScreen(state) as WaitScreen), cursor }));
}
