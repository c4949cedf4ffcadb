import type { OperationResult } from '../domain/operation-event.ts';
import type { OperationRequest } from '../domain/operation-request.ts';
import { urlOf } from '../domain/platform.ts';
import { namesOf } from '../domain/stack-name.ts';
import { ExpectedError } from '../errors.ts';
import { label } from '../swarm/labels.ts';
import { databaseNodeId, observeStack } from '../swarm/observe-stack.ts';
import { hideClosedStep, showClosedStep } from './steps/closed-page-steps.ts';
import { auditStep, backupIdOf, backupSteps, deployedRelease } from './steps/data-steps.ts';
import { guardStep } from './steps/guard-step.ts';
import { proveStep, settleStep } from './steps/prove.ts';
import { removeJob, runJob } from './steps/run-job.ts';
import { startDatabaseStep } from './steps/stack-objects.ts';
import { pastCancelling, pollMs, type StackRun, stampOf } from './steps/stack-run.ts';
import { type Operation, runSteps, type Step } from './steps/step.ts';
import { endedStates } from './steps/task-failure.ts';
import { tidyStep } from './steps/tidy.ts';
import { failureToUndo, undoWeb } from './steps/undo.ts';
import { keepPageTimesStep, stopWebStep, updateWebStep, writeWeb } from './steps/update-web.ts';

type WorkOf<Kind extends OperationRequest['work']['kind']> = Extract<OperationRequest['work'], { kind: Kind }>;

/** Takes a study away after a verified backup, and keeps all of it until a date: `undelete` brings it back. */
export async function* retireStudy(run: StackRun, { until }: WorkOf<'delete'>): Operation<OperationResult> {
  const { stack } = run;
  const { web, release } = await deployedRelease(run, `deleting ${stack}`);
  const stamp = stampOf(run, web, release);
  try {
    yield* runSteps(
      [
        ...(run.finished.has('audit')
          ? []
          : [
              startDatabaseStep(run, release.state, stamp),
              keepPageTimesStep(run),
              ...backupSteps(run, 'before delete'),
              guardStep(run),
            ]),
      ],
      run,
    );
    yield* runSteps(
      [
        showClosedStep(run, release.state.host),
        stopWebStep(run, stamp),
        auditStep(run, { until }),
        retireStep(run, until),
        stopDatabaseStep(run),
        tidyStep(run),
      ],
      pastCancelling(run),
    );
  } catch (error) {
    const failure = await failureToUndo(run, error);
    if (!run.request.before.stopped) yield* runSteps([hideClosedStep(run)], pastCancelling(run));
    throw yield* undoWeb(run, failure, { first: 'The data is as it was.' });
  }
  return { stack, release: release.number, state: 'deleted', backup: backupIdOf(run.request), until };
}

/** The study as it was: database, data, passwords, address. */
export async function* reviveStudy(run: StackRun): Operation<OperationResult> {
  const { stack } = run;
  const { web, release, observed } = await deployedRelease(run, `bringing ${stack} back`);
  const stamp = stampOf(run, web, release);
  const forceUpdate = web.Spec.TaskTemplate.ForceUpdate;
  yield* runSteps(
    [
      startDatabaseStep(run, release.state, stamp),
      updateWebStep(run, { state: release.state, stamp, forceUpdate, otree: async () => release.otree }),
      proveStep(run, release.state, release.number),
      hideClosedStep(run),
      settleStep(run, release.state, release.number),
      auditStep(run),
      tidyStep(run),
    ],
    pastCancelling(run),
  );
  return { stack, release: release.number, url: urlOf(release.state.host, observed.platform), state: 'running' };
}

/** The label that says until when the study can be brought back; its time-out is nobody's but the keeper's. */
function retireStep(run: StackRun, until: string): Step {
  return {
    id: 'retire',
    check: async () => (await observeStack(run.stack, run)).web?.Spec.Labels[label.state] === 'retired',
    async do() {
      await writeWeb(run, async ({ web }) => {
        if (!web) throw new ExpectedError('experiment-not-found', `deleting ${run.stack}`);
        return { ...web.Spec, Labels: { ...web.Spec.Labels, [label.state]: 'retired', [label.until]: until } };
      });
    },
  };
}

