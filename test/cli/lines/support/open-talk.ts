import { createTalk, type Talk } from '../../../../src/cli/lines/talk.ts';
import type { Effect } from '../../../../src/cli/tui/model/effects.ts';
import type { News } from '../../../../src/cli/tui/model/messages.ts';
import type { TuiState } from '../../../../src/cli/tui/model/state.ts';
import { createStore } from '../../../../src/cli/tui/runtime/store.ts';

/** Somebody who listens and answers. */
export interface OpenTalk {
  readonly talk: Talk;
  readonly state: TuiState;
  readonly effects: readonly Effect[];
  /** Everything that was read out. */
  readonly all: readonly string[];
  /** What was read out since it was last asked for. */
  heard(): readonly string[];
  /** What is read out after this answer. */
  answer(line: string): readonly string[];
  /** What is read out after this news. */
  tell(...news: readonly News[]): readonly string[];
}

interface OpenTalkNeeds {
  readonly isScript?: boolean;
  readonly now?: () => number;
  /** With each line. */
  readonly heard?: () => void;
}

export function openTalk(
  state: TuiState,
  { isScript = false, now = () => state.now, heard: wasHeard = () => {} }: OpenTalkNeeds = {},
): OpenTalk {
  const all: string[] = [];
  const effects: Effect[] = [];
  const print = (line: string) => {
    all.push(line);
    wasHeard();
  };
  const store = createStore(state, { carryOut: (effect) => effects.push(effect), now });
  const talk = createTalk({ store, print, now, isScript });
  let read = 0;
  const heard = () => {
    const lines = all.slice(read);
    read = all.length;
    return lines;
  };
  return {
    talk,
    effects,
    all,
    heard,
    get state() {
      return store.read();
    },
    answer(line) {
      heard();
      talk.hear(line);
      return heard();
    },
    tell(...news) {
      heard();
      store.dispatchAll(news);
      return heard();
    },
  };
}
