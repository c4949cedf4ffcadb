import type { Clock } from '../core/clock.ts';

/** Time as everything inside the sandbox knows it: Unix milliseconds, and things that are due later. */
export interface Timeline {
  now(): number;
  /** Calls once, after so much of the sandbox's time; the returned function takes it back. */
  after(ms: number, act: () => void): () => void;
  /** Something happens right now, outside of time: a request came or was answered. */
  touch?(): void;
  /** Somebody waits for time to pass, until the returned function is called. */
  hurry?(): () => void;
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
  at: number;
  readonly order: number;
  readonly act: () => void;
}

export interface DrivenTimeline extends Timeline {
  /** Lets so much time pass: everything due until then happens, in its order. */
  advance(ms: number): void;
  /** Jumps to the next thing that is due; false when nothing is. */
  jump(): boolean;
  /** So much time passes and nothing happens in it: whatever is due comes so much later. */
  skip(ms: number): void;
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
    skip(ms) {
      now += ms;
      for (const due of waiting) due.at += ms;
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

/** `promise` form of `after`: somebody waits for it, so that a self-driven timeline moves on. */
export function pass(timeline: Timeline, ms: number): Promise<void> {
  const done = timeline.hurry?.();
  return new Promise((resolve) => {
    timeline.after(ms, () => {
      done?.();
      resolve();
    });
  });
}

/** So many turns of the event loop without a sign of life mean that everybody waits for time to pass. */
const idleTurns = 10;

/**
 * Time that jumps to what is due next whenever somebody waits for it and nothing else happens: hours of a server's life
 * in moments, in the same order each time. `touch` is the sign of life that others give.
 */
export function selfDrivenTimeline(start?: number): DrivenTimeline {
  const driven = drivenTimeline(start);
  let waiting = 0;
  let idle = 0;
  let pumping = false;
  const turn = () => {
    pumping = waiting > 0;
    if (!pumping) return;
    idle += 1;
    if (idle >= idleTurns) {
      idle = 0;
      driven.jump();
    }
    setImmediate(turn);
  };
  return {
    ...driven,
    after(ms, act) {
      idle = 0;
      return driven.after(ms, act);
    },
    touch() {
      idle = 0;
    },
    hurry() {
      waiting += 1;
      if (!pumping) {
        pumping = true;
        setImmediate(turn);
      }
      let counted = true;
      return () => {
        if (counted) waiting -= 1;
        counted = false;
      };
    },
  };
}

/** The clock of core's operations, on a timeline of ours. */
export function clockOn(timeline: Timeline): Clock {
  return {
    now: () => new Date(timeline.now()),
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const done = timeline.hurry?.();
        const stop = () => {
          cancel();
          done?.();
          reject(signal.reason);
        };
        const cancel = timeline.after(ms, () => {
          done?.();
          signal.removeEventListener('abort', stop);
          resolve();
        });
        signal.addEventListener('abort', stop, { once: true });
      });
    },
  };
}
