import { withTop } from '../../tui/model/next.ts';
import { type CancelScreen, choicesOf, hasEnded, questionOf, whatStays } from '../../tui/model/screens/cancel.ts';
import { oforestOn } from '../../tui/model/shown-server.ts';
import { topScreen } from '../../tui/model/state.ts';
import { type Choice, press, type Say } from '../spoken.ts';

/** Whose operation would stop, and what stays. */
export const sayCancel: Say<'cancel'> = (state, screen) => ({
  told: hasEnded(state, screen)
    ? ['It has ended meanwhile: there is nothing to cancel.']
    : [
        questionOf(state, screen),
        ...whatStays(state, screen),
        `As a command: ${oforestOn(state)} cancel ${screen.operation}`,
      ],
  choices: choicesOf(state, screen).map((label, cursor): Choice => ({ label, run: choose(cursor) })),
  asks: 'Type a number, or back: it goes on.',
  wantsWholeLabel: true,
});

function choose(cursor: number): Choice['run'] {
  return (state) => press('Enter')(withTop(state, { ...(topScreen(state) as CancelScreen), cursor }));
}
