import type { StepId } from '../../domain/operation-event.ts';
import type { WantedState } from '../../domain/release.ts';
import { namesOf } from '../../domain/stack-name.ts';
import { ExpectedError } from '../../errors.ts';
import type { Service, ServiceSpec, Task } from '../../swarm/engine-types.ts';
import { inWebContainer } from '../../swarm/in-container.ts';
import { label } from '../../swarm/labels.ts';
import {
  databaseNodeId,
  isStopped,
  type ObservedStack,
  observeStack,
  runningTask,
  wantedTask,
} from '../../swarm/observe-stack.ts';
import { closedPathsOf } from '../../swarm/otree-version.ts';
import { keepPageTimesScript } from '../../swarm/scripts.ts';
import { type StackParts, type Stamp, taskHashOf, webService } from '../../swarm/service-spec.ts';
import { patiently } from './patiently.ts';
import { stuckTask } from './stack-objects.ts';
import { pollMs, type StackRun } from './stack-run.ts';
import type { Step } from './step.ts';
import { endedStates, unhealthy } from './task-failure.ts';
import { taskLines } from './task-log.ts';
import { containerOf, failureOf } from './try-image.ts';

/** What web is to become: a release's state, or the same again with another count or a fresh task. */
export interface WantedWeb {
  readonly state: WantedState;
  readonly stamp: Stamp;
  /** Known after the trial; decides which paths Traefik has to close. */
  readonly otree: () => Promise<string | undefined>;
  readonly forceUpdate: number;
}

export function partsOf(observed: ObservedStack): StackParts {
  const { stack, network, publicNetwork, secrets } = observed;
  return {
    stack,
    networkId: network?.Id ?? '',
    publicNetworkId: publicNetwork.Id,
    nodeId: databaseNodeId(observed) ?? '',
    secrets,
  };
}

async function desiredWeb(wanted: WantedWeb, observed: ObservedStack): Promise<ServiceSpec> {
  const { state, stamp, forceUpdate } = wanted;
  const closedPaths = closedPathsOf(await wanted.otree());
  return webService(state, partsOf(observed), {
    platform: observed.platform,
    stamp,
    replicas: 1,
    forceUpdate,
    closedPaths,
  });
}

/** Makes web run what is wanted: one create, or one stop-first update that Swarm alone can finish or take back. */
export function updateWebStep(run: StackRun, wanted: WantedWeb): Step {
  const { stack, swarm } = run;
  const what = `starting v${wanted.stamp.release} of ${stack}`;
  const isThere = async () => {
    const observed = await observeStack(stack, { swarm });
    const { web, tasks } = observed;
    if (!web) return false;
    const desired = await desiredWeb(wanted, observed);
    const task = wantedTask(tasks, web.ID, taskHashOf(desired));
    return (
      taskHashOf(web.Spec) === taskHashOf(desired) &&
      web.Spec.Labels[label.release] === desired.Labels[label.release] &&
      web.Spec.Labels[label.host] === desired.Labels[label.host] &&
      task?.Status.State === 'running'
    );
  };
  return {
    id: 'update-web',
    check: isThere,
    async *do() {
      yield { kind: 'waiting', step: 'update-web', on: 'the new task to become healthy' };
      const hash = await writeWeb(
        run,
        (observed) => desiredWeb(wanted, observed),
        run.registryAuth(wanted.state.image),
      );
      await awaitWebTask(run, { hash, what, state: wanted.state });
    },
    verify: async () => {
      if (!(await isThere())) throw new ExpectedError('deployment-stalled', what, { why: 'Its task is gone again.' });
    },
  };
}

/** Writes web's spec over whatever is there now; repeated when Swarm itself wrote in between. Returns the task hash. */
export async function writeWeb(
  { stack, swarm }: Pick<StackRun, 'stack' | 'swarm'>,
  build: (observed: ObservedStack) => Promise<ServiceSpec | Service['Spec']>,
  registryAuth?: ReturnType<StackRun['registryAuth']>,
): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    const observed = await observeStack(stack, { swarm });
    const spec = await build(observed);
    try {
      if (observed.web) await swarm.updateService(observed.web, spec, { registryAuth });
      else await swarm.createService(spec as ServiceSpec, { registryAuth });
      return taskHashOf(spec);
    } catch (error) {
      const again = error instanceof ExpectedError && error.code === 'version-conflict' && tries < 5;
      if (!again) throw error;
    }
  }
}

const webTimeoutMs = 120_000;
/** Where no update is there that would take it back, Swarm tries for ever; one that ends so often will not do better. */
const triesEnough = 3;

