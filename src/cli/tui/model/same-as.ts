import type { Asked, People, Subject } from './effects.ts';

/**
 * The command that does the same, as typed in a shell: what people copy into their scripts. `oforest`: how it begins, where
 * it has to say which server.
 */
export function sameAs(
  asked: Asked,
  {
    people,
    typedName,
    others = 'show',
    oforest = 'oforest',
  }: { people: People; typedName: boolean; others?: 'show' | 'wait'; oforest?: string },
): string {
  const { experiment, environment, stack } = asked.study;
  const words = [oforest, asked.verb, experiment];
  if (environment !== 'production') words.push('--env', environment);
  if (asked.verb === 'deploy') words.push(option('--image', asked.image));
  if (asked.verb === 'deploy' && asked.addColumns) words.push('--add-columns');
  if (asked.verb === 'rollback' && asked.to !== undefined) words.push('--to', `v${asked.to}`);
  if (asked.verb === 'restore') words.push(option('--backup', asked.backup));
  if (others === 'wait') words.push('--wait');
  if (asked.ignoreOpenPages) words.push('--ignore-open-pages');
  if (people.kind === 'wait') words.push('--after-session');
  if (people.kind === 'interrupt') words.push(option('--interrupt', people.reason || 'REASON'));
  // In a shell the backup is named by hand, and the name of the study with it.
  if (typedName && asked.verb !== 'restore') words.push('--confirm', stack);
  return words.join(' ');
}

/** A command that takes a study and nothing that has to be asked for: "oforest links my-exp". */
export function commandOn({ experiment, environment }: Subject, ...words: readonly string[]): string {
  const [verb = '', ...more] = words;
  const place = environment === 'production' ? [] : ['--env', environment];
  return ['oforest', verb, experiment, ...place, ...more].join(' ');
}

/** An option with its value. One that begins with a dash, such as `--yes`, would be taken for an option itself. */
export function option(flag: string, value: string): string {
  return `${flag}${value.startsWith('-') ? '=' : ' '}${quoted(value)}`;
}

/** As a shell takes it for one word, for people to copy. What oForest runs itself is quoted in core, beside the connection. */
export function quoted(text: string): string {
  return /^[\w./:@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
