import * as z from 'zod';
import { type KeeperLine, type LogLine, type OperationEvent, type PlatformEvent, stepIds } from '../../core/index.ts';
import { result } from './operation-answers.ts';
import { backupId, error, type Json, operationId, people, release, stack, time, url, version } from './schema-parts.ts';
import { platformChange } from './server-answers.ts';

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
  'operation-started': event('operation-started', 'The first of an operation.', {
    verb: z.string(),
    stack,
    steps: z.array(step).optional().describe('Those to be expected, in their order.'),
  }),
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
  guarded: event('guarded', 'Nobody is in the way.', { people }),
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
