import * as z from 'zod';

/** One change of a plan: what will be done and why, as data, before anything is done. */
export const Change = z.object({
  action: z.enum([
    'create',
    'update',
    'relabel',
    'restart',
    'stop',
    'start',
    'back up',
    'empty',
    'replace',
    'retire',
    'remove',
  ]),
  subject: z.enum(['network', 'secret', 'db', 'web', 'data', 'backup', 'study']),
  name: z.string(),
  because: z.string(),
  /** Whether people on a page would notice. */
  interrupts: z.boolean(),
});
export type Change = z.infer<typeof Change>;

/** What a plan is to people on a page: nothing, a page that waits a few seconds, or one that is gone. */
export function disturbanceOfPlan(plan: readonly Change[]): 'nothing' | 'pause' | 'gone' {
  const noticed = plan.filter(({ interrupts }) => interrupts);
  if (noticed.length === 0) return 'nothing';
  return noticed.every(({ subject, action }) => subject === 'web' && action !== 'stop') ? 'pause' : 'gone';
}

/** Whether oTree runs anew: what is written on its service alone changes nothing that people notice. */
export function restartsWeb(plan: readonly Pick<Change, 'action' | 'subject'>[]): boolean {
  return plan.some(({ subject, action }) => subject === 'web' && action !== 'relabel');
}
