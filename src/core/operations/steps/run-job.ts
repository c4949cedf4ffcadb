import type { Clock, RandomText } from '../../clock.ts';
import { jobService } from '../../database/job-service.ts';
import { type JobName, jobScripts } from '../../database/scripts/job-scripts.ts';
import type { StepId } from '../../domain/operation-event.ts';
import { asTyped, namesOf, type StackName } from '../../domain/stack-name.ts';
import { type ErrorCode, ExpectedError } from '../../errors.ts';
import type { Service, ServiceSpec, Task } from '../../swarm/engine-types.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { resultPrefix } from '../../swarm/in-container.ts';
import { label } from '../../swarm/labels.ts';
import { databaseNodeId, observeStack, taskOf } from '../../swarm/observe-stack.ts';
import type { Stamp } from '../../swarm/service-spec.ts';
import { stuckTask } from './stack-objects.ts';
import { pollMs, type StackRun } from './stack-run.ts';
import type { Operation } from './step.ts';
import { endedStates } from './task-failure.ts';
import { shownLog, taskLines } from './task-log.ts';

export interface Job {
  readonly name: JobName;
  readonly step: StepId;
  /** What is being done, for errors: "backing up my-exp". */
  readonly what: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly withData?: boolean;
  readonly timeoutMs?: number;
}

export type JobRun = Pick<StackRun, 'stack' | 'swarm' | 'clock' | 'signal' | 'lock'>;

const usualTimeoutMs = 5 * 60_000;

/**
 * Runs one of our scripts as a one-task service beside the database and returns the JSON it ended with. A job that an
 * interrupted run of the same operation left is waited for, not repeated; any other is removed first. Throws what the
 * script foresaw, or `job-failed` with its log. Being cancelled leaves the job to its end: whoever resumes finds it.
 */
export async function* runJob(run: JobRun, job: Job): Operation<unknown> {
  const { stack, swarm, lock } = run;
  const observed = await observeStack(stack, { swarm });
  const isOurs =
    observed.job?.Spec.Labels[label.operation] === lock.operation &&
    observed.job.Spec.Labels[label.step] === job.step &&
    observed.job.Spec.Labels[label.epoch] === String(lock.epoch) &&
    observed.job.Spec.TaskTemplate.ContainerSpec?.Command?.includes(jobScripts[job.name]) === true;
  if (observed.job && !isOurs) await removeJob(run, observed.job);
  const serviceId = isOurs && observed.job ? observed.job.ID : await createJob(run, job);
  const task = yield* awaitEnd(run, job, serviceId);
  try {
    return await resultOf(run, job, task);
  } finally {
    // What it said is known, and its operation ends or goes on without it; whoever took over looks for himself.
    if (!run.signal.aborted) await removeIfPossible(serviceId, swarm);
  }
}

/** A job that has ended harms nobody: the next one removes it. What it did, it did. */
async function removeIfPossible(serviceId: string, swarm: SwarmGateway): Promise<void> {
  try {
    await swarm.removeService(serviceId);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
  }
}

async function createJob({ stack, swarm, lock }: JobRun, job: Job): Promise<string> {
  const stamp = { release: 0, operation: lock.operation, epoch: lock.epoch, owner: '' };
  return await swarm.createService(await specOf({ stack, swarm }, job, stamp));
}

async function specOf(
  { stack, swarm }: Pick<JobRun, 'stack' | 'swarm'>,
  job: Omit<Job, 'step'> & { step: string },
  stamp: Stamp,
): Promise<ServiceSpec> {
  const observed = await observeStack(stack, { swarm });
  const { network, secrets, web, db, platform } = observed;
  const { [label.experiment]: experiment = '', [label.environment]: environment = '' } = (web ?? db)?.Spec.Labels ?? {};
  const nodeId = databaseNodeId(observed);
  if (!network || nodeId === undefined)
    throw new ExpectedError('experiment-not-found', job.what, {
      why: `${stack} has no database on this server.`,
      hint: 'Run `oforest list` to see the studies there are.',
    });
  return jobService(
    { ...job, script: jobScripts[job.name], variables: job.variables ?? {} },
    { stack, networkId: network.Id, nodeId, secrets },
    {
      // The database's own: a newer pg_dump could not be restored by it.
      image: db?.Spec.TaskTemplate.ContainerSpec?.Image || platform.images.postgres,
      stamp,
      subject: { experiment, environment },
    },
  );
}

export interface LookNeeds {
  readonly swarm: SwarmGateway;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly random: RandomText;
}

/**
 * Runs a script that only looks, or holds the backups' volume open, beside whatever operation is at work: it has a name
 * of its own and takes no lock. `use` gets its service; the service goes when `use` ends.
 */
export async function withLook<Result>(
  stack: StackName,
  job: Omit<Job, 'step'>,
  use: (serviceId: string) => Promise<Result>,
  { swarm, random }: LookNeeds,
): Promise<Result> {
  const stamp = { release: 0, operation: 'look', epoch: 0, owner: '' };
  const spec = await specOf({ stack, swarm }, { ...job, step: job.name }, stamp);
  const id = await swarm.createService({ ...spec, Name: namesOf(stack).look(random(10)) });
  try {
    return await use(id);
  } finally {
    await swarm.removeService(id);
  }
}

/** The JSON that a looking script ended with. Throws as runJob does. */
export async function lookWith(stack: StackName, job: Omit<Job, 'step'>, needs: LookNeeds): Promise<unknown> {
  const look = async (serviceId: string) => {
    const run = { ...needs, stack };
    const waiting = awaitEnd(run, { ...job, step: 'dump' }, serviceId);
    for (;;) {
      const next = await waiting.next();
      if (next.done) return await resultOf(run, job, next.value);
    }
  };
  return await withLook(stack, job, look, needs);
}

