import { label } from '../../swarm/labels.ts';
import { isStopped, observeStack } from '../../swarm/observe-stack.ts';
import { guardParticipants } from '../guard/guard-participants.ts';
import type { StackRun } from './stack-run.ts';
import type { Step } from './step.ts';

/**
 * The last look at people in a session before web is stopped or restarted. Throws `participants-present`,
 * `open-pages-present` or `participants-unreadable`; an interruption that was asked for is said and recorded instead.
 * `isPast`: the disruption has happened already, in an earlier run of this operation.
 */
export function guardStep(run: StackRun, isPast: () => Promise<boolean> = async () => false): Step {
  const { stack, request } = run;
  return {
    id: 'guard',
    check: async () => (await weStoppedIt(run)) || (await isPast()),
    async *do() {
      const found = await guardParticipants(stack, { ...request.guard, verb: request.verb, work: request.work }, run);
      if (found.interrupted === undefined) yield { kind: 'guarded', people: found.counts };
      // Its sentence has the counts, or says why there are none.
      else
        yield {
          kind: 'notice',
          notice: { code: 'people-interrupted', reason: found.interrupted, sentence: found.sentence },
        };
    },
  };
}

async function weStoppedIt({ stack, swarm, request }: StackRun): Promise<boolean> {
  const observed = await observeStack(stack, { swarm });
  return isStopped(observed) && observed.web?.Spec.Labels[label.operation] === request.id;
}
