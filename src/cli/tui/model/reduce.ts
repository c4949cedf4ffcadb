import { globalBindings } from './global-bindings.ts';
import type { Message } from './messages.ts';
import { hear } from './news.ts';
import { type Next, stay } from './next.ts';
import { rulesOf } from './screens.ts';
import { type TuiState, topScreen } from './state.ts';

/** The terminal UI in one function: what becomes of the state, and what is to be done, for everything that can happen. */
export function reduce(before: TuiState, message: Message, now: number): Next {
  const state = { ...before, now };
  switch (message.kind) {
    case 'key':
      return press(state, message.key);
    case 'pasted':
      return isUnseen(state)
        ? stay(state)
        : (rulesOf(topScreen(state)).pasted?.(state, topScreen(state), message.text) ?? stay(state));
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

function press(before: TuiState, key: string): Next {
  const top = topScreen(before);
  const rules = rulesOf(top);
  const always = globalBindings.find(({ keys, evenInFields }) => evenInFields && keys.includes(key));
  if (always) return always.run(before, top, key);
  // Whoever goes on does not mean to leave.
  const state: TuiState =
    before.leavesUntil === undefined ? before : { ...before, leavesUntil: undefined, notice: undefined };
  if (isUnseen(state)) return stay(state);

  const typed = rules.typed?.(state, top, key);
  if (typed) return typed;
  const cleared: TuiState = state.notice?.kind === 'said' ? { ...state, notice: undefined } : state;
  const binding = rules.bindings.find(({ keys, when }) => keys.includes(key) && (when?.(cleared, top) ?? true));
  if (binding) return binding.run(cleared, top, key);
  const general = globalBindings.find(({ keys }) => keys.includes(key));
  return general ? general.run(cleared, top, key) : stay(cleared);
}

/** Nobody answers a question they could not see. */
function isUnseen(state: TuiState): boolean {
  const top = topScreen(state);
  return rulesOf(top).waitsToBeSeen === true && state.drawn < top.serial;
}
