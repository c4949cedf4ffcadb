import { describeChange } from '../../../core/index.ts';
import { waysOfCertificates } from '../../tui/model/first-run.ts';
import { stay, withTop } from '../../tui/model/next.ts';
import { choicesOf, commandOf, type PrepareScreen } from '../../tui/model/screens/prepare.ts';
import { topScreen } from '../../tui/model/state.ts';
import { certificateWords, prepareWords } from '../../tui/view/prepare.ts';
import { failureLines } from '../failure.ts';
import { askForText, type Choice, press, type Say, type Spoken } from '../spoken.ts';
import { sentence } from '../words.ts';

/** What makes a Swarm ready for studies: question by question, then the plan, then what is done. */
export const sayPrepare: Say<'prepare'> = ({ server }, screen) => {
  const { phase } = screen;
  const correct: Choice = { label: 'Correct what was typed', run: press('Esc') };
  switch (phase.kind) {
    case 'asking':
      return questionOf(screen);
    case 'planning':
      return { told: [], choices: [], asks: '', waitsFor: 'looking at what would change' };
    case 'planned':
      return {
        told: [
          phase.plan.changes.length === 0 ? 'Nothing to do.' : `What preparing ${server} does:`,
          ...phase.plan.changes.map((change) => sentence(describeChange(change))),
          ...phase.plan.notices.map((notice) => sentence(`Note: ${notice.sentence}`)),
          `As a command: ${commandOf(server, screen)}`,
        ],
        choices: choicesOf(screen).map(({ label }, cursor): Choice => ({ label, run: choose(cursor) })),
        asks: 'Type a number, or back: then nothing changes.',
      };
    case 'applying': {
      const { plan, begun, waitsFor } = phase;
      return {
        told: plan.changes.slice(0, begun).map((change) => sentence(describeChange(change))),
        ...{ choices: [], asks: 'It ends when you leave: wait until it is done.' },
        waitsFor: waitsFor ?? 'preparing the server',
      };
    }
    case 'failed':
      return { told: failureLines(phase.error), choices: [correct], asks: 'Type 1, or quit.' };
    case 'prepared':
      return {
        told: [
          `${server} is ready for studies at ${phase.where}.`,
          ...phase.wrong.flatMap(({ sentence: found, hint }) => [found, ...(hint === undefined ? [] : [hint])]),
        ],
        choices: [{ label: 'Go to the list', run: press('Enter') }],
        asks: 'Type 1, or quit.',
      };
  }
};

function questionOf({ at, fields, certificates }: PrepareScreen): Spoken {
  const { label, means } = prepareWords[at];
  if (at === 'certificates')
    return {
      told: [sentence(`${label}: now ${certificateWords[certificates]}`)],
      choices: waysOfCertificates.map((way) => ({
        label: certificateWords[way],
        run: (state) => press('Enter')(withTop(state, { ...(topScreen(state) as PrepareScreen), certificates: way })),
      })),
      asks: 'Type a number, or back.',
    };
  const { text } = fields[at];
  return {
    told: [`${label}. ${means}`],
    ...askForText(text, { mayBeEmpty: at === 'traefikImage' || at === 'postgresImage' }),
  };
}

function choose(cursor: number): Choice['run'] {
  return (state) => {
    const top = topScreen(state) as PrepareScreen;
    if (top.phase.kind !== 'planned') return stay(state);
    return press('Enter')(withTop(state, { ...top, phase: { ...top.phase, cursor } }));
  };
}
