import { actionsFor, begin, generalActions } from '../actions.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { emptyField, type Field, insert, typeInto } from '../field.ts';
import type { Key } from '../keys.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import { type ShellCommand, shellCommandFor, shellCommands } from '../shell-commands.ts';
import { findStudy, type Opened, type Study, type TuiState } from '../state.ts';
import { goTo, keyOf, type Tab, tabs } from '../tabs.ts';
import { movedAmong } from '../window.ts';
import { isUnprepared } from './check.ts';
import { openPrepare } from './prepare.ts';
import { openServers, otherServer } from './servers.ts';
import { introduction, isNowhere, openWelcome } from './welcome.ts';

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

/** One line of the palette. */
export interface Found {
  readonly label: string;
  readonly key: Key;
  readonly blocked: string | undefined;
  /** Where no screen does it: the command line that does. */
  readonly command?: string;
  /** Of the command, which finds it as its label does. */
  readonly verb?: string;
  readonly run: (state: TuiState) => Next;
}

/** What the typed words find: of the study in the order of its menu, then what needs none, then where else one can go. */
export function foundActions(state: TuiState, { stack, field }: PaletteScreen): readonly Found[] {
  const words = field.text.toLowerCase().split(' ').filter(Boolean);
  const general = (isNowhere(state) ? [] : generalActions).map(
    ({ label, key, run }): Found => ({ label, key, blocked: undefined, run }),
  );
  const found = [...actionsOf(findStudy(state, stack), state), ...general, ...placesFrom(state)];
  const isMeant = ({ label, verb = '' }: Found) =>
    words.every((word) => `${label} ${verb}`.toLowerCase().includes(word));
  // A command line is an answer to a question alone: nobody has to read past all of them.
  const inShell = words.length === 0 ? [] : shellCommands.map((one) => asFound(one, findStudy(state, stack), state));
  return [...found, ...inShell].filter(isMeant);
}

function asFound(one: ShellCommand, study: Study | undefined, state: TuiState): Found {
  const command = shellCommandFor(one, study, state);
  return {
    ...{ label: one.label, key: '', blocked: undefined, command, verb: one.words({ name: '', place: '' }, state) },
    run: (closed) => stay(closed, { kind: 'copy', text: command, what: command }),
  };
}

function actionsOf(study: Study | undefined, state: TuiState): readonly Found[] {
  if (!study) return [];
  return actionsFor(study).map((action) => ({
    label: action.label(study, state),
    key: action.key,
    blocked: action.blocked?.(study, state),
    run: (closed) => begin(action, closed, study),
  }));
}

function placesFrom(state: TuiState): readonly Found[] {
  const preparing: readonly Found[] = isUnprepared(state) ? [prepareServer] : [];
  return [...preparing, ...(isNowhere(state) ? [] : tabs.map(placeOf)), ...elsewhere];
}

/** From the list, which is empty then. */
const prepareServer: Found = { label: 'Prepare this server', key: 'Enter', blocked: undefined, run: openPrepare };

const elsewhere: readonly Found[] = [
  { ...introduction, blocked: undefined, run: openWelcome },
  { ...otherServer, blocked: undefined, run: openServers },
];

function placeOf(tab: Tab): Found {
  return { label: `Go to ${tab.label}`, key: keyOf(tab), blocked: undefined, run: (closed) => goTo(tab, closed) };
}

const bindings: readonly Binding<PaletteScreen>[] = [
  {
    keys: ['Up', 'Down'],
    does: 'choose',
    hint: 'choose',
    run: (state, screen, key) => {
      const cursor = movedAmong(screen.cursor, key, foundActions(state, screen).length);
      return stay(withTop(state, { ...screen, cursor }));
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
      const begun = found.run(closed.state);
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
