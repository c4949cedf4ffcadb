import type { OperationResult } from '../domain/operation-event.ts';
import type { OperationRequest } from '../domain/operation-request.ts';
import { isStopped } from '../swarm/observe-stack.ts';
import { backupIdOf, backupSteps, deployedRelease, dropDataStep, verifyStep } from './steps/data-steps.ts';
import { startDatabaseStep } from './steps/stack-objects.ts';
import { type StackRun, stampOf } from './steps/stack-run.ts';
import { type Operation, runSteps } from './steps/step.ts';
import { tidyStep } from './steps/tidy.ts';
import { keepPageTimesStep } from './steps/update-web.ts';

type WorkOf<Kind extends OperationRequest['work']['kind']> = Extract<OperationRequest['work'], { kind: Kind }>;

/** A verified backup of what the study has now; participants notice nothing. */
export async function* backUpStudy(run: StackRun, { reason }: WorkOf<'backup'>): Operation<OperationResult> {
  const { web, release } = await deployedRelease(run, `backing up ${run.stack}`);
  yield* runSteps(
    [
      startDatabaseStep(run, release.state, stampOf(run, web, release)),
      keepPageTimesStep(run),
      ...backupSteps(run, reason),
      tidyStep(run),
    ],
    run,
  );
  return { ...(await resultOf(run)), backup: backupIdOf(run.request) };
}

/** The backup is restored beside the data and compared once more. */
export async function* drillBackup(run: StackRun, { backup }: WorkOf<'drill'>): Operation<OperationResult> {
  yield* runSteps([verifyStep(run, backup), tidyStep(run)], run);
  return { ...(await resultOf(run)), backup };
}

/** Removes backups and set-aside databases whose time is over. */
export async function* dropData(run: StackRun, work: WorkOf<'drop-data'>): Operation<OperationResult> {
  yield* runSteps([dropDataStep(run, work), tidyStep(run)], run);
  return await resultOf(run);
}

async function resultOf(run: StackRun): Promise<OperationResult> {
  const { observed, release } = await deployedRelease(run, `looking at ${run.stack}`);
  return { stack: run.stack, release: release.number, state: isStopped(observed) ? 'stopped' : 'running' };
}
