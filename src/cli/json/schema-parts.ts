import * as z from 'zod';
import { type ErrorFacts, errorCodes, type PeopleTold } from '../../core/index.ts';
import { jsonVersion } from '../render/output.ts';

/** A type as JSON carries it: fields that are undefined are left out. */
export type Json<T> = T extends readonly (infer Item)[]
  ? Json<Item>[]
  : T extends object
    ? { [Key in keyof T as undefined extends T[Key] ? never : Key]: Json<T[Key]> } & {
        [Key in keyof T as undefined extends T[Key] ? Key : never]?: Json<Exclude<T[Key], undefined>>;
      }
    : T;

export const version = z
  .literal(jsonVersion)
  .describe('Of this format; grows when a field changes its meaning or goes.');
export const release = z.int().positive().describe('Number of a release: 3 is what commands call v3.');
export const time = z.string().describe('RFC 3339, UTC.');
export const stack = z.string().describe('The experiment, and --<suffix> unless it is production.');
export const url = z.string().describe('Address of the study.');
export const operationId = z.string().describe('For `oforest watch`.');
export const backupId = z.string().describe('For `oforest restore --backup`.');
export const serverName = z.string().describe('As in the config.');

/** With `--json=lines` an answer is the last line and has a kind. */
export function answer<Shape extends z.core.$ZodLooseShape>(id: string, description: string, shape: Shape) {
  const kind = z.literal('result').optional().describe('With --json=lines.');
  return z.strictObject({ version, kind, ok: z.literal(true), ...shape }).meta({ id, description });
}

export const error = z
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

export const people = z
  .strictObject({
    onPage: z.int().describe('On a page, and not done.'),
    waiting: z.int().describe('Waiting for others.'),
    inRoom: z.int().describe('Waiting in a room for its session; 0 where rooms were not asked.'),
    lastPage: z.int().describe('On the last page: they do not stand in the way.'),
    openPages: z.int().describe("Open pages beyond those, such as the researcher's own monitor."),
    known: z.boolean().describe('False when it could not be read.'),
    sentence: z.string().describe('The same in words, or why it could not be read.'),
  })
  .meta({ id: 'people', description: 'How many people are in a session at this moment.' }) satisfies z.ZodType<
  Json<PeopleTold>
>;
