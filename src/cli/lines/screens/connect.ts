import { stay, withTop } from '../../tui/model/next.ts';
import { outcomeWords } from '../../tui/model/screens/check.ts';
import { type ConnectCheck, type ConnectScreen, choicesOf } from '../../tui/model/screens/connect.ts';
import { topScreen } from '../../tui/model/state.ts';
import { askToCompare, fieldWords } from '../../tui/view/connect.ts';
import { askForText, type Choice, press, type Say } from '../spoken.ts';
import { sentence } from '../words.ts';

const outcomes: Readonly<Record<ConnectCheck['outcome'], string>> = {
  ok: outcomeWords.ok,
  attention: outcomeWords.warning,
  failed: outcomeWords.failed,
};

/** How to reach a server, question by question, and then what was found on the way there. */
export const sayConnect: Say<'connect'> = (_, screen) => {
  const { phase, at, fields } = screen;
  if (phase.kind === 'asking') {
    const { label, means } = fieldWords[at];
    const { text } = fields[at];
    return {
      told: [`${label}. ${means}`],
      ...askForText(text, { mayBeEmpty: at !== 'address' }),
    };
  }
  // All of it is told once it is known where it ended.
  if (phase.kind === 'trying' || phase.kind === 'saving')
    return { told: [], choices: [], asks: '', waitsFor: phase.kind === 'saving' ? 'saving it' : 'trying the server' };
  const told = phase.checks.flatMap(({ outcome, sentence: found, hint }) => [
    sentence(`${outcomes[outcome]}: ${found}`),
    ...(hint === undefined ? [] : [sentence(`To do: ${hint}`)]),
  ]);
  switch (phase.kind) {
    case 'unknown-host':
      return {
        told: [...told, askToCompare(phase.hostKey.host), phase.hostKey.fingerprint],
        choices: choicesOf(screen).map((label, cursor): Choice => ({ label, run: choose(cursor) })),
        asks: 'Type a number, or back.',
      };
    case 'reached':
      return {
        told: [...told, 'It works.'],
        choices: [{ label: 'Save it and go there', run: press('Enter') }, correct],
        asks: 'Type a number, or back.',
      };
    case 'failed':
      return {
        told: [...told, 'Nothing was saved.'],
        choices: [correct, { label: 'Try again', run: press('Enter') }],
        asks: 'Type a number, or back.',
      };
  }
};

const correct: Choice = { label: 'Correct what was typed', run: press('Esc') };

function choose(cursor: number): Choice['run'] {
  return (state) => {
    const top = topScreen(state) as ConnectScreen;
    if (top.phase.kind !== 'unknown-host') return stay(state);
    return press('Enter')(withTop(state, { ...top, phase: { ...top.phase, cursor } }));
  };
}