/** Removes a job of an earlier operation and waits until its task is gone: it must not change anything any more. */
export async function removeJob({ stack, swarm, clock, signal }: Omit<JobRun, 'lock'>, job: Service): Promise<void> {
  await swarm.removeService(job.ID);
  const until = clock.now().getTime() + 60_000;
  for (;;) {
    const tasks = await swarm.listTasks({ label: label.stack, value: stack });
    const alive = tasks.filter(({ ServiceID, Status }) => ServiceID === job.ID && !endedStates.includes(Status.State));
    if (alive.length === 0 || clock.now().getTime() > until) return;
    await clock.sleep(pollMs, signal);
  }
}

async function* awaitEnd(
  { stack, swarm, clock, signal }: Omit<JobRun, 'lock'>,
  { step, what, timeoutMs = usualTimeoutMs }: Job,
  serviceId: string,
): Operation<Task> {
  const startedAt = clock.now().getTime();
  let told = false;
  for (;;) {
    const task = await taskOf(serviceId, { stack, swarm });
    if (task && endedStates.includes(task.Status.State)) return task;
    const waitedMs = clock.now().getTime() - startedAt;
    const stuck = task && stuckTask(task, waitedMs, what);
    if (stuck) throw stuck;
    if (waitedMs > timeoutMs)
      throw new ExpectedError('timed-out', what, {
        why: `Its job was not done within ${Math.round(timeoutMs / 60_000)} minutes (its task is ${task?.Status.State ?? 'missing'}).`,
        hint: `Look at \`docker service logs ${namesOf(stack).job}\` on the server.`,
      });
    if (!told && waitedMs > 3_000) {
      told = true;
      yield { kind: 'waiting', step, on: 'its job on the server' };
    }
    await clock.sleep(pollMs, signal);
  }
}

async function resultOf(
  { stack, swarm }: Pick<JobRun, 'stack' | 'swarm'>,
  { what }: Pick<Job, 'what'>,
  task: Task,
): Promise<unknown> {
  const line = await lastResult(task, { swarm });
  const result: unknown = line === undefined ? undefined : JSON.parse(line);
  if (result !== undefined && task.Status.State === 'complete') return result;
  const foreseen = foreseenFailure(result, what, stack);
  if (foreseen) throw foreseen;
  const log = shownLog((await taskLines(task.ID, { swarm })).filter((text) => !text.startsWith(resultPrefix)));
  if (/no space left on device/i.test(task.Status.Err))
    throw new ExpectedError('disk-full', what, {
      why: 'The disk of the server is full.',
      hint: 'Free space there (`docker system df` shows what takes it), then try again.',
      log,
    });
  throw new ExpectedError('job-failed', what, {
    why: `Its job on the server ended as ${task.Status.State}${task.Status.Err ? `: ${task.Status.Err}` : ''}.`,
    hint: `Try again; if it stays, look at \`oforest logs ${asTyped(stack)} --part db\`.`,
    log,
  });
}

/** The log of a task that has just ended may come late by a moment: it is asked again. */
async function lastResult(task: Task, { swarm }: { swarm: SwarmGateway }): Promise<string | undefined> {
  for (let tries = 0; tries < 3; tries += 1) {
    let found: string | undefined;
    for await (const { text } of swarm.taskLog(task.ID, { tail: 20 }))
      if (text.startsWith(resultPrefix)) found = text.slice(resultPrefix.length);
    if (found !== undefined) return found;
  }
  return undefined;
}

const failures: Readonly<Record<string, { code: ErrorCode; hint: (stack: StackName) => string }>> = {
  fenced: {
    code: 'operation-running',
    hint: (stack) => `Somebody else went on with it: look at \`oforest activity ${asTyped(stack)}\`.`,
  },
  'no-space': {
    code: 'backup-space',
    hint: () => `Free space on the node of the database (\`docker system df\` shows what takes it), then try again.`,
  },
  'dump-failed': { code: 'backup-failed', hint: (stack) => `Look at \`oforest logs ${asTyped(stack)} --part db\`.` },
  'backup-missing': { code: 'backup-not-found', hint: (stack) => `Run \`oforest backups ${asTyped(stack)}\`.` },
  'backup-damaged': {
    code: 'backup-damaged',
    hint: (stack) => `Choose another: \`oforest backups ${asTyped(stack)}\`.`,
  },
  'backup-foreign': {
    code: 'backup-foreign',
    hint: (stack) => `Choose one of its own: \`oforest backups ${asTyped(stack)}\`.`,
  },
  'backup-too-new': {
    code: 'backup-damaged',
    hint: () => 'Restore it on a server with a newer Postgres, or a newer oForest.',
  },
  'verify-failed': { code: 'backup-failed', hint: (stack) => `Look at \`oforest logs ${asTyped(stack)} --part db\`.` },
  'database-missing': { code: 'archive-not-found', hint: (stack) => `Run \`oforest backups ${asTyped(stack)}\`.` },
  'database-unreachable': {
    code: 'database-unhealthy',
    hint: (stack) => `Look at \`oforest logs ${asTyped(stack)} --part db\`.`,
  },
  'connections-stay': {
    code: 'connections-stay',
    hint: () => 'Close whatever else is connected to the database, then try again.',
  },
  refused: { code: 'job-failed', hint: () => 'Please report this.' },
};

function foreseenFailure(result: unknown, what: string, stack: StackName): ExpectedError | undefined {
  const { error, why } = (result ?? {}) as { error?: unknown; why?: unknown };
  const known = typeof error === 'string' ? failures[error] : undefined;
  return known && new ExpectedError(known.code, what, { why: String(why ?? ''), hint: known.hint(stack) });
}
