import * as z from 'zod';
import {
  type Activity,
  Archive,
  AuditLine,
  BackupManifest,
  type Change,
  type ErrorFacts,
  type ExperimentStatus,
  type ExperimentSummary,
  errorCodes,
  type KeeperLine,
  type LogLine,
  type OperationEvent,
  type OperationResult,
  type ParticipantLink,
  type PlatformChange,
  type PlatformEvent,
  type PlatformNotice,
  type ReleaseSummary,
  releaseFits,
  releaseStates,
  type ServerCheck,
  stepIds,
} from '../core/index.ts';
import { jsonVersion } from './render/output.ts';

/**
 * Everything that `--json` and `--json=lines` print, written once: docs/json.schema.json is made from it by
 * scripts/json-schema.ts, and the tests hold the commands to it. Each schema is tied to the type it describes.
 */

/** A type as JSON carries it: fields that are undefined are left out. */
type Json<T> = T extends readonly (infer Item)[]
  ? Json<Item>[]
  : T extends object
    ? { [Key in keyof T as undefined extends T[Key] ? never : Key]: Json<T[Key]> } & {
        [Key in keyof T as undefined extends T[Key] ? Key : never]?: Json<Exclude<T[Key], undefined>>;
      }
    : T;

const version = z.literal(jsonVersion).describe('Of this format; grows when a field changes its meaning or goes.');
const release = z.int().positive().describe('Number of a release: 3 is what commands call v3.');
const time = z.string().describe('RFC 3339, UTC.');
const stack = z.string().describe('The experiment, and --<suffix> unless it is production.');
const url = z.string().describe('Address of the study.');
const operationId = z.string().describe('For `oforest watch`.');
const backupId = z.string().describe('For `oforest restore --backup`.');
const serverName = z.string().describe('As in the config.');

/** With `--json=lines` an answer is the last line and has a kind. */
function answer<Shape extends z.core.$ZodLooseShape>(id: string, description: string, shape: Shape) {
  const kind = z.literal('result').optional().describe('With --json=lines.');
  return z.strictObject({ version, kind, ok: z.literal(true), ...shape }).meta({ id, description });
}

const error = z
  .strictObject({
    code: z.enum([...(Object.keys(errorCodes) as (keyof typeof errorCodes)[]), 'bug']),
    what: z.string().describe('What was being done.'),
    why: z.string().optional(),
    now: z.string().optional().describe('What is true now.'),
    hint: z.string().optional().describe('What to do.'),
    log: z.array(z.string()).optional().describe('Last lines of a log, oldest first, masked.'),
    details: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
      .optional()
      .describe('Facts of this failure; what is in here depends on the code.'),
  })
  .meta({
    id: 'error',
    description: 'Compare the code; the words are for people and may change.',
  }) satisfies z.ZodType<Json<ErrorFacts>>;

export const failure = z
  .strictObject({
    version,
    kind: z.literal('result').optional().describe('With --json=lines.'),
    ok: z.literal(false),
    error,
  })
  .meta({ id: 'failure', description: 'Any command that failed; docs/exit-codes.md has the exit code of each error.' });

const change = z
  .strictObject({
    action: z.enum([
      ...(['create', 'update', 'relabel', 'restart', 'stop', 'start'] as const),
      ...(['back up', 'empty', 'replace', 'retire', 'remove'] as const),
    ]),
    subject: z.enum(['network', 'secret', 'db', 'web', 'data', 'backup', 'study']),
    name: z.string(),
    because: z.string(),
    interrupts: z.boolean().describe('Whether people on a page would notice.'),
  })
  .meta({ id: 'change', description: 'One change of a plan.' }) satisfies z.ZodType<Json<Change>>;

const platformChange = z
  .strictObject({
    action: z.enum(['create', 'update']),
    subject: z.enum(['network', 'settings', 'certificate', 'key', 'traefik', 'closed-page', 'platform']),
    name: z.string(),
    because: z.string(),
    interrupts: z.boolean().describe('Whether people in any study would notice.'),
  })
  .meta({ id: 'platform-change', description: 'One change of `server prepare`.' }) satisfies z.ZodType<
  Json<PlatformChange>
>;

