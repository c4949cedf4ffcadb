import type { VolumeTrouble } from '../volumes/volume.ts';

/**
 * What can go wrong with one request. The first group happens to the request itself; the second happens to the world at
 * the moment the request arrives, and the request is then answered as that world would.
 */
export type Fault =
  | { kind: 'delay'; ms: number }
  /** The connection ends before anything was done. */
  | { kind: 'reset-before' }
  /** It was done, and the connection ends before the answer. */
  | { kind: 'reset-after' }
  | { kind: 'error-500' }
  /** It was done, and half of the answer comes. */
  | { kind: 'truncated' }
  /** It was done, and the answer is whole, but none that dockerd would give. */
  | { kind: 'strange' }
  /** The answer comes in small pieces, so long for all of it. */
  | { kind: 'slow'; ms: number }
  | { kind: 'leader-lost'; ms: number }
  | { kind: 'clock-jump'; ms: number }
  /** A running task of a service whose name ends so crashes. */
  | { kind: 'task-crash'; service: string }
  | { kind: 'pull-failure'; ms: number }
  | { kind: 'disk-full'; ms: number }
  /** Something is wrong with the volumes whose names end so: those there are, or else the first that is made. */
  | { kind: 'volume-trouble'; volume: string; trouble: VolumeTrouble; ms?: number };

export interface Call {
  /** From 1. */
  readonly number: number;
  readonly method: string;
  /** Without the version: `/services/create`. */
  readonly path: string;
}

/** Decides at each request whether something goes wrong with it. */
export type FaultPlan = (call: Call) => Fault | undefined;

export const noFaults: FaultPlan = () => undefined;

export interface FaultRule {
  readonly fault: Fault;
  readonly method?: string;
  readonly path?: RegExp;
  /** The how-manieth matching request; default: the first. */
  readonly at?: number;
  /** How many in a row; default: 1. */
  readonly times?: number;
}

/** Rules count the requests that match them; the first that is due wins. */
export function faultsByRule(rules: readonly FaultRule[]): FaultPlan {
  const seen = new Map<FaultRule, number>();
  return (call) => {
    let due: Fault | undefined;
    for (const rule of rules) {
      if (rule.method !== undefined && rule.method !== call.method) continue;
      if (rule.path !== undefined && !rule.path.test(call.path)) continue;
      const count = (seen.get(rule) ?? 0) + 1;
      seen.set(rule, count);
      const first = rule.at ?? 1;
      if (count >= first && count < first + (rule.times ?? 1)) due ??= rule.fault;
    }
    return due;
  };
}

/** The same seed gives the same faults at the same requests. `share` is the part of requests that fail, 0 to 1. */
export function faultsBySeed(seed: number, { share, faults }: { share: number; faults: readonly Fault[] }): FaultPlan {
  const next = randomNumbers(seed);
  return () => (next() < share ? faults[Math.floor(next() * faults.length)] : undefined);
}

/** Numbers from 0 to below 1 that a seed decides (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
