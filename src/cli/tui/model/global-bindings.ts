import { sandboxName } from '../../sandbox/name.ts';
import type { Binding } from './bindings.ts';
import { emptyField } from './field.ts';
import { hidingTour, toggleTour } from './first-run.ts';
import { type Next, pop, stay, withTop } from './next.ts';
import { openHelp } from './screens/help.ts';
import { openPalette } from './screens/palette.ts';
import { openServers, otherServer } from './screens/servers.ts';
import { introduction, isNowhere, openWelcome } from './screens/welcome.ts';
import { type ScreenName, type TuiState, topScreen } from './state.ts';
import { stackMeant } from './study-meant.ts';
import { goTo, keyOf, tabs } from './tabs.ts';

/** What keys do on every screen that does not say otherwise. */
export interface GlobalBinding extends Binding {
  /** Before the screen and its fields are asked. */
  readonly evenInFields?: true;
  /** Its hint stands at the end, where it never gives way to others. */
  readonly isLast?: true;
  /** Its hint while the server does not answer, when it comes before all others. */
  readonly whileOffline?: string;
}

const patienceMs = 2_000;

export const globalBindings: readonly GlobalBinding[] = [
  { keys: ['?'], does: 'show all keys of this screen', hint: 'help', isLast: true, run: (state) => openHelp(state) },
  {
    keys: [':', 'Ctrl-P'],
    does: 'find an action by its words',
    hint: 'find an action',
    run: (state) => openPalette(state, stackMeant(state)),
  },
  {
    keys: ['r'],
    does: 'look again now',
    whileOffline: 'try now',
    run: (state) => stay(state, { kind: 'look-again' }),
  },
  ...tabs.map(
    (tab): GlobalBinding => ({
      keys: [keyOf(tab)],
      does: `go to ${tab.label}`,
      when: (state) => !isNowhere(state),
      run: (state) => goTo(tab, state),
    }),
  ),
  {
    keys: [otherServer.key],
    does: 'go to another server',
    hint: 'other server',
    whileOffline: 'other server',
    when: (_, { name }) => name !== 'servers' && name !== 'passphrase',
    run: (state) => openServers(state),
  },
  {
    keys: [introduction.key],
    does: 'read what oForest is, and where to begin',
    when: (_, { name }) => name !== 'welcome' && name !== 'passphrase',
    run: openWelcome,
  },
  {
    keys: [hidingTour],
    does: 'hide what there is to try on the sandbox, or show it again',
    when: ({ server }) => server === sandboxName,
    run: (state) => stay(toggleTour(state)),
  },
  {
    keys: ['q'],
    does: 'leave; what runs goes on',
    hint: 'quit',
    isLast: true,
    run: (state) => stay(state, { kind: 'leave', exitCode: 0 }),
  },
  {
    keys: ['Esc'],
    does: 'put the failure away',
    evenInFields: true,
    when: ({ failure, notice }) => failure !== undefined && notice === undefined,
    run: (state) => stay({ ...state, failure: undefined }),
  },
  {
    keys: ['Ctrl-C'],
    does: 'close what is open; twice: leave, and what runs goes on',
    evenInFields: true,
    run: closeOrLeave,
  },
  {
    keys: ['Ctrl-L'],
    does: 'paint the screen again',
    evenInFields: true,
    run: (state) => stay(state, { kind: 'repaint', size: state.size }),
  },
  {
    keys: ['Ctrl-Z'],
    does: 'suspend; `fg` returns',
    evenInFields: true,
    run: (state) => stay(state, { kind: 'suspend' }),
  },
];

/** Dialogs and forms: what is open for a moment. */
const closable: readonly ScreenName[] = [
  'palette',
  'help',
  'admin',
  'export',
  'review',
  'cancel',
  'image',
  'new-study',
  'rollback',
  'connect',
];

function closeOrLeave(state: TuiState): Next {
  const { name } = topScreen(state);
  const cleared = clearedFilter(state);
  if (cleared) return cleared;
  if (closable.includes(name)) return pop(state);
  if (state.leavesUntil !== undefined && state.now < state.leavesUntil)
    return stay(state, { kind: 'leave', exitCode: isWatching(state) ? 130 : 0 });
  const notice =
    state.waits.length > 0
      ? 'Press Ctrl-C again to leave: what waits for people will not begin.'
      : 'Press Ctrl-C again to leave. Running work goes on.';
  return stay({ ...state, leavesUntil: state.now + patienceMs, notice });
}

/** What is typed into the filter of a list goes first; undefined where there is none. */
function clearedFilter(state: TuiState): Next | undefined {
  const top = topScreen(state);
  if (!('list' in top) || (!top.list.isTyping && top.list.filter.text === '')) return undefined;
  return stay(withTop(state, { ...top, list: { ...top.list, filter: emptyField, isTyping: false } }));
}

/** Whoever leaves an operation by Ctrl-C did not see its end, and a script is told so. */
export function isWatching(state: TuiState): boolean {
  const top = topScreen(state);
  return top.name === 'progress' && top.progress.end === undefined;
}
