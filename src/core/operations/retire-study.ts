import type { OperationResult } from '../domain/operation-event.ts';
import type { OperationRequest } from '../domain/operation-request.ts';
import { urlOf } from '../domain/platform.ts';
import { asTyped, namesOf, type StackName } from '../domain/stack-name.ts';
import { ExpectedError } from '../errors.ts';
import { label } from '../swarm/labels.ts';
import { databaseNodeId, isRetired, observeStack } from '../swarm/observe-stack.ts';
import { exceptionMinutes } from './guard/guard-participants.ts';
import { hideClosedStep, showClosedStep } from './steps/closed-page-steps.ts';
import { auditStep, backupIdOf, backupSteps, deployedRelease } from './steps/data-steps.ts';
import { guardStep, hasLapsed } from './steps/guard-step.ts';
import { patiently } from './steps/patiently.ts';
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
  const { web, release, observed } = await deployedRelease(run, `deleting ${stack}`);
  const stamp = stampOf(run, web, release);
  if (!isRetired(observed))
    try {
      yield* runSteps(
        [
          startDatabaseStep(run, release.state, stamp),
          keepPageTimesStep(run),
          ...backupSteps(run, 'before delete'),
          guardStep(run),
        ],
        run,
      );
      yield* runSteps(
        [showClosedStep(run, release.state.host), stopWebStep(run, stamp), retireStep(run, until)],
        pastCancelling(run),
      );
    } catch (error) {
      const failure = await failureToUndo(run, error);
      const told = yield* undoWeb(run, failure, { first: 'The data is as it was.' });
      if (!run.request.before.stopped) yield* hideClosedIfPossible(run);
      throw told;
    }
  try {
    yield* runSteps([auditStep(run, { until }), stopDatabaseStep(run), tidyStep(run)], pastCancelling(run));
  } catch (error) {
    run.signal.throwIfAborted();
    if (!(error instanceof ExpectedError)) throw error;
    throw error.overtakenBy({
      now: `${stack} is deleted and its data is kept until ${until.slice(0, 10)}; only what was left to write down or stop was not done.`,
      hint: `Nothing more is to be done; \`oforest undelete ${asTyped(stack)}\` brings it back.`,
      details: { serves: 'nothing', until },
    });
  }
  return { stack, release: release.number, state: 'deleted', backup: backupIdOf(run.request), until };
}

/** Where it cannot be hidden, nobody sees it: web comes first, and the next start hides it. */
async function* hideClosedIfPossible(run: StackRun): Operation<void> {
  try {
    yield* runSteps([hideClosedStep(run)], pastCancelling(run));
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    run.signal.throwIfAborted();
  }
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
 * the lock last. Every part that is gone already counts as done, so that it can be run again. One that was asked for long
 * ago and has removed nothing yet is not begun.
 */
export async function* purgeStudy(run: StackRun): Operation<OperationResult> {
  const { stack } = run;
  const { web } = await patiently(() => observeStack(stack, run), run);
  let isWhole = web !== undefined && !run.begun.has('drop-data');
  try {
    if (isWhole && (await hasLapsed(run))) throw purgeLapsed(stack);
    yield* runSteps([stopDatabaseStep(run)], pastCancelling(run));
    isWhole = false;
    yield* runSteps([emptyVolumesStep(run), hideClosedStep(run), removeStudyStep(run)], pastCancelling(run));
  } catch (error) {
    run.signal.throwIfAborted();
    if (!(error instanceof ExpectedError)) throw error;
    const typed = asTyped(stack);
    throw error.overtakenBy({
      now: isWhole
        ? `The data of ${stack} is whole, and still kept.`
        : `${stack} is being removed: its data may be gone already, and what is left of it serves nobody.`,
      hint: isWhole
        ? `Run \`oforest purge ${typed}\` again, or keep it: \`oforest undelete ${typed}\`.`
        : `Run \`oforest purge ${typed}\` again; it goes on from there.`,
      details: { serves: 'nothing' },
    });
  }
  return { stack, state: 'purged' };
}

/** Nothing takes it back: the name that was typed counts for who typed it, and not for who comes by the next day. */
function purgeLapsed(stack: StackName): ExpectedError {
  return new ExpectedError('runner-lost', `purging ${stack}`, {
    why: `It had not begun within ${exceptionMinutes} minutes, or in the process that was to run it.`,
  });
}

/** Web goes first: without it the study counts as gone, and nobody brings back what is half emptied. */
function emptyVolumesStep(run: StackRun): Step {
  const { stack, swarm } = run;
  return {
    id: 'drop-data',
    check: 'journal',
    async *do() {
      const { web, trial } = await observeStack(stack, { swarm });
      for (const service of [web, trial]) if (service) await removeJob(run, service);
      // The database's service stays until its volume is empty: it remembers the node.
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
