/** Time as everything inside the sandbox knows it: Unix milliseconds, and things that are due later. */
export interface Timeline {
  now(): number;
  /** Calls once, after so much of the sandbox's time; the returned function takes it back. */
  after(ms: number, act: () => void): () => void;
}

/** The time of this machine. A waiting sandbox does not keep the process alive: its listening sockets do. */
export const realTimeline: Timeline = {
  now: () => Date.now(),
  after(ms, act) {
    const timer = setTimeout(act, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

interface Due {
  readonly at: number;
  readonly order: number;
  readonly act: () => void;
}

export interface DrivenTimeline extends Timeline {
  /** Lets so much time pass: everything due until then happens, in its order. */
  advance(ms: number): void;
  /** Jumps to the next thing that is due; false when nothing is. */
  jump(): boolean;
}

/** Time that stands still until it is told to pass: a stall of 60 s takes none. */
export function drivenTimeline(start = Date.UTC(2027, 0, 4, 9)): DrivenTimeline {
  let now = start;
  let made = 0;
  let waiting: Due[] = [];

  function next(until: number): Due | undefined {
    let first: Due | undefined;
    for (const due of waiting)
      if (due.at <= until && (!first || due.at < first.at || (due.at === first.at && due.order < first.order)))
        first = due;
    if (first) waiting = waiting.filter((due) => due !== first);
    return first;
  }

  return {
    now: () => now,
    after(ms, act) {
      const due: Due = { at: now + Math.max(0, ms), order: made, act };
      made += 1;
      waiting.push(due);
      return () => {
        waiting = waiting.filter((one) => one !== due);
      };
    },
    advance(ms) {
      const until = now + ms;
      for (let due = next(until); due; due = next(until)) {
        now = Math.max(now, due.at);
        due.act();
      }
      now = until;
    },
    jump() {
      const due = next(Number.POSITIVE_INFINITY);
      if (!due) return false;
      now = Math.max(now, due.at);
      due.act();
      return true;
    },
  };
}

/** `promise` form of `after`, for the sandbox's own sequences. */
export function pass(timeline: Timeline, ms: number): Promise<void> {
  return new Promise((resolve) => void timeline.after(ms, resolve));
}
