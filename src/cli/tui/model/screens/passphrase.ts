import type { Binding, ScreenRules } from '../bindings.ts';
import { emptyField, type Field, insert, typeInto } from '../field.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import type { Opened, TuiState } from '../state.ts';

/** What unlocks a key, without which the server cannot be reached. It is never shown. */
export interface PassphraseScreen extends Opened {
  readonly name: 'passphrase';
  readonly question: number;
  /** Of the key: `/home/ada/.ssh/id_ed25519`. */
  readonly file: string;
  /** Whether what was typed before did not unlock it. */
  readonly isAgain: boolean;
  readonly field: Field;
}

export function askPassphrase(
  state: TuiState,
  { question, file, isAgain }: Pick<PassphraseScreen, 'question' | 'file' | 'isAgain'>,
): Next {
  return push(state, { name: 'passphrase', serial: nextSerial(state), question, file, isAgain, field: emptyField });
}

function close(state: TuiState, { question }: PassphraseScreen, text: string | undefined): Next {
  const closed = pop(state);
  return { state: closed.state, effects: [...closed.effects, { kind: 'answer-passphrase', question, text }] };
}

const bindings: readonly Binding<PassphraseScreen>[] = [
  {
    keys: ['Enter'],
    does: 'unlock the key',
    hint: 'unlock',
    when: (_, { field }) => field.text !== '',
    run: (state, screen) => close(state, screen, screen.field.text),
  },
  {
    keys: ['Esc'],
    does: 'do without it; the server is not reached',
    hint: 'do without',
    run: (state, screen) => close(state, screen, undefined),
  },
];

export const passphraseRules: ScreenRules<PassphraseScreen> = {
  bindings,
  waitsToBeSeen: true,
  isTyping: () => true,
  typed(state, screen, key) {
    const field = typeInto(screen.field, key);
    return field && stay(withTop(state, { ...screen, field }));
  },
  pasted: (state, screen, text) => stay(withTop(state, { ...screen, field: insert(screen.field, text) })),
};
