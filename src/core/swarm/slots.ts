/** The secrets every stack has: slot names are the variables the entry script exports, and the files' names. */
export const ownSlots = {
  /** Superuser of Postgres: mounted by db alone. */
  superuser: 'POSTGRES_PASSWORD',
  study: 'DATABASE_PASSWORD',
  admin: 'OTREE_ADMIN_PASSWORD',
  secretKey: 'OTREE_SECRET_KEY',
  rest: 'OTREE_REST_KEY',
} as const;

export const webSlots: readonly string[] = [ownSlots.study, ownSlots.admin, ownSlots.secretKey, ownSlots.rest];
export const databaseSlots: readonly string[] = [ownSlots.superuser, ownSlots.study];

/** How long a generated secret is: letters and digits, so it needs no quoting in a URL. The admin types his. */
export function generatedLength(slot: string): number {
  return slot === ownSlots.admin ? 16 : 40;
}

/** The databases of a study, all owned by its role `study`. The superuser connects to `postgres` alone. */
export const databases = {
  live: 'otree',
  /** Scratch of trials: emptied by each. */
  trial: 'otree_trial',
  /** Made by an operation, to become the live one. */
  madeBy: (operation: string) => `otree_new_${operation}`,
  /** Set aside by an operation: `undo` names it back. */
  setAsideBy: (operation: string) => `otree_old_${operation}`,
} as const;
