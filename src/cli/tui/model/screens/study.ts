import { type Action, actions, actionsFor, begin, doesOf, keysOfActions } from '../actions.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import type { Key } from '../keys.ts';
import { pop, stay, withTop } from '../next.ts';
import { findStudy, type Opened, type TuiState } from '../state.ts';
import { moved } from '../window.ts';

/** One experiment: everything that can be done with it, in words, beside what is known of it. */
export interface StudyScreen extends Opened {
  readonly name: 'study';
  readonly stack: string;
  /** Id of the action under the cursor: a menu that changes moves nobody to another one. */
  readonly at: string | undefined;
}

/** The menu; empty once the study is gone. */
export function menuOf(state: TuiState, { stack }: StudyScreen): readonly Action[] {
  const study = findStudy(state, stack);
  return study ? actionsFor(study) : [];
}

/** The line under the cursor. What destroys is never under it by itself, because it comes last. */
export function cursorOf(state: TuiState, screen: StudyScreen): number {
  return Math.max(
    0,
    menuOf(state, screen).findIndex(({ id }) => id === screen.at),
  );
}

/** Why the line of the menu cannot be done now; undefined when it can. */
function whyBlocked(state: TuiState, { stack }: StudyScreen, action: Action | undefined): string | undefined {
  const study = findStudy(state, stack);
  return study && action?.blocked?.(study, state);
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
      const menu = menuOf(state, screen);
      const to = moved(cursorOf(state, screen), key, { count: menu.length, height: menu.length }) ?? 0;
      return stay(withTop(state, { ...screen, at: menu[to]?.id }));
    },
  },
  {
    keys: ['Enter', 'Right'],
    does: 'do what is chosen',
    hint: 'do it',
    run: (state, screen) => run(state, screen, menuOf(state, screen)[cursorOf(state, screen)]),
  },
  { keys: ['Esc', 'Left'], does: 'go back to the list', hint: 'back', run: (state) => pop(state) },
  ...keysOfActions(actions).map(
    (key): Binding<StudyScreen> => ({
      keys: [key],
      does: doesOf(key, actions),
      when: (state, screen) => lineOf(state, screen, key) !== undefined,
      blocked: (state, screen) => whyBlocked(state, screen, lineOf(state, screen, key)),
      run: (state, screen) => run(state, screen, lineOf(state, screen, key)),
    }),
  ),
];

function lineOf(state: TuiState, screen: StudyScreen, key: Key): Action | undefined {
  return menuOf(state, screen).find((action) => action.key === key);
}

export const studyRules: ScreenRules<StudyScreen> = { bindings };
