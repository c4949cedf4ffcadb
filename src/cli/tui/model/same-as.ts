import type { Asked, People } from './effects.ts';

/** The command that does the same, as typed in a shell: what people copy into their scripts. */
export function sameAs(asked: Asked, { people, typedName }: { people: People; typedName: boolean }): string {
  const { experiment, environment, stack } = asked.study;
  const words = ['oforest', asked.verb, experiment];
  if (environment !== 'production') words.push('--env', environment);
  if (asked.verb === 'deploy') words.push('--image', asked.image);
  if (asked.verb === 'rollback' && asked.to !== undefined) words.push('--to', `v${asked.to}`);
  if (asked.verb === 'restore') words.push('--backup', asked.backup);
  if (people.kind === 'wait') words.push('--after-session');
  if (people.kind === 'interrupt') words.push('--interrupt', quoted(people.reason));
  if (typedName) words.push('--confirm', stack);
  return words.join(' ');
}

/** As a shell takes it for one word; a placeholder while nothing is typed. */
function quoted(reason: string): string {
  return reason === '' ? 'REASON' : `'${reason.replaceAll("'", `'\\''`)}'`;
}