const platformNotices = z.array(
  z.strictObject({
    code: z.enum([
      'not-encrypted',
      'certificate-expires-soon',
      'certificate-chain-unknown',
      'acme-needs-port-80',
      'links-change',
      'studies-need-restart',
    ]),
    sentence: z.string(),
  }) satisfies z.ZodType<Json<PlatformNotice>>,
);

const check = z
  .strictObject({
    name: z.enum([
      'docker',
      'clock',
      'swarm',
      'managers',
      'platform',
      'network',
      'traefik',
      'closed-page',
      'http',
      'https',
      'certificate',
    ]),
    outcome: z.enum(['ok', 'warning', 'failed']),
    sentence: z.string(),
    hint: z.string().optional(),
  })
  .meta({ id: 'check', description: 'One thing that `server check` looked at.' }) satisfies z.ZodType<
  Json<ServerCheck>
>;

const peopleCounts = {
  onPage: z.int().describe('On a page, and not done.'),
  waiting: z.int().describe('Waiting for others.'),
  inRoom: z.int().describe('Waiting in a room for its session; 0 where rooms were not asked.'),
  lastPage: z.int().describe('On the last page: they do not stand in the way.'),
  openPages: z.int().describe("Open pages beyond those, such as the researcher's own monitor."),
};
const people = z
  .strictObject({
    ...peopleCounts,
    known: z.boolean().describe('False when it could not be read.'),
    sentence: z.string(),
  })
  .meta({ id: 'people', description: 'How many people are in a session at this moment.' });

const list = answer('list', 'list', {
  server: serverName,
  experiments: z.array(
    z.strictObject({
      experiment: z.string(),
      environment: z.string(),
      stack,
      state: z.enum(['running', 'stopped', 'retired', 'updating', 'starting over']),
      people: people.optional().describe('With --people.'),
      release: z.int().nonnegative(),
      url,
      image: z.string().describe('As it was given.'),
      owner: z.string(),
      changedAt: time,
    }) satisfies z.ZodType<Json<ExperimentSummary>>,
  ),
});

const noServers = answer('no-servers', 'oforest without a command, while no server is configured', {
  servers: z.array(z.never()).length(0),
});

const statusFields = {
  stack,
  state: z.enum(['running', 'starting', 'stopped', 'retired', 'failing']),
  until: time.optional().describe('Until when a deleted study can be brought back.'),
  people: people.optional().describe('Not there for a study that does not run.'),
  release: release.optional().describe('The one that serves, or served last; absent before the first.'),
  url,
  image: z.string().describe('As it was given.'),
  parts: z.array(
    z.strictObject({
      part: z.enum(['web', 'db']),
      service: z.string(),
      task: z.string().describe("Swarm's own word for the state of its newest task; none without one."),
      taskId: z.string(),
      since: z.string(),
      error: z.string().describe('What Swarm says went wrong; empty when nothing did.'),
      node: z.string(),
    }),
  ),
  variables: z.array(z.string()).describe('Names.'),
  secrets: z.array(z.string()).describe('Names.'),
  operation: z
    .strictObject({ id: operationId, verb: z.string(), actor: z.string(), since: time })
    .optional()
    .describe('The one that runs now.'),
  lastOperation: z.strictObject({ id: operationId, verb: z.string(), state: z.string(), at: time }).optional(),
};
z.strictObject(statusFields) satisfies z.ZodType<Json<ExperimentStatus>>;
const status = answer('status', 'status', statusFields);

const releases = answer('releases', 'releases: newest first', {
  stack,
  releases: z.array(
    z.strictObject({
      release,
      state: z.enum(releaseStates),
      fits: z
        .enum(releaseFits)
        .optional()
        .describe(
          'Its tables and pages beside those of the one that serves; not there where they were never compared.',
        ),
      serving: z.boolean(),
      image: z.string().describe('As it was given.'),
      digest: z.string(),
      otree: z.string().describe('The version of oTree that its trial saw; empty before.'),
      source: release.optional().describe('The release that a rollback took it from.'),
      author: z.string(),
      createdAt: time,
    }) satisfies z.ZodType<Json<ReleaseSummary>>,
  ),
});

