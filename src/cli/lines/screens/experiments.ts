import { isUnprepared, prepareCommand } from '../../tui/model/screens/check.ts';
import { listedStudies } from '../../tui/model/screens/experiments.ts';
import type { Study, TuiState } from '../../tui/model/state.ts';
import { stateOf } from '../../tui/view/look.ts';
import { sayList } from '../listed.ts';
import type { Say } from '../spoken.ts';
import { counted, peopleInWords } from '../words.ts';

export const sayExperiments: Say<'experiments'> = (state, screen) => {
  const { studies, server } = state;
  if (!studies)
    return {
      told: [`oForest. Asking ${server} for its experiments.`],
      choices: [],
      asks: '',
      waitsFor: `asking ${server} for its experiments`,
    };
  return sayList(state, screen, {
    listed: listedStudies,
    row: (study) => ({ label: labelOf(study, state), news: { about: study.stack, text: newsOf(study, state) } }),
    head: headOf(studies, state),
    one: 'experiment',
  });
};

function headOf(studies: readonly Study[], state: TuiState): string {
  const { server } = state;
  if (studies.length > 0) return `oForest, ${server}. ${counted(studies.length, 'experiment')}.`;
  if (isUnprepared(state))
    return `${server} was never prepared for studies. Prepare it once from a shell: ${prepareCommand(state)}`;
  return `No experiments on ${server} yet. Deploy one from a shell: oforest deploy my-experiment --image REFERENCE`;
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

export function stateWord(study: Study, state: TuiState): string {
  return stateOf(study, state, { ascii: true }).word.toLowerCase();
}
