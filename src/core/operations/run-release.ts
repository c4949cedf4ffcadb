import { describeActor } from '../domain/actor.ts';
import { restartsWeb } from '../domain/change.ts';
import type { OperationResult } from '../domain/operation-event.ts';
import type { OperationRequest } from '../domain/operation-request.ts';
import { urlOf } from '../domain/platform.ts';
import { namesOf } from '../domain/stack-name.ts';
import { ExpectedError } from '../errors.ts';
import { createRelease, noteRelease, type ReleaseRecord } from '../records/release-record.ts';
import { label } from '../swarm/labels.ts';
import { type ObservedStack, observeStack } from '../swarm/observe-stack.ts';
import { closedPathsOf } from '../swarm/otree-version.ts';
import type { Stamp } from '../swarm/service-spec.ts';
import { refuseBooked } from './guard/refuse-booked.ts';
import { hideClosedStep } from './steps/closed-page-steps.ts';
import { backupSteps, interruptionSteps } from './steps/data-steps.ts';
import { type EarlierWeb, earlierWeb } from './steps/earlier-web.ts';
import { addColumnsStep, inspectFit } from './steps/fit-step.ts';
import { guardStep } from './steps/guard-step.ts';
import { proveStep, settleStep } from './steps/prove.ts';
import { createNetworkStep, startDatabaseStep, storeSecretsStep } from './steps/stack-objects.ts';
import { pastCancelling, type StackRun } from './steps/stack-run.ts';
import { type Operation, runSteps, type Step } from './steps/step.ts';
import { tidyStep } from './steps/tidy.ts';
import { tryImageStep } from './steps/try-image.ts';
import { failureToUndo, undoWeb } from './steps/undo.ts';
import { keepPageTimesStep, partsOf, updateWebStep, type WantedWeb } from './steps/update-web.ts';

export type RunReleaseWork = Extract<OperationRequest['work'], { kind: 'run-release' }>;

/**
 * Makes the stack run a new release of the wanted state: objects, trial, one stop-first update, proof from outside,
 * soak. Returns once the release is proven. Throws why it is not, with what serves instead; cancelling leaves a whole
 * stack and the rest to Swarm's own rollback.
 */
export async function* runRelease(run: StackRun, work: RunReleaseWork): Operation<OperationResult> {
  const { stack, swarm, request, lock } = run;
  const before = await observeStack(stack, { swarm });
  const serving = earlierWeb(run, before);
  const isRestart = restartsWeb(request.plan);

  const release = yield* recordRelease(run, work, before);
  const stamp: Stamp = {
    release: release.number,
    operation: request.id,
    epoch: lock.epoch,
    owner: before.web?.Spec.Labels[label.owner] ?? describeActor(request.actor),
  };
  const wanted: WantedWeb = {
    state: work.state,
    stamp,
    forceUpdate: before.web?.Spec.TaskTemplate.ForceUpdate ?? 0,
    otree: async () => (await swarm.findConfig(release.config.Spec.Name))?.Spec.Labels[label.otree],
  };
  const parts = async () => partsOf(await observeStack(stack, { swarm }));
  const trial = { release: release.number, state: work.state, parts, stamp };
  const isPast = async () => isWritten(await observeStack(stack, { swarm }), stamp);
  const fitting = { release: release.number, addColumns: work.addColumns };

  try {
    yield* runSteps(
      [
        createNetworkStep(run),
        storeSecretsStep(run),
        startDatabaseStep(run, work.state, stamp),
        ...(isRestart ? [tryImageStep(run, { ...trial, inspect: (task) => inspectFit(run, task, fitting) })] : []),
        ...(isRestart && work.addColumns
          ? [keepPageTimesStep(run), ...backupSteps(run, 'before adding columns'), addColumnsStep(run)]
          : []),
        ...(isRestart ? [guardStep(run, isPast)] : []),
      ],
      run,
    );
    // Nobody has to wait for a new address, but whoever is in a session has the old one.
    if (!isRestart && !(await isPast())) await refuseBooked(stack, {}, run);
  } catch (error) {
    run.signal.throwIfAborted();
    await closeFailed(run, release, work);
    throw error instanceof ExpectedError ? error.with(untouched(before, serving)) : error;
  }
  yield* announceClosedPaths(await wanted.otree());

  try {
    yield* runSteps(
      [
        ...(isRestart ? [keepPageTimesStep(run)] : []),
        updateWebStep(run, wanted),
        proveStep(run, work.state, release.number),
        hideClosedStep(run),
        ...(isRestart ? [settleStep(run, work.state, release.number)] : []),
      ],
      run,
    );
  } catch (error) {
    const failure = yield* undoWeb(run, await failureToUndo(run, error));
    await closeFailed(run, release, work);
    throw failure;
  }

  yield* runSteps([recordProvenStep(run, release), ...interruptionSteps(run), tidyStep(run)], pastCancelling(run));
  return { stack, release: release.number, url: urlOf(work.state.host, before.platform), state: 'running' };
}

