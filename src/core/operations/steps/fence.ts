import { nounOfVerb } from '../../domain/verb.ts';
import { ExpectedError } from '../../errors.ts';
import type { Service } from '../../swarm/engine-types.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { label } from '../../swarm/labels.ts';
import { observeStack, runningTask } from '../../swarm/observe-stack.ts';
import { removeJob, runJob } from './run-job.ts';
import type { StackRun } from './stack-run.ts';
import type { Step } from './step.ts';

/**
 * Before an interrupted operation is gone on with: a new epoch on web and db makes the earlier runner, should it wake,
 * fail with a version conflict; a job of its epoch is removed, and the database refuses what an older epoch asks.
 */
export function fenceStep(run: StackRun): Step {
  const { stack, swarm, lock } = run;
  const epoch = String(lock.epoch);
  const isFenced = (service: Service | undefined) => !service || service.Spec.Labels[label.epoch] === epoch;
  return {
    id: 'fence',
    check: async () => {
      const { web, db, job } = await observeStack(stack, { swarm });
      return isFenced(web) && isFenced(db) && isFenced(job);
    },
    async *do() {
      for (let tries = 0; ; tries += 1) {
        const { web, db, job, tasks } = await observeStack(stack, { swarm });
        try {
          for (const service of [web, db])
            if (service && !isFenced(service))
              await swarm.updateService(service, {
                ...service.Spec,
                Labels: { ...service.Spec.Labels, [label.epoch]: epoch },
              });
          if (job && !isFenced(job)) await removeJob(run, job);
          if (runningTask(tasks, db?.ID))
            yield* runJob(run, {
              name: 'fence',
              step: 'fence',
              what: `going on with the ${nounOfVerb(run.request.verb)} of ${stack}`,
            });
          return;
        } catch (error) {
          const again = error instanceof ExpectedError && error.code === 'version-conflict' && tries < 5;
          if (!again) throw error;
        }
      }
    },
  };
}

/**
 * The Swarm as one run may change it: right before each change the lock is confirmed to be its own. A runner that wakes
 * after it was replaced changes nothing more, not even where Swarm knows no versions (removals) or where a version conflict
 * is met by looking again.
 */
export function fenced(swarm: SwarmGateway, confirmOwn: () => Promise<void>): SwarmGateway {
  const own =
    <Words extends readonly unknown[], Answer>(change: (...words: Words) => Promise<Answer>) =>
    async (...words: Words): Promise<Answer> => {
      await confirmOwn();
      return await change(...words);
    };
  return {
    ...swarm,
    createService: own(swarm.createService),
    updateService: own(swarm.updateService),
    removeService: own(swarm.removeService),
    createNetwork: own(swarm.createNetwork),
    removeNetwork: own(swarm.removeNetwork),
    createSecret: own(swarm.createSecret),
    removeSecret: own(swarm.removeSecret),
    createConfig: own(swarm.createConfig),
    relabelConfig: own(swarm.relabelConfig),
    removeConfig: own(swarm.removeConfig),
    removeVolume: own(swarm.removeVolume),
  };
}
