/** What can be asked of a study, in the words of the commands. The last two only the keeper asks, by its timetable. */
export const verbs = [
  'deploy',
  'rollback',
  'start',
  'stop',
  'restart',
  'variable',
  'secret',
  'address',
  'admin',
  'backup',
  'restore',
  'reset',
  'undo',
  'delete',
  'undelete',
  'purge',
  'drill',
  'drop-data',
] as const;
export type Verb = (typeof verbs)[number];

/** As a record says it: a newer oForest may have written one that this version does not know. It is shown as it stands. */
export type RecordedVerb = string;

export function isVerb(verb: string): verb is Verb {
  return (verbs as readonly string[]).includes(verb);
}

/** What a verb of the commands begins, as a noun: "deployment". One that this version does not know stays as it is. */
export function nounOfVerb(verb: RecordedVerb): string {
  return isVerb(verb) ? nouns[verb] : verb;
}

const nouns: Readonly<Record<Verb, string>> = {
  deploy: 'deployment',
  rollback: 'rollback',
  start: 'start',
  stop: 'stop',
  restart: 'restart',
  variable: 'change of variables',
  secret: 'change of secrets',
  address: 'change of address',
  admin: 'change of the admin password',
  backup: 'backup',
  restore: 'restore',
  reset: 'reset',
  undo: 'undo',
  delete: 'deletion',
  undelete: 'return',
  purge: 'removal',
  drill: 'drill',
  'drop-data': 'removal of old data',
};
