import * as z from 'zod';
import { Actor } from './actor.ts';
import { Change } from './change.ts';
import { WantedState } from './release.ts';
import type { RecordedVerb } from './verb.ts';

/** How people in a session are treated: refused by default; every exception is recorded with who and when. */
export const GuardPolicy = z.object({
  /** Disturb them, for this reason. */
  interrupt: z.string().optional(),
  /** Pages that the database does not explain, such as the researcher's own monitor, do not count. */
  ignoreOpenPages: z.boolean(),
});
export type GuardPolicy = z.infer<typeof GuardPolicy>;

const Work = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('run-release'),
    state: WantedState,
    source: z.number().int().optional(),
    /** Secret objects made for this operation: removed again when it fails. */
    newSecrets: z.array(z.object({ slot: z.string(), id: z.string() })),
    /** Whether missing columns are added to the database, after a backup. */
    addColumns: z.boolean().default(false),
  }),
  z.object({ kind: z.literal('start') }),
  z.object({ kind: z.literal('stop') }),
  z.object({ kind: z.literal('restart') }),
  z.object({ kind: z.literal('backup'), reason: z.enum(['asked', 'nightly']) }),
  z.object({ kind: z.literal('drill'), backup: z.string() }),
  z.object({ kind: z.literal('drop-data'), archives: z.array(z.string()), backups: z.array(z.string()) }),
  z.object({ kind: z.literal('reset') }),
  /** The set-aside database that becomes the live one again. */
  z.object({ kind: z.literal('undo'), archive: z.string() }),
  z.object({ kind: z.literal('restore'), backup: z.string(), foreign: z.boolean() }),
  /** RFC 3339: until when it can be brought back. */
  z.object({ kind: z.literal('delete'), until: z.string() }),
  z.object({ kind: z.literal('undelete') }),
  z.object({ kind: z.literal('purge') }),
]);
export type Work = z.infer<typeof Work>;

/** What an operation is to do, complete enough for any process to run it: the data of `of.op.<stack>.<id10>`. */
export const OperationRequest = z.object({
  format: z.literal(1),
  id: z.string(),
  stack: z.string(),
  /** As typed: deploy, rollback, variable, start … */
  verb: z.string() satisfies z.ZodType<RecordedVerb>,
  actor: Actor,
  createdAt: z.string(),
  plan: z.array(Change),
  /** What served when it was reviewed, to go back to; undefined when nothing did. Its state may have been stopped. */
  before: z.object({ release: z.number().int().optional(), stopped: z.boolean() }).default({ stopped: false }),
  guard: GuardPolicy.default({ ignoreOpenPages: false }),
  work: Work,
});
export type OperationRequest = z.infer<typeof OperationRequest>;

/** Work of a kind that this version does not know. */
const NewerWork = z
  .object({ kind: z.string() })
  .refine(({ kind }) => !Work.options.some(({ shape }) => shape.kind.value === kind))
  .transform(({ kind }) => ({ kind: 'newer' as const, asked: kind }));

/** What a newer oForest asked for. It is listed like any other, and never run by this version. */
const NewerRequest = OperationRequest.extend({ plan: z.unknown().transform((): Change[] => []), work: NewerWork });
type NewerRequest = z.infer<typeof NewerRequest>;

/** An operation as its record has it. */
export type RecordedRequest = OperationRequest | NewerRequest;

export function parseRecordedRequest(data: unknown): RecordedRequest {
  const newer = NewerRequest.safeParse(data);
  return newer.success ? newer.data : OperationRequest.parse(data);
}

export function isNewer(request: RecordedRequest): request is NewerRequest {
  return request.work.kind === 'newer';
}