/** Waits for the running task with this hash. Throws what kept it from running, in the researcher's words. */
export async function awaitWebTask(
  run: StackRun,
  { hash, what, state }: { hash: string; what: string; state: WantedState },
): Promise<Task> {
  const { stack, swarm, clock, signal } = run;
  const startedAt = clock.now().getTime();
  // Tasks of these settings from before a stop or an earlier update: no start is over within the first look.
  let earlier: ReadonlySet<string> | undefined;
  let atFirst: ReadonlySet<string> | undefined;
  const seenSince = new Map<string, number>();
  for (;;) {
    const ofStack = { label: label.stack, value: stack };
    const look = () => Promise.all([swarm.listServices(ofStack), swarm.listTasks(ofStack)]);
    const [services, all] = await patiently(look, run);
    earlier ??= new Set(all.filter(({ Status }) => endedStates.includes(Status.State)).map(({ ID }) => ID));
    const tasks = all.filter(({ ID }) => !earlier?.has(ID));
    const web = services.find(({ Spec }) => Spec.Name === namesOf(stack).web);
    const task = web && wantedTask(tasks, web.ID, hash);
    if (task?.Status.State === 'running' && task.DesiredState === 'running') return task;
    const given = web?.UpdateStatus?.State ?? '';
    // A rollback to the very settings that are waited for is what an undo waits for.
    const isTakenBack = given.startsWith('rollback') && web !== undefined && taskHashOf(web.Spec) !== hash;
    const isGivenUp = isTakenBack || given === 'paused' || given === 'rollback_paused';
    if (task && (endedStates.includes(task.Status.State) || isGivenUp)) throw await failureOf(run, what, task, state);
    atFirst ??= new Set(all.map(({ ID }) => ID));
    const tries = failedTasks(tasks, hash).filter(({ ID }) => !atFirst?.has(ID));
    const failed = web && wantedTask(tries, web.ID, hash);
    const isUpdating = given !== '' && given !== 'completed';
    if (failed && !isUpdating && tries.length >= triesEnough) throw await failureOf(run, what, failed, state);
    const now = clock.now().getTime();
    const waitedMs = now - startedAt;
    if (task && !seenSince.has(task.ID)) seenSince.set(task.ID, now);
    const stuck = task && stuckTask(task, now - (seenSince.get(task.ID) ?? now), what);
    if (stuck) throw stuck;
    if (waitedMs > webTimeoutMs) {
      if (failed) throw await failureOf(run, what, failed, state);
      if (task?.Status.State === 'starting')
        throw unhealthy({ what, container: await containerOf(run, task), log: await taskLines(task.ID, run) });
      throw new ExpectedError('deployment-stalled', what, {
        why: `Its task is ${task?.Status.State ?? 'missing'} for ${webTimeoutMs / 1000} s.`,
        hint: `Look at \`docker service ps --no-trunc ${namesOf(stack).web}\` on the server.`,
      });
    }
    await clock.sleep(pollMs, signal);
  }
}

/** Tasks of these settings that ended by themselves, and not because Swarm wanted it. */
function failedTasks(tasks: readonly Task[], hash: string): readonly Task[] {
  return tasks.filter(
    ({ Spec, Status }) =>
      Spec.ContainerSpec?.Labels[label.task] === hash && ['failed', 'rejected', 'complete'].includes(Status.State),
  );
}

/**
 * Page times sit in oTree's memory and a stop loses them (measured: 0 of 8 rows survived); one request for the export
 * writes them. A study whose container cannot be reached is stopped all the same, and the notice says so.
 */
export function keepPageTimesStep(run: StackRun): Step {
  const { stack, swarm } = run;
  return {
    id: 'keep-page-times',
    check: async () => {
      const { web, tasks } = await observeStack(stack, { swarm });
      return runningTask(tasks, web?.ID) === undefined;
    },
    async *do() {
      try {
        await inWebContainer(
          keepPageTimesScript,
          `keeping the page times of ${stack}`,
          await observeStack(stack, { swarm }),
          run,
        );
      } catch (error) {
        if (!(error instanceof ExpectedError)) throw error;
        yield { kind: 'notice', notice: { code: 'page-times-not-kept', why: error.why ?? error.message } };
      }
    },
  };
}

/** Web to zero tasks; the database stays up. */
export function stopWebStep(run: StackRun, stamp: Stamp): Step {
  const { stack, swarm, clock, signal } = run;
  const what = `stopping ${stack}`;
  const isDown = async () => {
    const observed = await observeStack(stack, { swarm });
    const alive = observed.tasks.filter(
      ({ ServiceID, Status }) => ServiceID === observed.web?.ID && !endedStates.includes(Status.State),
    );
    return isStopped(observed) && alive.length === 0;
  };
  const id: StepId = 'stop-web';
  return {
    id,
    check: isDown,
    async *do() {
      await writeWeb(run, async ({ web }) => {
        if (!web) throw new ExpectedError('experiment-not-found', what);
        return {
          ...web.Spec,
          Labels: {
            ...web.Spec.Labels,
            [label.state]: 'stopped',
            [label.operation]: stamp.operation,
            [label.epoch]: String(stamp.epoch),
          },
          Mode: { Replicated: { Replicas: 0 } },
        };
      });
      yield { kind: 'waiting', step: id, on: 'oTree to finish its last request' };
      const until = clock.now().getTime() + 60_000;
      while (!(await isDown())) {
        if (clock.now().getTime() > until)
          throw new ExpectedError('deployment-stalled', what, { why: 'Its task has not ended after 60 s.' });
        await clock.sleep(pollMs, signal);
      }
    },
  };
}
