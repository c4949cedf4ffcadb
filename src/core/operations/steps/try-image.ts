import type { WantedState } from '../../domain/release.ts';
import { namesOf } from '../../domain/stack-name.ts';
import { ExpectedError } from '../../errors.ts';
import { noteRelease } from '../../records/release-record.ts';
import type { Task } from '../../swarm/engine-types.ts';
import { label } from '../../swarm/labels.ts';
import { observeStack, taskOf } from '../../swarm/observe-stack.ts';
import { otreeVersionPrefix } from '../../swarm/scripts.ts';
import { type StackParts, type Stamp, trialService } from '../../swarm/service-spec.ts';
import { databases } from '../../swarm/slots.ts';
import { stuckTask } from './stack-objects.ts';
import { pollMs, type StackRun } from './stack-run.ts';
import type { Operation, Step } from './step.ts';
import { endedStates, taskFailure, unhealthy } from './task-failure.ts';
import { taskLines } from './task-log.ts';

/** How long a trial must stay up after it became healthy. */
const stayUpMs = 3_000;
const pullTimeoutMs = 20 * 60_000;
const healthyTimeoutMs = 60_000;

export interface Trial {
  /** The release whose record keeps the oTree version that was seen. */
  readonly release: number;
  readonly state: WantedState;
  readonly parts: () => Promise<StackParts>;
  readonly stamp: Stamp;
  /** Scratch that is emptied first, unless another, empty one is named: that one is then filled by oTree. */
  readonly database?: string;
  /** Looks into the healthy trial before it goes; throws to refuse the image. */
  readonly inspect?: (task: Task) => Operation<void>;
}

/**
 * Starts web's own task beside the running one, without a route and on a database of its own. It must become healthy and
 * stay so; then it is removed. It is also the pull. Whatever is wrong with the image shows here, while the study runs on.
 */
export function tryImageStep(run: StackRun, trial: Trial): Step {
  const { stack, swarm } = run;
  const { release, state, parts, stamp, database = databases.trial, inspect } = trial;
  return {
    id: 'try-image',
    check: 'journal',
    async *do() {
      await removeTrial(run);
      const serviceId = await swarm.createService(trialService(state, await parts(), { stamp, database }), {
        registryAuth: run.registryAuth(state.image),
      });
      try {
        const task = yield* awaitTrial(run, serviceId, release, state);
        if (database === databases.trial)
          await noteRelease(
            { name: namesOf(stack).releaseRecord(release), labels: { [label.otree]: await otreeVersion(run, task) } },
            { swarm },
          );
        if (inspect) yield* inspect(task);
      } finally {
        await swarm.removeService(serviceId);
      }
    },
  };
}

async function* awaitTrial(run: StackRun, serviceId: string, release: number, state: WantedState): Operation<Task> {
  const { stack, swarm, clock, signal } = run;
  const what = `trying v${release} of ${stack} beside the running study`;
  const startedAt = clock.now().getTime();
  let pulledAt: number | undefined;
  let healthyAt: number | undefined;
  let said: string | undefined;
  for (;;) {
    const task = await taskOf(serviceId, { stack, swarm });
    const now = clock.now().getTime();
    const taskState = task?.Status.State ?? 'new';
    if (task && endedStates.includes(taskState)) throw await failureOf(run, what, task, state);
    if (taskState === 'starting' || taskState === 'running') pulledAt ??= now;
    if (task && taskState === 'running') {
      healthyAt ??= now;
      if (now - healthyAt >= stayUpMs) return task;
    }
    const on = waitsFor[taskState] ?? `the trial's task (${taskState})`;
    if (on !== said) {
      said = on;
      yield { kind: 'waiting', step: 'try-image', on };
    }
    const stuck = task && stuckTask(task, now - startedAt, what);
    if (stuck) throw stuck;
    if (pulledAt !== undefined && healthyAt === undefined && now - pulledAt > healthyTimeoutMs && task)
      throw unhealthy({ what, container: await containerOf(run, task), log: await taskLines(task.ID, { swarm }) });
    if (pulledAt === undefined && now - startedAt > pullTimeoutMs)
      throw new ExpectedError('timed-out', what, {
        why: `The server was not done pulling the image after ${pullTimeoutMs / 60_000} minutes.`,
        hint: 'Check its connection to the registry, or make the image smaller.',
      });
    await clock.sleep(pollMs, signal);
  }
}

const waitsFor: Readonly<Record<string, string>> = {
  preparing: 'the server to pull the image',
  starting: 'the trial to become healthy',
  running: 'the trial to stay healthy',
};

export async function containerOf({ swarm }: StackRun, task: Task) {
  const id = task.Status.ContainerStatus?.ContainerID;
  return id ? await swarm.inspectContainer({ id, nodeId: task.NodeID }) : undefined;
}

export async function failureOf(run: StackRun, what: string, task: Task, state: WantedState): Promise<ExpectedError> {
  return taskFailure({
    what,
    task,
    container: await containerOf(run, task),
    log: await taskLines(task.ID, run),
    memoryLimitBytes: state.memory.limitBytes,
  });
}

/** The entry script prints it in a trial; "unknown" when the log could not be read. */
async function otreeVersion({ swarm }: StackRun, task: Task): Promise<string> {
  try {
    for await (const { text } of swarm.taskLog(task.ID, {}))
      if (text.startsWith(otreeVersionPrefix)) return text.slice(otreeVersionPrefix.length).trim() || 'unknown';
  } catch {
    // A log driver that cannot be read does not make a release bad.
  }
  return 'unknown';
}

/** A trial that an earlier, interrupted run left. */
export async function removeTrial({ stack, swarm }: StackRun): Promise<void> {
  const { trial } = await observeStack(stack, { swarm });
  if (trial) await swarm.removeService(trial.ID);
}
