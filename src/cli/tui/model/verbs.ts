import { type Activity, capital, isVerb, nounOfVerb, type RecordedVerb, type Verb } from '../../../core/index.ts';

/** A verb of the commands as people say it: "back up". */
export function saidOf(verb: Verb): string {
  return said[verb];
}

const said: Readonly<Record<Verb, string>> = {
  deploy: 'deploy',
  rollback: 'roll back',
  start: 'start',
  stop: 'stop',
  restart: 'restart',
  variable: 'change the variables',
  secret: 'change the secrets',
  address: 'change the address',
  admin: 'change the admin password',
  backup: 'back up',
  restore: 'restore',
  reset: 'reset',
  undo: 'undo',
  delete: 'delete',
  undelete: 'bring it back',
  purge: 'purge',
  drill: 'verify a backup',
  'drop-data': 'remove old data',
};

/** Who does what to a study now: "ada@laptop is at work on it: deployment." */
export function workOn({ by, verb }: Pick<Activity, 'by' | 'verb'>): string {
  return `${by} is at work on it: ${nounOfVerb(verb)}.`;
}

/** What is done, as the title of its screens: "Back up the data". */
export function titleOfVerb(verb: RecordedVerb): string {
  return isVerb(verb) ? titles[verb] : capital(verb);
}

const titles: Readonly<Record<Verb, string>> = {
  deploy: 'Deploy an image',
  rollback: 'Roll back',
  start: 'Start',
  stop: 'Stop',
  restart: 'Restart oTree',
  variable: 'Change variables',
  secret: 'Change secrets',
  address: 'Change the address',
  admin: 'Change the admin password',
  backup: 'Back up the data',
  restore: 'Restore a backup',
  reset: 'Reset the data',
  undo: 'Undo the last reset or restore',
  delete: 'Delete the experiment',
  undelete: 'Bring it back',
  purge: 'Remove it for good',
  drill: 'Verify a backup',
  'drop-data': 'Remove old data',
};

/** What the typed name is asked for: "erase its data". */
export function stakeOfVerb(verb: Verb): string {
  return stakes[verb] ?? `${saidOf(verb)} it`;
}

const stakes: Readonly<Partial<Record<Verb, string>>> = {
  reset: 'erase its data',
  restore: 'replace its data',
  purge: 'erase it for good',
};
