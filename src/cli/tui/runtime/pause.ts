import type { Clock } from '../../../core/index.ts';

/** Waiting that can be cut short, and that leaves nothing behind. */
export interface Pause {
  /** Until that time, unix ms or never, or until it is woken. Rejects with the signal. */
  until(at: number): Promise<void>;
  /** Ends the wait that is under way; one that is to come does not begin. */
  wake(): void;
}

export function createPause({ clock, signal }: { clock: Clock; signal: AbortSignal }): Pause {
  let isWoken = false;
  let end = () => {};
  return {
    async until(at) {
      signal.throwIfAborted();
      const ms = at - clock.now().getTime();
      const sleeping = new AbortController();
      const woken = Promise.withResolvers<void>();
      end = () => {
        sleeping.abort();
        woken.resolve();
      };
      signal.addEventListener('abort', end, { once: true });
      try {
        if (!isWoken && ms > 0)
          await (ms === Number.POSITIVE_INFINITY ? woken.promise : clock.sleep(ms, sleeping.signal).catch(() => {}));
        isWoken = false;
      } finally {
        signal.removeEventListener('abort', end);
        end = () => {};
      }
      signal.throwIfAborted();
    },
    wake() {
      isWoken = true;
      end();
    },
  };
}

export const silence = Symbol('no answer in time');

/** The answer, or `silence` when it takes longer than that; it may still come. */
export async function answerWithin<Answer>(
  ms: number,
  answer: Promise<Answer>,
  clock: Clock,
): Promise<Answer | typeof silence> {
  const waiting = new AbortController();
  const over = clock.sleep(ms, waiting.signal).then((): typeof silence => silence);
  try {
    return await Promise.race([answer, over]);
  } finally {
    waiting.abort();
  }
}
