import * as z from 'zod';
import { booked, bookings, released } from './json/booking-answers.ts';
import { backupList, downloaded, exported } from './json/data-answers.ts';
import { lines } from './json/lines.ts';
import { accepted, activity, cancelling, plan, stored, succeeded } from './json/operation-answers.ts';
import { error, version } from './json/schema-parts.ts';
import {
  namedServer,
  prepared,
  preparePlan,
  sandboxOpen,
  sandboxReset,
  sandboxStopped,
  serverCheck,
  servers,
} from './json/server-answers.ts';
import { address, admin, links, list, noServers, releases, secrets, status, variables } from './json/study-answers.ts';

/**
 * Everything that `--json` and `--json=lines` print, written once: docs/json.schema.json is made from it by
 * scripts/json-schema.ts, and the tests hold the commands to it. Each schema is tied to the type it describes.
 */

export const failure = z
  .strictObject({
    version,
    kind: z.literal('result').optional().describe('With --json=lines.'),
    ok: z.literal(false),
    error,
  })
  .meta({ id: 'failure', description: 'Any command that failed; docs/exit-codes.md has the exit code of each error.' });

const operation = [plan, accepted, succeeded] as const;
const changeOfSettings = [...operation, stored] as const;

/** What each command may answer when it does not fail; `''` is oforest alone. */
export const answersOf = {
  '': [list, noServers],
  list: [list],
  status: [status],
  releases: [releases],
  links: [links],
  open: [address],
  admin: [admin, ...operation],
  deploy: operation,
  rollback: operation,
  address: [address, ...operation],
  start: operation,
  stop: operation,
  restart: operation,
  book: [bookings, booked],
  hold: [booked],
  'release-hold': [released],
  backup: operation,
  backups: [backupList, downloaded],
  export: [exported],
  reset: operation,
  undo: operation,
  restore: operation,
  delete: operation,
  undelete: operation,
  purge: operation,
  watch: [succeeded],
  activity: [activity],
  cancel: [cancelling],
  'variable list': [variables],
  'variable set': changeOfSettings,
  'variable unset': changeOfSettings,
  'secret list': [secrets],
  'secret set': changeOfSettings,
  'secret unset': changeOfSettings,
  'server add': [namedServer],
  'server use': [namedServer],
  'server list': [servers],
  'server check': [serverCheck],
  'server prepare': [preparePlan, prepared],
  'sandbox serve': [sandboxOpen],
  'sandbox stop': [sandboxStopped],
  'sandbox reset': [sandboxReset],
} as const satisfies Record<string, readonly z.ZodType[]>;

export type AnsweringCommand = keyof typeof answersOf;

export const answers: readonly z.ZodType[] = [...new Set<z.ZodType>(Object.values(answersOf).flat())];

/**
 * For those who read our output: JSON Schema, draft 2020-12. Objects stay open, because a version may gain fields; the
 * tests are stricter and refuse a field that is not written here.
 */
export function publishedSchema(): Record<string, unknown> {
  const all = z.union([...answers, failure, ...lines]).meta({
    title: 'oForest JSON output',
    description: 'What any command prints with --json (one object) or on one line of --json=lines.',
  });
  return z.toJSONSchema(all, {
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
}