const links = answer('links', 'links', {
  stack,
  links: z.array(
    z.strictObject({
      kind: z.enum(['room', 'session']),
      name: z.string(),
      url: z.string(),
      tried: z.enum(['answers', 'does not answer', 'not tried']),
    }) satisfies z.ZodType<Json<ParticipantLink>>,
  ),
});

const address = answer('address', 'open, and address without a host', { stack, url });
const admin = answer('admin', 'admin', { stack, url, user: z.string(), password: z.string() });
const variables = answer('variables', 'variable list', { stack, variables: z.record(z.string(), z.string()) });
const secrets = answer('secrets', 'secret list: names only', { stack, secrets: z.array(z.string()) });

const plan = answer('plan', 'With --plan, and whenever there is nothing to do', {
  verb: z.string(),
  stack,
  plan: z.array(change).describe('In the order of the work; empty when all is as asked.'),
  url,
  outcome: z.enum(['planned', 'unchanged']),
  release: release.optional().describe('The one that serves.'),
  people: z.string().optional().describe('Who is in a session, in words, where people would notice.'),
  fit: z
    .enum([...releaseFits, 'not-checked'])
    .optional()
    .describe('Whether a new image fits the data, as far as earlier trials of it tell.'),
});

const accepted = answer('accepted', 'With --detach', {
  operation: operationId,
  outcome: z.literal('accepted'),
  stack,
});

const resultFields = {
  stack: z.string(),
  release: release.optional(),
  url: z.string().optional(),
  state: z.enum(['running', 'stopped', 'retired', 'purged']),
  backup: backupId.optional(),
  archive: z.string().optional().describe('What was set aside: `oforest undo` brings it back.'),
  until: time.optional().describe('Until when a deleted study can be brought back.'),
};
const result = z.strictObject(resultFields) satisfies z.ZodType<Json<OperationResult>>;

const succeeded = answer('succeeded', 'An operation that ended well', {
  operation: operationId,
  outcome: z.literal('succeeded'),
  ...resultFields,
});

const stored = answer('stored', 'With --later', { stack, outcome: z.literal('stored'), release });

const namedServer = answer('named-server', 'server add, server use', { server: serverName });
const sandboxOpen = answer('sandbox-open', 'sandbox serve, once it lets people in', {
  server: serverName,
  ssh: z.strictObject({ host: z.string(), port: z.int(), sshConfig: z.string() }),
});
const sandboxStopped = answer('sandbox-stopped', 'sandbox stop', { stopped: z.boolean() });
const sandboxReset = answer('sandbox-reset', 'sandbox reset', { reset: z.literal(true) });
const servers = answer('servers', 'server list', {
  servers: z.array(z.strictObject({ name: z.string(), current: z.boolean(), address: z.string() })),
});
const serverCheck = answer('server-check', 'server check: ok is false, and the exit code 1, when a check failed', {
  ok: z.boolean(),
  server: serverName,
  outcome: z.enum(['ok', 'warning', 'failed']).describe('The worst of all.'),
  checks: z.array(check),
});
const preparePlan = answer('prepare-plan', 'server prepare with --plan, and whenever there is nothing to do', {
  server: serverName,
  outcome: z.enum(['planned', 'unchanged']),
  changes: z.array(platformChange),
  notices: platformNotices,
});
const prepared = answer('prepared', 'server prepare', {
  server: serverName,
  outcome: z.literal('changed'),
  changes: z.array(platformChange),
  notices: platformNotices,
  platform: z.strictObject({
    domain: z.string(),
    addresses: z.array(z.string()),
    tls: z.enum(['none', 'files', 'acme']),
    httpPort: z.int(),
    httpsPort: z.int(),
    contact: z.string().optional().describe('Whom participants may ask, as a closed study shows it.'),
    entryNode: z.string(),
    images: z.strictObject({ traefik: z.string(), postgres: z.string() }),
  }),
  checks: z.array(check),
});

const booking = z
  .strictObject({
    id: z.string().describe('For `oforest release-hold EXP --id`.'),
    stack,
    type: z.enum(['slot', 'hold']).describe('A lab session, or a study kept as it is for a reason.'),
    from: time,
    until: time,
    reason: z.string().describe('Empty for a slot.'),
    by: z.string(),
    createdAt: time,
  })
  .meta({ id: 'booking', description: 'A time in which nothing of a study is changed.' });
