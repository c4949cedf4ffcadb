import type { Binding, ScreenRules } from '../bindings.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import { sameAs } from '../same-as.ts';
import { oforestOn } from '../shown-server.ts';
import type { Opened, TuiState } from '../state.ts';
import { findWait, stopWaiting, type Wait } from '../waits.ts';
import { movedAmong } from '../window.ts';

/** What waits until nobody is in a session. It goes on when this is closed; see `Wait`. */
export interface WaitScreen extends Opened {
  readonly name: 'wait';
  readonly stack: string;
  /** Id of the wait. */
  readonly wait: number;
  readonly cursor: number;
}

export const waitChoices = ['Go back; it goes on waiting', 'Stop waiting; nothing changes'] as const;

export function waitScreen({ id, stack }: Pick<Wait, 'id' | 'stack'>, serial: number): WaitScreen {
  return { name: 'wait', serial, stack, wait: id, cursor: 0 };
}

export function openWait(state: TuiState, wait: Wait): Next {
  return push(state, waitScreen(wait, nextSerial(state)));
}

/** The command that waits in the same way, in a shell. */
export function commandOf({ asked, review }: Pick<Wait, 'asked' | 'review'>, oforest: string): string {
  return sameAs(asked, { people: { kind: 'wait' }, typedName: review.wants === 'typed-name', oforest });
}

const isThere = (state: TuiState, { wait }: WaitScreen) => findWait(state, wait) !== undefined;

/** The study is shown again, where it was begun. */
function stop(state: TuiState, { wait: id }: WaitScreen): Next {
  const wait = findWait(state, id);
  if (!wait) return pop(state);
  const stopped = stopWaiting(state, wait);
  const below = pop(stopped.state);
  return { state: below.state, effects: [...stopped.effects, ...below.effects] };
}

const bindings: readonly Binding<WaitScreen>[] = [
  {
    keys: ['Up', 'Down', 'k', 'j'],
    does: 'choose',
    hint: 'choose',
    when: isThere,
    run: (state, screen, key) => {
      const cursor = movedAmong(screen.cursor, key, waitChoices.length);
      return stay(withTop(state, { ...screen, cursor }));
    },
  },
  {
    keys: ['Enter'],
    does: 'do what is chosen',
    hint: 'do it',
    run: (state, screen) => (screen.cursor === 0 ? pop(state) : stop(state, screen)),
  },
  { keys: ['x'], does: 'stop waiting; nothing changes', hint: 'stop waiting', when: isThere, run: stop },
  {
    keys: ['c'],
    does: 'copy the command that does the same',
    hint: 'copy the command',
    when: isThere,
    run: (state, screen) => {
      const wait = findWait(state, screen.wait);
      return wait
        ? stay(state, { kind: 'copy', text: commandOf(wait, oforestOn(state)), what: 'The command' })
        : stay(state);
    },
  },
  { keys: ['Esc', 'Left'], does: 'go back; it goes on waiting', hint: 'back, it waits on', run: (state) => pop(state) },
];

export const waitRules: ScreenRules<WaitScreen> = { bindings, waitsToBeSeen: true };
