import * as z from 'zod';
import { type Activity, AuditLine, type Change, type OperationResult, releaseFits, stepIds } from '../../core/index.ts';
import { answer, backupId, error, type Json, operationId, people, release, stack, time, url } from './schema-parts.ts';

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

export const plan = answer('plan', 'With --plan, and whenever there is nothing to do', {
  verb: z.string(),
  stack,
  plan: z.array(change).describe('In the order of the work; empty when all is as asked.'),
  url,
  outcome: z.enum(['planned', 'unchanged']),
  release: release.optional().describe('The one that serves.'),
  people: people.optional().describe('Where people would notice.'),
  fit: z
    .enum([...releaseFits, 'not-checked'])
    .optional()
    .describe('Whether a new image fits the data, as far as earlier trials of it tell.'),
});

export const accepted = answer('accepted', 'With --detach', {
  operation: operationId,
  outcome: z.literal('accepted'),
  stack,
});

const resultFields = {
  stack: z.string(),
  release: release.optional(),
  url: z.string().optional(),
  state: z.enum(['running', 'stopped', 'deleted', 'purged']),
  backup: backupId.optional(),
  archive: z.string().optional().describe('What was set aside: `oforest undo` brings it back.'),
  until: time.optional().describe('Until when a deleted study can be brought back.'),
};
export const result = z.strictObject(resultFields) satisfies z.ZodType<Json<OperationResult>>;

export const succeeded = answer('succeeded', 'An operation that ended well', {
  operation: operationId,
  outcome: z.literal('succeeded'),
  ...resultFields,
});

export const stored = answer('stored', 'With --later', { stack, outcome: z.literal('stored'), release });

export const activity = answer('activity', 'activity: newest first', {
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
      place: z.strictObject({ step: z.int(), of: z.int() }).optional().describe('Which of how many steps that is.'),
      before: z.int().optional().describe('The release that served before it.'),
      release: z.int().optional().describe('The release that it makes.'),
      backup: z
        .strictObject({ id: z.string(), at: time, rows: z.int() })
        .optional()
        .describe('The backup that it made, restored and compared.'),
      error: error.pick({ code: true, what: true, why: true }).optional(),
      cancelledBy: z.string().optional(),
    }) satisfies z.ZodType<Json<Omit<Activity, 'asked'>>>,
  ),
  audit: z.array(z.strictObject(AuditLine.shape)).optional().describe('With --audit: of its whole life, newest first.'),
});
export const cancelling = answer('cancelling', 'cancel: whether it stops shows `watch`', {
  operation: operationId,
  stack,
  outcome: z.enum(['requested', 'unchanged']),
});