const bookings = answer('bookings', 'book without times: in the order they begin', {
  stack: stack.optional(),
  bookings: z.array(booking),
});
const booked = answer('booked', 'book, hold', {
  stack,
  booking,
  overlapping: z.array(booking).describe('Others of the study that share some of its time.'),
});
const released = answer('released', 'release-hold', { stack, released: z.array(booking) });

const activity = answer('activity', 'activity: newest first', {
  stack: stack.optional(),
  operations: z.array(
    z.strictObject({
      operation: operationId,
      stack,
      verb: z.string().describe('As typed: deploy, stop …'),
      by: z.string(),
      startedAt: time,
      state: z
        .enum(['accepted', 'running', 'stale', 'succeeded', 'failed', 'interrupted'])
        .describe('stale: not ended, and nobody is at work on it any more.'),
      endedAt: time.optional(),
      step: z.enum(stepIds).optional().describe('Of one that is not ended.'),
      error: error.pick({ code: true, what: true, why: true }).optional(),
      cancelledBy: z.string().optional(),
    }) satisfies z.ZodType<Json<Activity>>,
  ),
  audit: z.array(z.strictObject(AuditLine.shape)).optional().describe('With --audit: of its whole life, newest first.'),
});
const cancelling = answer('cancelling', 'cancel: whether it stops shows `watch`', {
  operation: operationId,
  stack,
  outcome: z.enum(['requested', 'unchanged']),
});

const backupList = answer('backups', 'backups', {
  stack,
  backups: z.array(z.looseObject(BackupManifest.shape)).describe('Newest first; each was restored and compared.'),
  archives: z
    .array(z.strictObject(Archive.shape))
    .describe('Databases that were set aside, newest first: `oforest undo` brings the first one back.'),
  freeBytes: z.number().describe('On the disk with the backups.'),
  live: z.strictObject({ bytes: z.number() }).nullish().describe('The database itself; not there while it is stopped.'),
});

const downloaded = answer('downloaded', 'backups --download', {
  stack,
  outcome: z.literal('downloaded'),
  backup: backupId,
  path: z.string().describe('Of the dump; its manifest lies beside it.'),
});

const exported = answer('exported', 'export: ok is false, and the exit code 1, when a file could not be written', {
  ok: z.boolean(),
  stack,
  outcome: z.enum(['exported', 'incomplete']),
  path: z.string().describe('Of the folder; export.json in it says the same.'),
  release,
  image: z.string().describe('Whose code wrote the files.'),
  otree: z.string().describe('The version of oTree that wrote them.'),
  takenAt: time.describe('The moment of the database that all files show.'),
  format: z.enum(['csv', 'excel']),
  anonymous: z.boolean(),
  files: z.array(z.strictObject({ name: z.string(), rows: z.int(), bytes: z.int() })),
  failed: z
    .array(z.strictObject({ name: z.string(), error: z.string(), at: z.string() }))
    .describe("Files that the study's code could not write: the kind of error, and its line."),
  notFiltered: z.array(z.string()).describe('Of an anonymous one: what may name people all the same.'),
  pageTimesKept: z.boolean().describe('False when the page times of the last minutes may be missing.'),
});

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

/** With `--json=lines`, one line as it happens. */
function event<const Kind extends string, Shape extends z.core.$ZodLooseShape>(
  kind: Kind,
  description: string,
  shape: Shape,
) {
  return z
    .strictObject({ version, kind: z.literal(kind), ...shape, at: time, operation: operationId })
    .meta({ id: `event-${kind}`, description });
}

const step = z.enum(stepIds);

