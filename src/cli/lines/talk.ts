import { topScreen } from '../tui/model/state.ts';
import type { Store } from '../tui/runtime/store.ts';
import { answer, askAgain, type Heard, stillWaiting, type Told, tell } from './conversation.ts';
import { spokenLine } from './words.ts';

const stillWaitingAfterMs = 30_000;

export interface TalkNeeds {
  readonly store: Store;
  readonly print: (line: string) => void;
  readonly now: () => number;
  /** Answers that stand ready, as in a pipe: each waits until what goes on has ended. A person may say something meanwhile. */
  readonly isScript: boolean;
}

/** Reads out what changes, and takes one line after the other as the answer to what was read out. */
export interface Talk {
  hear(line: string): void;
  /** Something that is no part of a screen: an address, a report. */
  readOut(lines: readonly string[]): void;
  /** No more lines will come: it ends once nothing goes on. */
  endOfLines(): void;
  /** Says nothing any more. */
  close(): void;
}

export function createTalk({ store, print, now, isScript }: TalkNeeds): Talk {
  const lines: string[] = [];
  let isEnd = false;
  let isLeaving = false;
  let isTaking = false;
  let answered = false;
  let printed = 0;
  let waitsSince: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let heard: Heard | undefined;

  tellNews();
  const stopWatching = store.subscribe(() => {
    if (isLeaving) return;
    tellNews();
    takeAnswers();
  });

  function tellNews(): void {
    const state = store.read();
    const told = tell(state, heard, { answered });
    answered = false;
    const waited = waitsSince !== undefined;
    waitsSince = told.heard.spoken.waitsFor === undefined ? undefined : (waitsSince ?? now());
    say(told);
    if (waited !== (waitsSince !== undefined)) keepTalking();
    const { serial } = topScreen(state);
    if (state.drawn < serial) store.dispatch({ kind: 'drawn', serial });
  }

  function say(told: Told): void {
    heard = told.heard;
    printed += told.lines.length;
    for (const line of told.lines) print(line);
    if (told.lines.length > 0) keepTalking();
  }

  /** Whoever waits hears every 30 s that they wait, and not more often. */
  function keepTalking(): void {
    clearTimeout(timer);
    const since = waitsSince;
    if (since === undefined) return;
    timer = setTimeout(() => heard && say({ lines: stillWaiting(heard, now() - since), heard }), stillWaitingAfterMs);
  }

  function takeAnswers(): void {
    if (isTaking) return;
    isTaking = true;
    while (heard && !isLeaving && !(isScript && waitsSince !== undefined)) {
      const line = lines.shift() ?? (isEnd ? 'quit' : undefined);
      if (line === undefined) break;
      const given = answer(line, store.read(), heard);
      if (given.kind === 'say') {
        say(given.told);
        continue;
      }
      isLeaving = given.kind === 'leave';
      answered = true;
      heard = { ...heard, notice: undefined };
      const before = printed;
      store.take((state) => given.run({ ...state, notice: undefined }));
      if (printed === before && !isLeaving) say(askAgain(heard));
    }
    isTaking = false;
  }

  return {
    hear(line) {
      lines.push(line);
      takeAnswers();
    },
    readOut(given) {
      if (heard) say({ lines: given.map(spokenLine), heard });
    },
    endOfLines() {
      isEnd = true;
      takeAnswers();
    },
    close() {
      stopWatching();
      clearTimeout(timer);
    },
  };
}
