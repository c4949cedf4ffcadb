import type { Binding } from './bindings.ts';
import { type GlobalBinding, globalBindings } from './global-bindings.ts';
import type { Key } from './keys.ts';
import type { Message } from './messages.ts';
import { hear } from './news.ts';
import { type Next, stay } from './next.ts';
import { rulesOf } from './screens.ts';
import { type Screen, staleAfterMs, type TuiState, topScreen } from './state.ts';

/** The terminal UI in one function: what becomes of the state, and what is to be done, for everything that can happen. */
export function reduce(before: TuiState, message: Message, now: number): Next {
  const state = aged({ ...before, now });
  switch (message.kind) {
    case 'key':
      return (message.together ?? 1) > mostTyped && refusesPaste(state)
        ? stay({ ...state, notice: notPasted })
        : press(state, message.key);
    case 'pasted':
      return paste(state, message.text);
    case 'resized':
      return stay({ ...state, size: message.size });
    case 'drawn':
      return stay({ ...state, drawn: Math.max(state.drawn, message.serial) });
    case 'ticked':
      return stay(state);
    default:
      return hear(state, message);
  }
}

function paste(state: TuiState, text: string): Next {
  if (isUnseen(state)) return stay(state);
  const top = topScreen(state);
  return refusesPaste(state)
    ? stay({ ...state, notice: notPasted })
    : (rulesOf(top).pasted?.(state, top, text) ?? stay(state));
}

/** Letters of the fastest hands that a slow line delivers at once. More of them are a paste that the terminal does not tell of. */
const mostTyped = 3;
const notPasted = 'This is typed letter by letter, not pasted.';

function refusesPaste(state: TuiState): boolean {
  const top = topScreen(state);
  return !isUnseen(state) && rulesOf(top).refusesPaste?.(top) === true;
}

/** Whatever woke us: what is too old is not shown as live. */
function aged(state: TuiState): TuiState {
  const { link, asOf = 0, now } = state;
  return link.kind === 'live' && now - asOf >= staleAfterMs ? { ...state, link: { kind: 'stale' } } : state;
}

function press(before: TuiState, key: Key): Next {
  const top = topScreen(before);
  const rules = rulesOf(top);
  const always = boundTo(key, before, top, globalBindings.filter(isFirst));
  if (always) return always.run(before, top, key);
  // What was said is read, and whoever goes on does not mean to leave.
  const state: TuiState = { ...before, leavesUntil: undefined, notice: undefined };
  if (isUnseen(state)) return stay(state);

  const typed = rules.typed?.(state, top, key);
  if (typed) return typed;
  const binding = boundTo(key, state, top, rules.bindings) ?? boundTo(key, state, top, globalBindings);
  return binding ? binding.run(state, top, key) : stay(state);
}

const isFirst = ({ evenInFields }: GlobalBinding) => evenInFields === true;

function boundTo(key: Key, state: TuiState, screen: Screen, bindings: readonly Binding[]): Binding | undefined {
  return bindings.find(({ keys, when }) => keys.includes(key) && (when?.(state, screen) ?? true));
}

/** Nobody answers a question they could not see. */
function isUnseen(state: TuiState): boolean {
  const top = topScreen(state);
  return rulesOf(top).waitsToBeSeen === true && state.drawn < top.serial;
}
