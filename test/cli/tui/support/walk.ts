import type { Effect } from '../../../../src/cli/tui/model/effects.ts';
import { type InkKey, type Key, keysOf } from '../../../../src/cli/tui/model/keys.ts';
import type { News } from '../../../../src/cli/tui/model/messages.ts';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import { type TuiState, topScreen } from '../../../../src/cli/tui/model/state.ts';
import { someNow } from './states.ts';

/** A person at the keyboard: each key is typed when the screen before it can be seen. */
export interface Walk {
  readonly state: TuiState;
  readonly effects: readonly Effect[];
  press(...keys: readonly Key[]): Walk;
  /** Typed so fast that nothing is drawn in between. */
  pressAtOnce(...keys: readonly Key[]): Walk;
  type(text: string): Walk;
  paste(text: string): Walk;
  /** Into a terminal that does not tell what was pasted: one chunk of keys. */
  pasteAsKeys(text: string): Walk;
  hear(...news: readonly News[]): Walk;
}

export function walkFrom(state: TuiState, effects: readonly Effect[] = []): Walk {
  const walk = (before: TuiState, messages: Parameters<typeof reduce>[1][], isDrawn: boolean): Walk => {
    let now = before;
    const wanted: Effect[] = [];
    for (const message of messages) {
      if (isDrawn) now = reduce(now, drawnNow(now), someNow).state;
      const next = reduce(now, message, someNow);
      now = next.state;
      wanted.push(...next.effects);
    }
    return walkFrom(now, [...effects, ...wanted]);
  };
  const asKeys = (keys: readonly Key[]) => keys.map((key) => ({ kind: 'key', key }) as const);
  return {
    state,
    effects,
    press: (...keys) => walk(state, asKeys(keys), true),
    pressAtOnce: (...keys) => walk(state, asKeys(keys), false),
    type: (text) => walk(state, asKeys(Array.from(text, (letter) => (letter === ' ' ? 'Space' : letter))), true),
    paste: (text) => walk(state, [{ kind: 'pasted', text }], true),
    pasteAsKeys: (text) => {
      const keys = keysOf(text, noKey);
      return walk(
        state,
        keys.map((key) => ({ kind: 'key', key, together: keys.length }) as const),
        true,
      );
    },
    hear: (...news) => walk(state, [...news], false),
  };
}

const noKey: InkKey = {
  ...{ upArrow: false, downArrow: false, leftArrow: false, rightArrow: false, pageDown: false, pageUp: false },
  ...{ home: false, end: false, return: false, escape: false, ctrl: false, shift: false, tab: false },
  ...{ backspace: false, delete: false, meta: false },
};

export function drawnNow(state: TuiState) {
  return { kind: 'drawn', serial: topScreen(state).serial } as const;
}

/** The effects of one kind, in their order. */
export function effectsOf<Kind extends Effect['kind']>(
  walk: Walk,
  kind: Kind,
): readonly Extract<Effect, { kind: Kind }>[] {
  return walk.effects.filter((effect) => effect.kind === kind) as Extract<Effect, { kind: Kind }>[];
}
