import { wrap } from '../model/text.ts';
import type { Body } from './bodies.ts';
import { line } from './line.ts';

/** The command that does the same as this screen, over two lines where one is too short for it. */
export function sameAsLines(command: string, columns: number): Pick<Body, 'summary' | 'more'> {
  const label = ' Same as:  ';
  const [first = '', ...rest] = wrap(command, columns - label.length - 1);
  return {
    summary: line({ text: label + first, dim: true }),
    ...(rest.length > 0 && { more: line({ text: ' '.repeat(label.length) + rest.join(' '), dim: true }) }),
  };
}
