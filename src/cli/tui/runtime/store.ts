import type { Effect } from '../model/effects.ts';
import type { Message } from '../model/messages.ts';
import { reduce } from '../model/reduce.ts';
import type { TuiState } from '../model/state.ts';

/** Holds the state; every message goes through `reduce`, and what it wants done is handed on. */
export interface Store {
  readonly read: () => TuiState;
  readonly subscribe: (changed: () => void) => () => void;
  readonly dispatch: (message: Message) => void;
  /** One change for whoever watches, however many messages. */
  readonly dispatchAll: (messages: readonly Message[]) => void;
}

export function createStore(
  initial: TuiState,
  { carryOut, now }: { carryOut: (effect: Effect) => void; now: () => number },
): Store {
  let state = initial;
  const watchers = new Set<() => void>();
  function dispatchAll(messages: readonly Message[]): void {
    const wanted: Effect[] = [];
    for (const message of messages) {
      const next = reduce(state, message, now());
      state = next.state;
      wanted.push(...next.effects);
    }
    for (const changed of watchers) changed();
    for (const effect of wanted) carryOut(effect);
  }
  return {
    read: () => state,
    subscribe(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    dispatch: (message) => dispatchAll([message]),
    dispatchAll,
  };
}
