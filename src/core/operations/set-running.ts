import type { OperationResult } from '../domain/operation-event.ts';
import { urlOf } from '../domain/platform.ts';
import { asTyped } from '../domain/stack-name.ts';
import { ExpectedError } from '../errors.ts';
import type { ReleaseRecord } from '../records/release-record.ts';
import { label } from '../swarm/labels.ts';
import { type ObservedStack, observeStack, servingRelease } from '../swarm/observe-stack.ts';
import type { Stamp } from '../swarm/service-spec.ts';
import { hideClosedStep, showClosedStep } from './steps/closed-page-steps.ts';
import { interruptionSteps } from './steps/data-steps.ts';
import { guardStep } from './steps/guard-step.ts';
import { proveStep, settleStep } from './steps/prove.ts';
import { startDatabaseStep } from './steps/stack-objects.ts';
import type { StackRun } from './steps/stack-run.ts';
import { type Operation, runSteps } from './steps/step.ts';
import { tidyStep } from './steps/tidy.ts';
import { failureToUndo, undoWeb } from './steps/undo.ts';
import { keepPageTimesStep, stopWebStep, updateWebStep } from './steps/update-web.ts';

/** Takes the study off the net; the database stays up and nothing is lost. */
export async function* stopStack(run: StackRun): Operation<OperationResult> {
  const { release, stamp } = await current(run);
  yield* runSteps(
    [
      guardStep(run),
      keepPageTimesStep(run),
      showClosedStep(run, release.state.host),
      stopWebStep(run, stamp),
      ...interruptionSteps(run),
      tidyStep(run),
    ],
    run,
  );
  return { stack: run.stack, release: release.number, state: 'stopped' };
}

/** Brings the study back with the release it last ran. */
export function startStack(run: StackRun): Operation<OperationResult> {
  return runCurrent(run, { fresh: false });
}

/** A fresh task of the same release. */
export function restartStack(run: StackRun): Operation<OperationResult> {
  return runCurrent(run, { fresh: true });
}

async function* runCurrent(run: StackRun, { fresh }: { fresh: boolean }): Operation<OperationResult> {
  const { observed, release, stamp } = await current(run);
  // A run that goes on finds its own update written: one fresh task is enough.
  const isWritten = observed.web?.Spec.Labels[label.operation] === run.request.id;
  const forceUpdate = (observed.web?.Spec.TaskTemplate.ForceUpdate ?? 0) + (fresh && !isWritten ? 1 : 0);
  const web = { state: release.state, stamp, forceUpdate, otree: async () => release.otree };
  try {
    yield* runSteps(
      [
        startDatabaseStep(run, release.state, stamp),
        ...(fresh && !isWritten ? [guardStep(run), keepPageTimesStep(run)] : []),
        updateWebStep(run, web),
        proveStep(run, release.state, release.number),
        hideClosedStep(run),
        settleStep(run, release.state, release.number),
        ...interruptionSteps(run),
        tidyStep(run),
      ],
      run,
    );
  } catch (error) {
    throw yield* undoWeb(run, await failureToUndo(run, error));
  }
  return {
    stack: run.stack,
    release: release.number,
    url: urlOf(release.state.host, observed.platform),
    state: 'running',
  };
}

async function current({
  stack,
  swarm,
  request,
  lock,
}: StackRun): Promise<{ observed: ObservedStack; release: ReleaseRecord; stamp: Stamp }> {
  const observed = await observeStack(stack, { swarm });
  const release = servingRelease(observed);
  if (!observed.web || !release)
    throw new ExpectedError('release-not-found', `looking for what ${stack} last ran`, {
      why: 'It has no release that was ever started.',
      now: 'Nothing was changed.',
      hint: `Deploy one with \`oforest deploy ${asTyped(stack)} --image …\`.`,
    });
  const stamp = {
    release: release.number,
    operation: request.id,
    epoch: lock.epoch,
    owner: observed.web.Spec.Labels[label.owner] ?? '',
  };
  return { observed, release, stamp };
}