function stopDatabaseStep(run: StackRun): Step {
  const { stack, swarm, clock, signal } = run;
  const isDown = async () => {
    const { db, tasks } = await observeStack(stack, { swarm });
    const alive = tasks.filter(({ ServiceID, Status }) => ServiceID === db?.ID && !endedStates.includes(Status.State));
    return (!db || db.Spec.Mode.Replicated?.Replicas === 0) && alive.length === 0;
  };
  return {
    id: 'stop-database',
    check: isDown,
    async *do() {
      const { db } = await observeStack(stack, { swarm });
      if (db && db.Spec.Mode.Replicated?.Replicas !== 0)
        await swarm.updateService(db, { ...db.Spec, Mode: { Replicated: { Replicas: 0 } } });
      yield { kind: 'waiting', step: 'stop-database', on: 'Postgres to write everything down' };
      const until = clock.now().getTime() + 120_000;
      while (!(await isDown())) {
        if (clock.now().getTime() > until)
          throw new ExpectedError('deployment-stalled', `stopping the database of ${stack}`, {
            why: 'Its task has not ended after two minutes.',
          });
        await clock.sleep(pollMs, signal);
      }
    },
  };
}

/**
 * Removes everything of a retired study, for good: services, then what is in its volumes, network, secrets and records,
 * the lock last. Every part that is gone already counts as done, so that it can be run again.
 */
export async function* purgeStudy(run: StackRun): Operation<OperationResult> {
  const { stack } = run;
  yield* runSteps([emptyVolumesStep(run), hideClosedStep(run), removeStudyStep(run)], pastCancelling(run));
  return { stack, state: 'purged' };
}

/** Web and db go first: nothing may write while the volumes are emptied. */
function emptyVolumesStep(run: StackRun): Step {
  const { stack, swarm } = run;
  return {
    id: 'drop-data',
    check: 'journal',
    async *do() {
      const { web, trial, db } = await observeStack(stack, { swarm });
      for (const service of [web, trial]) if (service) await removeJob(run, service);
      // The database's service stays until its volume is empty: it remembers the node.
      if (db && db.Spec.Mode.Replicated?.Replicas !== 0)
        await swarm.updateService(db, { ...db.Spec, Mode: { Replicated: { Replicas: 0 } } });
      yield* runSteps([stopDatabaseStep(run)], pastCancelling(run));
      yield* runJob(run, {
        name: 'empty',
        step: 'drop-data',
        what: `emptying the volumes of ${stack}`,
        withData: true,
      });
    },
  };
}

function removeStudyStep(run: StackRun): Step {
  const { stack, swarm } = run;
  const names = namesOf(stack);
  return {
    id: 'remove-study',
    check: async () => false,
    async do() {
      const observed = await observeStack(stack, { swarm });
      const node = databaseNodeId(observed);
      // Looks that somebody left open are among them.
      for (const service of await swarm.listServices({ label: label.stack, value: stack }))
        await removeJob(run, service);
      for (const volume of [names.dbVolume, names.backupsVolume])
        if (node !== undefined) await onceFree(run, () => swarm.removeVolume({ name: volume, nodeId: node }));
      const { network } = observed;
      if (network) await onceFree(run, () => swarm.removeNetwork(network.Id));
      for (const { ID } of observed.secretObjects) await swarm.removeSecret(ID);
      for (const { config } of observed.releases) await swarm.removeConfig(config.ID);
      for (const { config, request } of observed.operations)
        if (request.id !== run.request.id) await swarm.removeConfig(config.ID);
    },
  };
}

/** Networks and volumes are in use for some seconds after their last task. */
async function onceFree({ clock, signal }: StackRun, remove: () => Promise<unknown>): Promise<void> {
  const until = clock.now().getTime() + 60_000;
  for (;;) {
    try {
      await remove();
      return;
    } catch (error) {
      const mayBeInUse = error instanceof ExpectedError && error.code === 'engine-refused';
      if (!mayBeInUse || clock.now().getTime() > until) throw error;
    }
    await clock.sleep(pollMs, signal);
  }
}
