import type { ErrorFacts } from '../../../core/index.ts';
import { type Line, line } from './line.ts';
import { glyph, type Look } from './look.ts';
import { pad, wrap } from './text.ts';

/** A failure in its four lines: what, why, what is true now, what to do; the code to look it up by, and the last log lines. */
export function errorLines(
  { what, why, now, hint, code, log = [] }: ErrorFacts,
  width: number,
  look: Look,
): readonly Line[] {
  const named: readonly (readonly [string, string | undefined])[] = [
    ['Why', why],
    ['Now', now],
    ['To do', hint],
    ['Code', code],
  ];
  return [
    ...wrap(`Failed: ${what}`, width - 4).map((text, index) =>
      line({ text: `  ${index === 0 ? glyph('failed', look) : ' '} ${text}`, color: 'red' }),
    ),
    ...named.flatMap(([name, text]) =>
      text === undefined
        ? []
        : wrap(text, width - 12).map((part, index) =>
            line({ text: `    ${pad(index === 0 ? name : '', 8)}`, dim: true }, part),
          ),
    ),
    ...(log.length > 0 ? [line({ text: '    Its last log lines', dim: true })] : []),
    ...log.map((text) => line({ text: `    ${glyph('bar', look)} ${text}`, dim: true })),
  ];
}