/** A new kind of event is a compile error until it is published here. */
const operationEvents = {
  'operation-started': event('operation-started', 'The first of an operation.', { verb: z.string(), stack }),
  'step-started': event('step-started', 'A step begins.', { step }),
  'step-finished': event('step-finished', 'A step is done, or had nothing to do.', {
    step,
    outcome: z.enum(['changed', 'unchanged', 'skipped']),
  }),
  waiting: event('waiting', 'What a step waits for.', { step, on: z.string() }),
  notice: event('notice', 'Worth knowing, and no failure.', {
    notice: z.discriminatedUnion('code', [
      z.strictObject({ code: z.literal('page-times-not-kept'), why: z.string() }),
      z.strictObject({ code: z.literal('admin-login-not-checked'), why: z.string() }),
      z.strictObject({ code: z.literal('export-paths-closed'), otree: z.string(), paths: z.array(z.string()) }),
      z.strictObject({ code: z.literal('closed-page-missing') }),
      z.strictObject({ code: z.literal('people-interrupted'), reason: z.string(), sentence: z.string() }),
    ]),
  }),
  'release-recorded': event('release-recorded', 'The number of the new release.', { release }),
  guarded: event('guarded', 'How many people are in the study, by where they are.', {
    people: z.strictObject(peopleCounts),
  }),
  'fit-checked': event('fit-checked', 'Whether the image fits the data that the study has.', {
    verdict: z.enum(['fits', 'adds-tables', 'adds-columns', 'moves-pages', 'drops-data', 'misfit']),
    sentences: z.array(z.string()),
  }),
  'backup-made': event('backup-made', 'A backup was restored, compared, and counts from now on.', {
    backup: backupId,
    bytes: z.number(),
    rows: z.number(),
  }),
  'data-switched': event('data-switched', 'Other data is live; what was there is kept under this name.', {
    archive: z.string(),
  }),
  serving: event('serving', 'The release answers at its address.', {
    release,
    url,
    path: z.enum(['forwarded', 'public']).describe('Asked through the manager, or by its public address.'),
  }),
  settled: event('settled', 'It has run for a while without a crash.', { release, soakSeconds: z.number() }),
  'operation-finished': event('operation-finished', 'The last of an operation that ended well.', { result }),
  'operation-failed': event('operation-failed', 'The last of an operation that failed.', { error }),
} satisfies { [Kind in OperationEvent['kind']]: z.ZodType<Json<Extract<OperationEvent, { kind: Kind }>>> };

const prepareEvents = {
  'change-started': z.strictObject({ version, kind: z.literal('change-started'), change: platformChange }),
  'change-finished': z.strictObject({ version, kind: z.literal('change-finished'), change: platformChange }),
  waiting: z.strictObject({ version, kind: z.literal('waiting'), on: z.string() }),
} satisfies { [Kind in PlatformEvent['kind']]: z.ZodType<Json<Extract<PlatformEvent, { kind: Kind }>>> };

const prepareEvent = z
  .union(Object.values(prepareEvents))
  .meta({ id: 'prepare-event', description: 'A line of `server prepare --json=lines`.' });

const logLine = z
  .strictObject({
    version,
    kind: z.literal('log'),
    stream: z.enum(['stdout', 'stderr']),
    at: time,
    text: z.string().describe('Masked.'),
  })
  .meta({ id: 'log-line', description: 'A line of `logs`, with --json as with --json=lines.' }) satisfies z.ZodType<
  Json<LogLine>
>;

const keeperFacts = {
  active: {},
  passive: { holder: z.string() },
  replaced: {},
  running: { operation: operationId, verb: z.string(), stack, because: z.enum(['accepted', 'stale', 'timetable']) },
  ended: {
    operation: operationId,
    verb: z.string(),
    stack,
    state: z.enum(['accepted', 'running', 'succeeded', 'failed', 'interrupted']),
    error: error.optional(),
  },
  postponed: { what: z.string(), stack, error },
  warning: {
    warning: z.strictObject({ code: z.enum(['purge-due', 'backup-overdue']), stack, since: time }),
  },
  problem: { what: z.string(), error },
  ending: { running: z.int() },
} satisfies {
  [Kind in KeeperLine['kind']]: { [Key in keyof Omit<Extract<KeeperLine, { kind: Kind }>, 'kind'>]-?: z.ZodType };
};

const keeperLines = Object.entries(keeperFacts).map(([name, facts]) =>
  z
    .strictObject({ version, kind: z.literal('keeper'), at: time, event: z.literal(name), ...facts })
    .meta({ id: `keeper-${name}`, description: 'A line of `keeper`, with --json as with --json=lines.' }),
);

/** Lines that are no answer. */
export const lines: readonly z.ZodType[] = [...Object.values(operationEvents), prepareEvent, logLine, ...keeperLines];

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
