import type { Layout } from '../model/layout.ts';
import { cut, wrap } from '../model/text.ts';
import type { Body } from './bodies.ts';
import { line } from './line.ts';

const label = ' Same as:  ';

/**
 * The command that does the same as this screen, over two lines where there are two. One that is cut says so: what is left of
 * it may be a command as well, and another one. `isCopied`: whether `c` copies the whole.
 */
export function sameAsLines(
  command: string,
  { columns, kind }: Pick<Layout, 'columns' | 'kind'>,
  { isCopied }: { isCopied: boolean },
): Pick<Body, 'summary' | 'more' | 'keepsSummary'> {
  const width = columns - label.length - 1;
  const rows = kind === 'tiny' || kind === 'compact' ? 1 : 2;
  const [first = '', second, ...rest] = linesOf(command, { width, rows, isCopied });
  if (rest.length > 0) throw new Error('there are two lines at most');
  return {
    summary: line({ text: label + first, dim: true }),
    ...(second !== undefined && { more: line({ text: ' '.repeat(label.length) + second, dim: true }) }),
    keepsSummary: true,
  };
}

function linesOf(
  command: string,
  { width, rows, isCopied }: { width: number; rows: number; isCopied: boolean },
): readonly string[] {
  const lines = wrap(command, width);
  if (lines.length <= rows) return lines;
  const mark = !isCopied ? ' …' : width < 40 ? ' … c copies it' : ' … c copies all of it';
  const shown = lines.slice(0, rows - 1);
  const [last = ''] = wrap(lines.slice(rows - 1).join(' '), width - mark.length);
  return [...shown, cut(last, width - mark.length) + mark];
}
