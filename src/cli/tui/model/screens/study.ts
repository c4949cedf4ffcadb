import { type Action, actionsFor, begin } from '../actions.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { pop, stay, withTop } from '../next.ts';
import { findStudy, type Opened, type TuiState } from '../state.ts';
import { moved } from '../window.ts';

/** One experiment: everything that can be done with it, in words, beside what is known of it. */
export interface StudyScreen extends Opened {
  readonly name: 'study';
  readonly stack: string;
  readonly cursor: number;
}

/** The menu; empty once the study is gone. */
export function menuOf(state: TuiState, { stack }: StudyScreen): readonly Action[] {
  const study = findStudy(state, stack);
  return study ? actionsFor(study) : [];
}

/** The line under the cursor. What destroys is never under it by itself, because it comes last. */
export function cursorOf(state: TuiState, screen: StudyScreen): number {
  return Math.min(screen.cursor, Math.max(0, menuOf(state, screen).length - 1));
}

function run(state: TuiState, screen: StudyScreen, action: Action | undefined) {
  const study = findStudy(state, screen.stack);
  return study && action ? begin(action, state, study) : stay(state);
}

const bindings: readonly Binding<StudyScreen>[] = [
  {
    keys: ['Up', 'Down', 'k', 'j', 'PgUp', 'PgDn', 'Home', 'End'],
    does: 'choose',
    hint: 'choose',
    run: (state, screen, key) => {
      const count = menuOf(state, screen).length;
      const cursor = moved(cursorOf(state, screen), key, { count, height: count }) ?? 0;
      return stay(withTop(state, { ...screen, cursor }));
    },
  },
  {
    keys: ['Enter', 'Right'],
    does: 'do what is chosen',
    hint: 'do it',
    run: (state, screen) => run(state, screen, menuOf(state, screen)[cursorOf(state, screen)]),
  },
  { keys: ['Esc', 'Left'], does: 'go back to the list', hint: 'back', run: (state) => pop(state) },
];

export const studyRules: ScreenRules<StudyScreen> = {
  bindings,
  /** The keys of the menu are those of its lines. */
  typed(state, screen, key) {
    const action = menuOf(state, screen).find((one) => one.key === key);
    return action && run(state, screen, action);
  },
};
