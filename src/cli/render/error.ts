import { type ErrorFacts, safeText } from '../../core/index.ts';
import { paint } from './paint.ts';

/** What, why, now, to do; the last log lines below. Worded once, here. */
export function renderError(
  { code, what, why, now, hint, log = [] }: ErrorFacts,
  { color, ascii, stack }: { color: boolean; ascii: boolean; stack?: string },
): string {
  const { red, dim } = paint(color);
  if (code === 'bug')
    return [
      red(`This is a bug in oForest: ${safeText(what)}`),
      '  Please report it with the command you typed.',
      ...(stack ? [dim(stack)] : []),
    ].join('\n');
  const bar = ascii ? '|' : '│';
  return [
    `${red('Failed:')} ${safeText(what)}`,
    ...(why ? [`  Why:   ${safeText(why)}`] : []),
    ...(now ? [`  Now:   ${safeText(now)}`] : []),
    ...(hint ? [`  To do: ${safeText(hint)}`] : []),
    ...(log.length > 0 ? ['  Its last log lines:', ...log.map((line) => dim(`  ${bar} ${safeText(line)}`))] : []),
  ].join('\n');
}
