import { urlOf } from '../../domain/platform.ts';
import { ExpectedError } from '../../errors.ts';
import { label } from '../../swarm/labels.ts';
import { type ObservedStack, observeStack, wantedTask } from '../../swarm/observe-stack.ts';
import { taskHashOf } from '../../swarm/service-spec.ts';
import { type EarlierWeb, earlierWeb } from './earlier-web.ts';
import { patiently } from './patiently.ts';
import { awaitAnswer } from './prove.ts';
import { pollMs, type StackRun } from './stack-run.ts';
import type { Operation } from './step.ts';
import { endedStates } from './task-failure.ts';
import { awaitWebTask, writeWeb } from './update-web.ts';

const rollbackTimeoutMs = 60_000;

/** The failure that is to be undone. Throws instead where nothing may be: cut off, a bug of ours, or the lock is lost. */
export async function failureToUndo(
  { signal, confirmOwn }: Pick<StackRun, 'signal' | 'confirmOwn'>,
  error: unknown,
): Promise<ExpectedError> {
  signal.throwIfAborted();
  if (!(error instanceof ExpectedError)) throw error;
  await confirmOwn();
  return error;
}

/**
 * Brings web back as it was before the operation: waits where Swarm is rolling back by itself, writes the earlier spec
 * otherwise (never `rollback=previous`, which any update overwrites), and proves it from outside. Returns the failure
 * with what is true now; `first` is what is true beside that. Throws LeftUnfinished where web cannot be written.
 */
export async function* undoWeb(run: StackRun, failure: ExpectedError, { first = '' } = {}): Operation<ExpectedError> {
  const { stack } = run;
  yield { kind: 'step-started', step: 'undo' };
  const observed = await patiently(() => observeStack(stack, run), run);
  const earlier = earlierWeb(run, observed);
  if (!earlier) {
    const first = observed.web;
    if (!first) throw failure;
    const stop = async ({ web: { Spec } = first }: ObservedStack) => {
      const Labels = { ...Spec.Labels, [label.state]: 'stopped' };
      return { ...Spec, Labels, Mode: { Replicated: { Replicas: 0 } } };
    };
    await patiently(() => writeWeb(run, stop), run);
    yield { kind: 'step-finished', step: 'undo', outcome: 'changed' };
    return failure.with({
      now: `No release of ${stack} serves: this was the first one. It is stopped; its empty database stays.`,
      details: { serves: 'nothing' },
    });
  }

  const { number, state } = earlier.release;
  let now = earlier.stopped
    ? `${stack} is stopped again, at v${number}.`
    : `v${number} serves again at ${urlOf(state.host, observed.platform)}.`;
  const isWritten = await patiently(() => writeEarlier(run, earlier), run);
  try {
    if (!earlier.stopped) await awaitServing(run, earlier);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    run.signal.throwIfAborted();
    now = `v${number} was started again, but this could not be proven: ${error.why ?? error.message}`;
  }
  yield { kind: 'step-finished', step: 'undo', outcome: 'changed' };
  const known = { now: `${first} ${now}`.trim(), details: { serves: earlier.stopped ? 'nothing' : `v${number}` } };
  return isWritten ? failure.overtakenBy(known) : failure.with(known);
}

/** The earlier spec, as Swarm brought it back or written by us: whether it was. */
async function writeEarlier(run: StackRun, { spec }: EarlierWeb): Promise<boolean> {
  await awaitOwnRollback(run);
  const { web } = await observeStack(run.stack, run);
  const isBack =
    web &&
    taskHashOf(web.Spec) === taskHashOf(spec) &&
    web.Spec.Labels[label.release] === spec.Labels[label.release] &&
    web.Spec.Mode.Replicated?.Replicas === spec.Mode.Replicated?.Replicas;
  if (!isBack) await writeWeb(run, async () => spec);
  return !isBack;
}

/** Its task runs, and its answer comes through. */
async function awaitServing(run: StackRun, { spec, release: { number, state } }: EarlierWeb): Promise<void> {
  await awaitWebTask(run, { hash: taskHashOf(spec), what: `starting v${number} of ${run.stack} again`, state });
  await awaitAnswer(run, state.host, number);
}

/** How long Swarm may take to notice that the task it has just started ended. */
const noticeMs = 5_000;

/**
 * Swarm's own rollback is left to finish, and one that is due is left to begin: a spec written in between would start a
 * task that the rollback then replaces once more (seen on 20.10: the study was gone again after it was proven).
 */
async function awaitOwnRollback({ stack, swarm, clock, signal }: StackRun): Promise<void> {
  const startedAt = clock.now().getTime();
  for (;;) {
    const { web, tasks } = await observeStack(stack, { swarm });
    const waitedMs = clock.now().getTime() - startedAt;
    const state = web?.UpdateStatus?.State;
    const newest = web && wantedTask(tasks, web.ID, taskHashOf(web.Spec));
    const isDue = state === 'updating' && newest !== undefined && endedStates.includes(newest.Status.State);
    const isOwn = (state === 'rollback_started' && waitedMs <= rollbackTimeoutMs) || (isDue && waitedMs <= noticeMs);
    if (!isOwn) return;
    await clock.sleep(pollMs, signal);
  }
}
