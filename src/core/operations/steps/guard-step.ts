import type { GuardPolicy } from '../../domain/operation-request.ts';
import { confirmLock, holderOf } from '../../records/lock.ts';
import { label } from '../../swarm/labels.ts';
import { isStopped, observeStack } from '../../swarm/observe-stack.ts';
import { exceptionMinutes, guardParticipants } from '../guard/guard-participants.ts';
import { refuseBooked } from '../guard/refuse-booked.ts';
import type { StackRun } from './stack-run.ts';
import type { Step } from './step.ts';

/**
 * The last look at bookings and at people in a session before web is stopped or restarted: what was true when the operation
 * was accepted may be hours old. Throws `slot-booked` or `study-held`, `participants-present`, `open-pages-present` or
 * `participants-unreadable`; an interruption that was asked for just before is said and recorded instead. `isPast`:
 * the disruption has happened already, in an earlier run of this operation.
 */
export function guardStep(run: StackRun, isPast: () => Promise<boolean> = async () => false): Step {
  const { stack, request } = run;
  return {
    id: 'guard',
    check: async () => (await weStoppedIt(run)) || (await isPast()),
    async *do() {
      const { verb, work } = request;
      await refuseBooked(stack, {}, run);
      const found = await guardParticipants(stack, { ...(await policyOf(run)), verb, work }, run);
      const { counts, sentence, interrupted: reason } = found;
      // The sentence has the counts, or says why there are none.
      if (reason !== undefined) yield { kind: 'notice', notice: { code: 'people-interrupted', reason, sentence } };
      else yield { kind: 'guarded', people: { ...counts, known: true, sentence } };
    },
  };
}

/** Exceptions as long as they count: those who are there now may be others than were meant. */
async function policyOf(run: StackRun): Promise<GuardPolicy & { isLapsed: boolean }> {
  const { guard } = run.request;
  if (!(await hasLapsed(run))) return { ...guard, isLapsed: false };
  return { ignoreOpenPages: false, isLapsed: guard.interrupt !== undefined || guard.ignoreOpenPages };
}

/** Whether what somebody said when they asked for it was said too long ago, by the manager's clock, or to a run that vanished. */
export async function hasLapsed({ lock, swarm, isResumed }: StackRun): Promise<boolean> {
  const [config, { SystemTime }] = await Promise.all([confirmLock(lock, { swarm }), swarm.observeManager()]);
  const ageMs = Date.parse(SystemTime) - Date.parse(holderOf(config)?.since ?? '');
  return isResumed || !(ageMs < exceptionMinutes * 60_000);
}

async function weStoppedIt({ stack, swarm, request }: StackRun): Promise<boolean> {
  const observed = await observeStack(stack, { swarm });
  return isStopped(observed) && observed.web?.Spec.Labels[label.operation] === request.id;
}
