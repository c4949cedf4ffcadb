import type { Effect } from '../model/effects.ts';
import type { Message } from '../model/messages.ts';
import type { Next } from '../model/next.ts';
import { reduce } from '../model/reduce.ts';
import type { TuiState } from '../model/state.ts';

/** Holds the state; every message goes through `reduce`, and what it wants done is handed on. */
export interface Store {
  readonly read: () => TuiState;
  readonly subscribe: (changed: () => void) => () => void;
  readonly dispatch: (message: Message) => void;
  /** One change for whoever watches, however many messages. */
  readonly dispatchAll: (messages: readonly Message[]) => void;
  /** What a choice does that was made without a key. */
  readonly take: (step: (state: TuiState) => Next) => void;
}

export function createStore(
  initial: TuiState,
  { carryOut, now }: { carryOut: (effect: Effect) => void; now: () => number },
): Store {
  let state = initial;
  const watchers = new Set<() => void>();
  function takeAll(steps: readonly ((state: TuiState) => Next)[]): void {
    const wanted: Effect[] = [];
    for (const step of steps) {
      const next = step(state);
      state = next.state;
      wanted.push(...next.effects);
    }
    for (const changed of watchers) changed();
    for (const effect of wanted) carryOut(effect);
  }
  const dispatchAll = (messages: readonly Message[]) =>
    takeAll(messages.map((message) => (before) => reduce(before, message, now())));
  return {
    read: () => state,
    subscribe(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    dispatch: (message) => dispatchAll([message]),
    dispatchAll,
    take: (step) => takeAll([(before) => step({ ...before, now: now() })]),
  };
}