/** Whether web's spec is this release's already: what people would notice has begun. */
function isWritten({ web }: ObservedStack, { release }: Stamp): boolean {
  return web?.Spec.Labels[label.release] === String(release);
}

/** The number is allocated here; a run that goes on finds the release its operation already wrote. */
async function* recordRelease(run: StackRun, work: RunReleaseWork, before: ObservedStack): Operation<ReleaseRecord> {
  const { stack, swarm, request } = run;
  yield { kind: 'step-started', step: 'record-release' };
  const written = before.releases.find(({ operation }) => operation === request.id);
  const release =
    written ??
    (await createRelease(
      {
        stack,
        operation: request.id,
        draft: { state: work.state, source: work.source, author: request.actor, createdAt: request.createdAt },
      },
      { swarm },
    ));
  const otree = before.releases.find(({ state, otree }) => otree && state.image === work.state.image)?.otree;
  if (otree) await noteRelease({ name: release.config.Spec.Name, labels: { [label.otree]: otree } }, { swarm });
  yield { kind: 'release-recorded', release: release.number };
  yield { kind: 'step-finished', step: 'record-release', outcome: written ? 'unchanged' : 'changed' };
  return release;
}

async function* announceClosedPaths(otree: string | undefined): Operation<void> {
  const paths = closedPathsOf(otree);
  if (otree && paths.length > 0) yield { kind: 'notice', notice: { code: 'export-paths-closed', otree, paths } };
}

function untouched({ stack, platform }: ObservedStack, serving: EarlierWeb | undefined) {
  if (!serving) return { now: `No release of ${stack} serves yet.`, details: { serves: 'nothing' } };
  const { number, state } = serving.release;
  const now = serving.stopped
    ? `${stack} is stopped, as before.`
    : `v${number} serves at ${urlOf(state.host, platform)}, untouched.`;
  return { now, details: { serves: `v${number}` } };
}

/** The record says failed, and secrets that were stored for this release alone go: the slot's earlier value is current again. */
async function closeFailed({ swarm, stack }: StackRun, release: ReleaseRecord, work: RunReleaseWork): Promise<void> {
  await noteRelease(
    { name: namesOf(stack).releaseRecord(release.number), labels: { [label.state]: 'failed' } },
    { swarm },
  );
  for (const { id } of work.newSecrets) await swarm.removeSecret(id);
}

function recordProvenStep({ stack, swarm }: StackRun, release: ReleaseRecord): Step {
  const name = namesOf(stack).releaseRecord(release.number);
  const proven = async () => (await swarm.findConfig(name))?.Spec.Labels[label.state] === 'proven';
  return {
    id: 'record-proven',
    check: proven,
    async do() {
      await noteRelease({ name, labels: { [label.state]: 'proven' } }, { swarm });
    },
    verify: async () => {
      if (!(await proven())) throw new ExpectedError('operation-failed', `recording v${release.number} as proven`);
    },
  };
}
