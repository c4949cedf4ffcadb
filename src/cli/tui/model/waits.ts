import { nounOfVerb, type Review } from '../../../core/index.ts';
import { usualLimitMs } from '../../waiting-limit.ts';
import type { Asked } from './effects.ts';
import { type Next, stay } from './next.ts';
import type { Study, TuiState } from './state.ts';

/**
 * Something that is begun once nobody is in a session any more. The window waits for that, whatever it shows meanwhile: it
 * ends by its own word, or with the window.
 */
export interface Wait {
  /** Serial of the review on which it was chosen: news of it comes with that. */
  readonly id: number;
  readonly stack: string;
  readonly verb: Asked['verb'];
  readonly asked: Asked;
  readonly review: Review;
  /** RFC 3339. */
  readonly startedAt: string;
  /** "Waiting: 3 people are on a page." */
  readonly told: string | undefined;
}

export function beginWait(
  { id, asked, review }: Pick<Wait, 'id' | 'asked' | 'review'>,
  { now }: Pick<TuiState, 'now'>,
): Wait {
  const { verb, study } = asked;
  const startedAt = new Date(now).toISOString();
  return { id, stack: study.stack, verb, asked, review, startedAt, told: undefined };
}

/** Unix ms when it is given up. */
export function endsAt({ startedAt }: Pick<Wait, 'startedAt'>): number {
  return Date.parse(startedAt) + usualLimitMs;
}

export function findWait({ waits }: Pick<TuiState, 'waits'>, id: number): Wait | undefined {
  return waits.find((wait) => wait.id === id);
}

export function withoutWait(state: TuiState, id: number): TuiState {
  return { ...state, waits: state.waits.filter((wait) => wait.id !== id) };
}

/** The only way to end one beside leaving: it says what does not happen now. */
export function stopWaiting(state: TuiState, { id, verb, stack }: Pick<Wait, 'id' | 'verb' | 'stack'>): Next {
  const notice = `Stopped: the ${nounOfVerb(verb)} of ${stack} was not begun, and nothing has changed.`;
  return stay({ ...withoutWait(state, id), notice }, { kind: 'stop-waiting', serial: id });
}

/** "Waits: 3 people", as a state of the study. */
export function waitWord(stack: string, { studies }: Partial<Pick<TuiState, 'studies'>>): string {
  const people = studies?.find((study) => study.stack === stack)?.people ?? 0;
  return people === 0 ? 'Waits' : `Waits: ${people} ${people === 1 ? 'person' : 'people'}`;
}

export function waitOn(
  { stack }: Pick<Study, 'stack'>,
  { waits = [] }: Partial<Pick<TuiState, 'waits'>>,
): Wait | undefined {
  return waits.find((wait) => wait.stack === stack);
}

/** Why nobody goes to another server now: whatever waits on this one would end without a word. */
export function whyStay({ waits, server }: Pick<TuiState, 'waits' | 'server'>): string | undefined {
  const [wait] = waits;
  return wait && `The ${nounOfVerb(wait.verb)} of ${wait.stack} waits on ${server}: stop that first, under Activity.`;
}
