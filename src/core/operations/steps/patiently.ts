import type { Clock } from '../../clock.ts';
import { ExpectedError } from '../../errors.ts';
import { staleAfterMs } from '../../records/lock.ts';

/**
 * Nobody can say at the moment what is true, or write it down: an operation that throws this is neither ended nor undone.
 * It stays as a crash would leave it, with its lock, and whoever comes next goes on from there.
 */
export class LeftUnfinished extends Error {
  override readonly name = 'LeftUnfinished';
  readonly failure: ExpectedError;

  constructor(failure: ExpectedError) {
    super(failure.message, { cause: failure });
    this.failure = failure;
  }
}

/** As long as a lock is believed without a sign of life. */
const patienceMs = staleAfterMs;
const pauseMs = 1_000;

/**
 * For what an operation can neither do without nor undo: its records, the way back. Tried again for a minute where it
 * fails, but for a lock that is gone. Throws LeftUnfinished when the minute is over.
 */
export async function patiently<Result>(
  attempt: () => Promise<Result>,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<Result> {
  const until = clock.now().getTime() + patienceMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ExpectedError) || error.code === 'operation-running') throw error;
      if (clock.now().getTime() >= until) throw new LeftUnfinished(error);
    }
    await clock.sleep(pauseMs, signal);
  }
}
