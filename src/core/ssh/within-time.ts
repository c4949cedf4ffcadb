import type { Duplex, Readable } from 'node:stream';
import { ExpectedError } from '../errors.ts';

interface Limits {
  /** What is being done: "connecting to swarm.lab". */
  what: string;
  timeoutMs: number;
  signal: AbortSignal;
  /** The failure when the time is up; default: `timed-out`. */
  onTimeout?: () => Error | undefined;
}

/**
 * Runs `work` until it settles, the signal aborts or the time is up; whichever ends it first also aborts
 * the signal that `work` got. Leaves no timer and no listener behind. Throws `cancelled`, `timed-out`.
 */
export async function withinTime<T>(
  { what, timeoutMs, signal, onTimeout }: Limits,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  throwIfCancelled(signal, what);
  const ending = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (error: Error) => {
    reject(error);
    ending.abort(error);
  };
  const onAbort = () => end(cancelledError(signal, what));
  const timer = setTimeout(() => end(onTimeout?.() ?? timedOut(what, timeoutMs)), timeoutMs);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work(ending.signal), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

function throwIfCancelled(signal: AbortSignal, what: string): void {
  if (signal.aborted) throw cancelledError(signal, what);
}

/** What an aborted signal means: the failure it was aborted with, else `cancelled`. */
export function cancelledError(signal: AbortSignal, what: string): ExpectedError {
  const { reason } = signal;
  return reason instanceof ExpectedError
    ? reason
    : new ExpectedError('cancelled', what, { why: 'It was cancelled.', cause: reason });
}

function timedOut(what: string, timeoutMs: number): ExpectedError {
  return new ExpectedError('timed-out', what, {
    why: `There was no answer within ${Math.ceil(timeoutMs / 1000)} seconds.`,
    hint: 'Try again; if it happens again, look at the load and the network of the server.',
    details: { timeoutMs },
  });
}

/**
 * Ties the life of an open stream to a signal; it then fails with `cancelled`. A failure that comes while nobody
 * listens, between two reads or after the last, must not end the process: whoever reads on gets it anyway.
 */
export function destroyOnAbort<T extends Duplex | Readable>(
  stream: T,
  { signal, what }: { signal: AbortSignal; what: string },
): T {
  const onAbort = () => stream.destroy(cancelledError(signal, what));
  stream.on('error', () => undefined);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  stream.once('close', () => signal.removeEventListener('abort', onAbort));
  return stream;
}
