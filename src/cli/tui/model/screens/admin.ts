import type { AdminAccess, ErrorFacts } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import type { Subject } from '../effects.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import type { Opened, TuiState } from '../state.ts';
import { movedAmong } from '../window.ts';

/** Where the researcher logs in to oTree. The password is seen on request alone. */
export interface AdminScreen extends Opened {
  readonly name: 'admin';
  readonly study: Subject;
  readonly found:
    | undefined
    | { readonly kind: 'read'; readonly access: AdminAccess }
    | { readonly kind: 'failed'; readonly error: ErrorFacts };
  /** Number of what was opened last when the password was asked for: whatever is opened since hides it again. */
  readonly shownAt: number | undefined;
  readonly cursor: number;
}

export function openAdmin(state: TuiState, { experiment, environment, stack }: Subject): Next {
  const serial = nextSerial(state);
  const study = { experiment, environment, stack };
  const screen: AdminScreen = { name: 'admin', serial, study, found: undefined, shownAt: undefined, cursor: 0 };
  return push(state, screen, { kind: 'read-admin', serial, stack });
}

export function isPasswordShown({ opened }: Pick<TuiState, 'opened'>, { shownAt }: AdminScreen): boolean {
  return shownAt === opened;
}

/** One thing that can be done here, in the order of the screen. */
export interface AdminChoice {
  readonly key: string;
  readonly label: string;
  readonly does: string;
  readonly hint: string;
  readonly run: (state: TuiState, screen: AdminScreen, access: AdminAccess) => Next;
}

const open: AdminChoice = {
  key: 'o',
  label: 'Open it in the browser',
  does: 'open the admin page in the browser',
  hint: 'open it',
  run: (state, _, { url }) => stay(state, { kind: 'browse', url }),
};
const copy: AdminChoice = {
  key: 'c',
  label: 'Copy the password',
  does: 'copy the password, without showing it',
  hint: 'copy the password',
  run: (state, _, { password }) => stay(state, { kind: 'copy', text: password, what: 'The password' }),
};
/** On a screen alone: whoever listens has it read out instead. */
export const show: AdminChoice = {
  key: 's',
  label: 'Show the password',
  does: 'show the password, or hide it again',
  hint: 'show the password',
  run: (state, screen) =>
    stay(withTop(state, { ...screen, shownAt: isPasswordShown(state, screen) ? undefined : state.opened })),
};

/** Empty until the login is known. */
export function adminChoices({ found }: AdminScreen): readonly AdminChoice[] {
  return found?.kind === 'read' ? choices : [];
}

const choices = [open, copy, show];

function take(state: TuiState, screen: AdminScreen, choice: AdminChoice | undefined): Next {
  return choice && screen.found?.kind === 'read' ? choice.run(state, screen, screen.found.access) : stay(state);
}

const isRead = (_: TuiState, screen: AdminScreen) => adminChoices(screen).length > 0;

const bindings: readonly Binding<AdminScreen>[] = [
  {
    keys: ['Up', 'Down', 'k', 'j'],
    does: 'choose',
    hint: 'choose',
    when: isRead,
    run: (state, screen, key) => {
      const cursor = movedAmong(screen.cursor, key, adminChoices(screen).length);
      return stay(withTop(state, { ...screen, cursor }));
    },
  },
  {
    keys: ['Enter'],
    does: 'do what is chosen',
    hint: 'do it',
    when: isRead,
    run: (state, screen) => take(state, screen, adminChoices(screen)[screen.cursor]),
  },
  ...choices.map(
    (choice): Binding<AdminScreen> => ({
      keys: [choice.key],
      does: choice.does,
      hint: choice.hint,
      when: isRead,
      run: (state, screen) => take(state, screen, choice),
    }),
  ),
  {
    keys: ['r'],
    does: 'ask for it again',
    hint: 'try again',
    when: (_, { found }) => found?.kind === 'failed',
    run: (state, screen) =>
      stay(withTop(state, { ...screen, found: undefined }), {
        kind: 'read-admin',
        serial: screen.serial,
        stack: screen.study.stack,
      }),
  },
  { keys: ['Esc', 'Left'], does: 'go back; the password is hidden', hint: 'back', run: (state) => pop(state) },
];

export const adminRules: ScreenRules<AdminScreen> = { bindings };
