import { ExpectedError, parseEnvironment, parseExperimentName, stackName } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { emptyField, type Field, insert, typeInto } from '../field.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import { findStudy, type Opened, type TuiState } from '../state.ts';
import { imageInPlace } from './image.ts';

/** The name of an experiment that is not there yet. Its image is asked for next. */
export interface NewStudyScreen extends Opened {
  readonly name: 'new-study';
  readonly field: Field;
}

export function openNewStudy(state: TuiState): Next {
  return push(state, { name: 'new-study', serial: nextSerial(state), field: emptyField });
}

/** Why the name cannot be taken, in a sentence; undefined where it can. */
export function objectionTo(state: TuiState, { field }: NewStudyScreen): string | undefined {
  const name = field.text.trim();
  try {
    const { stack } = subjectOf(name);
    return findStudy(state, stack) ? `${stack} is there already. To update it, deploy from its own menu.` : undefined;
  } catch (error) {
    if (error instanceof ExpectedError) return [error.why, error.hint].join(' ');
    throw error;
  }
}

function subjectOf(name: string) {
  const experiment = parseExperimentName(name);
  const environment = parseEnvironment('production');
  return { experiment, environment, stack: stackName(experiment, environment) };
}

const bindings: readonly Binding<NewStudyScreen>[] = [
  {
    keys: ['Enter'],
    does: 'choose its image next',
    hint: 'next',
    when: (state, screen) => objectionTo(state, screen) === undefined,
    run: (state, { field }) => imageInPlace(state, { ...subjectOf(field.text.trim()), image: '' }),
  },
  { keys: ['Esc'], does: 'go back; nothing changes', hint: 'cancel, nothing changes', run: (state) => pop(state) },
];

export const newStudyRules: ScreenRules<NewStudyScreen> = {
  bindings,
  isTyping: () => true,
  typed(state, screen, key) {
    const field = typeInto(screen.field, key);
    return field && stay(withTop(state, { ...screen, field }));
  },
  pasted: (state, screen, text) => stay(withTop(state, { ...screen, field: insert(screen.field, text.trim()) })),
};
