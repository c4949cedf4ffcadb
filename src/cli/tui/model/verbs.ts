import { type Activity, nounOfVerb } from '../../../core/index.ts';

/** A verb of the commands as people say it: "back up". */
export function saidOf(verb: string): string {
  return said[verb] ?? verb;
}

const said: Readonly<Record<string, string>> = {
  rollback: 'roll back',
  backup: 'back up',
  undelete: 'bring it back',
};

/** Who does what to a study now: "ada@laptop is at work on it: deployment." */
export function workOn({ by, verb }: Pick<Activity, 'by' | 'verb'>): string {
  return `${by} is at work on it: ${nounOfVerb(verb)}.`;
}

/** What is done, as the title of its screens: "Back up the data". */
export function titleOfVerb(verb: string): string {
  return titles[verb] ?? capital(verb);
}

const titles: Readonly<Record<string, string>> = {
  deploy: 'Deploy an image',
  rollback: 'Roll back',
  restore: 'Restore a backup',
  restart: 'Restart oTree',
  backup: 'Back up the data',
  reset: 'Reset the data',
  undo: 'Undo the last reset or restore',
  delete: 'Delete the experiment',
  undelete: 'Bring it back',
  purge: 'Remove it for good',
  variable: 'Change variables',
  secret: 'Change secrets',
  address: 'Change the address',
  admin: 'Change the admin password',
  drill: 'Verify a backup',
  'drop-data': 'Remove old data',
};

/** What the typed name is asked for: "erase its data". */
export function stakeOfVerb(verb: string): string {
  return stakes[verb] ?? `${saidOf(verb)} it`;
}

const stakes: Readonly<Record<string, string>> = {
  reset: 'erase its data',
  restore: 'replace its data',
  purge: 'erase it for good',
};

export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
