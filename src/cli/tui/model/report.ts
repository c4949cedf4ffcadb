import type { ErrorFacts } from '../../../core/index.ts';
import type { Effect } from './effects.ts';

/** Copies what somebody else needs to help: no secret is in it, because none is in an error. */
export function copyReport({ what, why, now, hint, code, log = [] }: ErrorFacts, of: string): Effect {
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['Failed', what],
    ['Why', why],
    ['Now', now],
    ['To do', hint],
    ['Code', code],
    ['Operation', of],
    ...log.map((text) => ['Log', text] as const),
  ];
  const text = lines.flatMap(([name, told]) => (told === undefined ? [] : [`${name}: ${told}`])).join('\n');
  return { kind: 'copy', text, what: 'The report' };
}
