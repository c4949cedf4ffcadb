import { formatAge } from '../../render/format.ts';
import type { TuiState } from '../model/state.ts';

const stepMs = 10_000;

/** The time that ages are told at: it moves in steps, so that a list of ages is drawn anew every 10 s and not more often. */
export function agesAt({ now }: Pick<TuiState, 'now'>): number {
  return now - (now % stepMs);
}

/** How long ago, as of then: "12 min". */
export function ageOf(at: string, state: Pick<TuiState, 'now'>): string {
  return formatAge(at, new Date(agesAt(state)));
}
