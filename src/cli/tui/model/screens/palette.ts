import { type Action, actionsFor, begin } from '../actions.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { emptyField, type Field, insert, typeInto } from '../field.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import { findStudy, type Opened, type Study, type TuiState } from '../state.ts';
import { moved } from '../window.ts';

/** Every action that fits, found by typing a part of its words; each with its key, to be learned on the way. */
export interface PaletteScreen extends Opened {
  readonly name: 'palette';
  /** For which study; undefined where none was under the cursor. */
  readonly stack: string | undefined;
  readonly field: Field;
  readonly cursor: number;
}

export function openPalette(state: TuiState, stack: string | undefined): Next {
  return push(state, { name: 'palette', serial: nextSerial(state), stack, field: emptyField, cursor: 0 });
}

export interface Found {
  readonly action: Action;
  readonly study: Study;
  readonly blocked: string | undefined;
}

/** What the typed words find, in the order of the menu. */
export function foundActions(state: TuiState, { stack, field }: PaletteScreen): readonly Found[] {
  const study = findStudy(state, stack);
  if (!study) return [];
  const words = field.text.toLowerCase().split(' ').filter(Boolean);
  return actionsFor(study)
    .filter((action) => words.every((word) => action.label(study, state).toLowerCase().includes(word)))
    .map((action) => ({ action, study, blocked: action.blocked?.(study, state) }));
}

const bindings: readonly Binding<PaletteScreen>[] = [
  {
    keys: ['Up', 'Down'],
    does: 'choose',
    hint: 'choose',
    run: (state, screen, key) => {
      const count = foundActions(state, screen).length;
      return stay(withTop(state, { ...screen, cursor: moved(screen.cursor, key, { count, height: count }) ?? 0 }));
    },
  },
  {
    keys: ['Enter'],
    does: 'do it',
    hint: 'run',
    run: (state, screen) => {
      const found = foundActions(state, screen)[screen.cursor];
      if (!found) return stay(state);
      const closed = pop(state);
      const begun = begin(found.action, closed.state, found.study);
      return { state: begun.state, effects: [...closed.effects, ...begun.effects] };
    },
  },
  { keys: ['Esc'], does: 'close', hint: 'close', run: (state) => pop(state) },
];

export const paletteRules: ScreenRules<PaletteScreen> = {
  bindings,
  isTyping: () => true,
  typed(state, screen, key) {
    const field = typeInto(screen.field, key);
    return field && stay(withTop(state, { ...screen, field, cursor: 0 }));
  },
  pasted: (state, screen, text) => stay(withTop(state, { ...screen, field: insert(screen.field, text), cursor: 0 })),
};
