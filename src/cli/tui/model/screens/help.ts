import type { Binding, ScreenRules } from '../bindings.ts';
import { emptyField, type Field, typeInto } from '../field.ts';
import { layoutIn } from '../layout.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import type { Opened, ScreenName, TuiState } from '../state.ts';
import { topScreen } from '../state.ts';

/** All keys of the screen below, filtered by typing. */
export interface HelpScreen extends Opened {
  readonly name: 'help';
  readonly about: ScreenName;
  readonly field: Field;
  readonly top: number;
}

export function openHelp(state: TuiState): Next {
  const about = topScreen(state).name;
  return push(state, { name: 'help', serial: nextSerial(state), about, field: emptyField, top: 0 });
}

/** `count`: of the lines that there are to scroll through. */
export function helpRules(count: (state: TuiState, screen: HelpScreen) => number): ScreenRules<HelpScreen> {
  const bindings: readonly Binding<HelpScreen>[] = [
    {
      keys: ['Up', 'Down', 'PgUp', 'PgDn'],
      does: 'scroll',
      hint: 'scroll',
      run: (state, screen, key) => {
        const by = { Up: -1, Down: 1, PgUp: -10, PgDn: 10 }[key] ?? 0;
        const last = Math.max(0, count(state, screen) - layoutIn(state).bodyRows);
        return stay(withTop(state, { ...screen, top: Math.max(0, Math.min(screen.top + by, last)) }));
      },
    },
    { keys: ['Esc', 'Enter'], does: 'close', hint: 'close', run: (state) => pop(state) },
  ];
  return {
    bindings,
    isTyping: () => true,
    typed(state, screen, key) {
      const field = typeInto(screen.field, key);
      return field && stay(withTop(state, { ...screen, field, top: 0 }));
    },
  };
}
