import type { ErrorFacts } from '../../core/index.ts';
import { sentence } from './words.ts';

/** A failure in its four lines: what, why, what is true now, what to do; then the code, and the last log lines. */
export function failureLines({ what, why, now, hint, code, log = [] }: ErrorFacts): readonly string[] {
  return [
    sentence(`Failed: ${what}`),
    ...(why === undefined ? [] : [sentence(`Why: ${why}`)]),
    ...(now === undefined ? [] : [sentence(`Now: ${now}`)]),
    ...(hint === undefined ? [] : [sentence(`To do: ${hint}`)]),
    `Code: ${code}`,
    ...log.map((text) => `Log: ${text}`),
  ];
}
