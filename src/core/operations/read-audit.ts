import * as z from 'zod';
import { Actor } from '../domain/actor.ts';
import type { StackName } from '../domain/stack-name.ts';
import type { RecordedVerb } from '../domain/verb.ts';
import { type LookNeeds, lookWith } from './steps/run-job.ts';

/** What stays written down beside the data for the life of a study. */
export const AuditLine = z.object({
  operation: z.string(),
  verb: z.string() satisfies z.ZodType<RecordedVerb>,
  /** RFC 3339. */
  at: z.string(),
  actor: Actor,
  /** The reason for which people in a session were disturbed. */
  interrupt: z.string().optional(),
});
export type AuditLine = z.infer<typeof AuditLine>;

/**
 * Resets, restores, deletions and interruptions of a study, newest first: the last 200, longer than records of operations
 * are kept. One job: 1 to 2 s. Lines that cannot be read are left out.
 */
export async function readAudit(stack: StackName, needs: LookNeeds): Promise<readonly AuditLine[]> {
  const job = { name: 'read-audit', what: `reading what was written down of ${stack}` } as const;
  const { lines } = z.object({ lines: z.array(z.unknown()) }).parse(await lookWith(stack, job, needs));
  const known = lines.flatMap((line) => {
    const { success, data } = AuditLine.safeParse(line);
    return success ? [data] : [];
  });
  return known.sort((a, b) => b.at.localeCompare(a.at));
}
