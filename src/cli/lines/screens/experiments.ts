import { counted } from '../../../core/index.ts';
import { isUnprepared, prepareCommand } from '../../tui/model/screens/check.ts';
import { listedStudies } from '../../tui/model/screens/experiments.ts';
import type { Study, TuiState } from '../../tui/model/state.ts';
import { stateOf } from '../../tui/view/look.ts';
import { sayList } from '../listed.ts';
import { press, type Say } from '../spoken.ts';
import { peopleInWords } from '../words.ts';

export const sayExperiments: Say<'experiments'> = (state, screen) => {
  const { studies, server } = state;
  if (!studies)
    return {
      told: [`oForest. Asking ${server} for its experiments.`],
      choices: [],
      asks: '',
      waitsFor: `asking ${server} for its experiments`,
    };
  if (studies.length === 0 && isUnprepared(state))
    return {
      told: [`${server} was never prepared for studies. As a command: ${prepareCommand(state)}`],
      choices: [{ label: 'Prepare it. What would change is told first', run: press('Enter') }],
      asks: 'Type 1, help, or quit.',
      isLive: true,
    };
  return sayList(state, screen, {
    listed: listedStudies,
    row: (study) => ({ label: labelOf(study, state), about: study.stack, news: newsOf(study, state) }),
    head: headOf(studies, server),
    one: 'experiment',
  });
};

function headOf(studies: readonly Study[], server: string): string {
  if (studies.length > 0) return `oForest, ${server}. ${counted(studies.length, 'experiment')}.`;
  return `No experiments on ${server} yet. Type new experiment to begin one.`;
}

function labelOf(study: Study, state: TuiState): string {
  const { stack, release, people } = study;
  return [
    stack,
    stateWord(study, state),
    ...(people === undefined ? [] : [peopleInWords(people)]),
    ...(release > 0 ? [`release ${release}`] : []),
  ].join(', ');
}

function newsOf(study: Study, state: TuiState): string {
  return `${study.stack} is now ${stateWord(study, state)}.`;
}

/** In one word: which step an operation is at would be news every few seconds. */
export function stateWord({ busy, ...study }: Study, state: TuiState): string {
  const at = busy && { operation: busy.operation, verb: busy.verb, by: busy.by };
  return stateOf({ ...study, busy: at }, state, { ascii: true }).word.toLowerCase();
}
