import { isDown } from '../../../core/index.ts';
import { begin } from '../../tui/model/actions.ts';
import { stay } from '../../tui/model/next.ts';
import { menuOf } from '../../tui/model/screens/study.ts';
import { findStudy, type Study, type TuiState } from '../../tui/model/state.ts';
import { workOn } from '../../tui/model/verbs.ts';
import { inSession } from '../../tui/view/about.ts';
import { asHeard, type Choice, press, type Say } from '../spoken.ts';
import { agoInWords, sentence } from '../words.ts';
import { stateWord } from './experiments.ts';

/** One experiment: what is known of it, and everything that can be done with it, from the one registry. */
export const sayStudy: Say<'study'> = (state, screen) => {
  const study = findStudy(state, screen.stack);
  if (!study)
    return {
      told: [`${screen.stack} is not there any more.`],
      choices: [{ label: 'Back to the list', run: press('Esc') }],
      asks: 'Type 1 or back.',
    };
  const choices = menuOf(state, screen).map((action): Choice => {
    const label = asHeard(action.label(study, state));
    return {
      label: action.tier === 'final' ? `${label}. Asks for its name first.` : label,
      run: (now) => {
        const there = findStudy(now, screen.stack);
        return there ? begin(action, now, there) : stay(now);
      },
    };
  });
  return { told: factsOf(study, state), choices, asks: 'Type a number or its words, back, help, or quit.' };
};

function factsOf(study: Study, state: TuiState): readonly string[] {
  const { stack, people, url, release, image, changedAt, busy } = study;
  const { status, people: seen } = state.details[stack] ?? {};
  return [
    `${stack} is ${stateWord(study, state)}.`,
    ...(people === undefined || isDown(study.state) ? [] : [`${inSession(people)}.`]),
    ...(seen === undefined || isDown(study.state) ? [] : [sentence(seen)]),
    ...(busy ? [workOn(busy)] : []),
    `Address: ${url}`,
    ...(release > 0
      ? [`Release ${release}, ${agoInWords(changedAt, state.now)}, of the image ${image.split('@')[0]}.`]
      : []),
    ...(study.backedUpAt === undefined
      ? []
      : [`Last backup: ${agoInWords(study.backedUpAt, state.now)}, checked by a test restore.`]),
    ...(status?.parts ?? []).flatMap(({ part, error }) =>
      error === '' ? [] : [sentence(`${part === 'web' ? 'oTree' : 'The database'} has a problem: ${error}`)],
    ),
  ];
}
