import { type ErrorFacts, exitCodeOf } from '../../core/index.ts';
import { type Next, stay } from '../tui/model/next.ts';
import { type TuiState, topScreen } from '../tui/model/state.ts';
import type { Store } from '../tui/runtime/store.ts';
import { answer, askAgain, type Heard, stillWaiting, type Told, tell } from './conversation.ts';
import { spokenLine } from './words.ts';

const stillWaitingAfterMs = 30_000;

export interface TalkNeeds {
  readonly store: Store;
  readonly print: (line: string) => void;
  readonly now: () => number;
  /**
   * Answers that stand ready, as in a pipe: each waits until what goes on has ended, and after a failure none is given,
   * because it was meant for something else. A person may say something meanwhile.
   */
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
  let last = '';
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
    if (told.failed) failScript(told.failed.code, told.failed.details);
    if (waited !== (waitsSince !== undefined)) keepTalking();
    const { serial } = topScreen(state);
    if (state.drawn < serial) store.dispatch({ kind: 'drawn', serial });
  }

  function say(told: Told): void {
    heard = told.heard;
    printed += told.lines.length;
    for (const line of told.lines) print(line);
    last = told.lines.at(-1) ?? last;
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
      const line = lines.shift();
      if (line !== undefined) take(line, heard);
      else if (isEnd) leave(heard);
      else break;
    }
    isTaking = false;
  }

  function take(line: string, before: Heard): void {
    const given = answer(line, store.read(), before);
    switch (given.kind) {
      case 'leave':
        leave(before);
        break;
      case 'say':
        say(given.told);
        break;
      case 'no-answer':
        say(given.told);
        failScript('usage-wrong');
        break;
      case 'step':
        takeStep(given.run, before);
    }
  }

  function takeStep(run: (state: TuiState) => Next, before: Heard): void {
    answered = true;
    heard = { ...before, notice: undefined };
    const already = printed;
    let isRefused = false;
    store.take((state) => {
      const next = run({ ...state, notice: undefined });
      isRefused = cameToNothing(state, next);
      isLeaving ||= next.effects.some(({ kind }) => kind === 'leave');
      return next;
    });
    if (isRefused) failScript(before.spoken.refusedWith ?? 'operation-running');
    if (isLeaving) return;
    const { asks } = heard.spoken;
    if (printed === already || (asks !== '' && last !== spokenLine(asks))) say(askAgain(heard));
  }

  function leave({ spoken: { unconfirmed } }: Heard): void {
    if (isScript && unconfirmed !== undefined) {
      print(spokenLine(unconfirmed));
      failScript('confirmation-missing');
    } else leaveWith(0);
  }

  /** Where a person gives the answers, nothing. */
  function failScript(code: ErrorFacts['code'], details: ErrorFacts['details'] = {}): void {
    if (!isScript || isLeaving) return;
    const exitCode = exitCodeOf({ code, details, what: '' });
    print(`The script ends here with exit code ${exitCode}: no further answer is taken.`);
    leaveWith(exitCode);
  }

  function leaveWith(exitCode: number): void {
    isLeaving = true;
    store.take((state) => stay(state, { kind: 'leave', exitCode }));
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

/** Whether nothing was done but to say why not. */
function cameToNothing({ screens }: TuiState, { state, effects }: Next): boolean {
  return effects.length === 0 && state.screens === screens && state.notice !== undefined;
}
