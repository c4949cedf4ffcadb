import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time, randomness and ids come in from outside, so that tests can drive them. */
export interface Clock {
  now(): Date;
  /** Rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => new Date(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
};

export type RandomText = (length: number) => string;

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Lower-case letters and digits: 5.17 bits each. Safe in URLs, names and SQL literals. */
export const randomText: RandomText = (length) =>
  Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
