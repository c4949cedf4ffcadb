import type { OperationResult } from '../domain/operation-event.ts';
import type { OperationRequest } from '../domain/operation-request.ts';
import { urlOf } from '../domain/platform.ts';
import { asTyped } from '../domain/stack-name.ts';
import { ExpectedError } from '../errors.ts';
import type { ReleaseRecord } from '../records/release-record.ts';
import { observeStack } from '../swarm/observe-stack.ts';
import { databases } from '../swarm/slots.ts';
import {
  auditStep,
  backupIdOf,
  backupSteps,
  copyArchiveStep,
  createDatabaseStep,
  deployedRelease,
  dropCopyStep,
  dropDataStep,
  fillDatabaseStep,
  proveUploadStep,
  reopenDatabaseStep,
  swapDatabasesStep,
} from './steps/data-steps.ts';
import { inspectFit } from './steps/fit-step.ts';
import { guardStep } from './steps/guard-step.ts';
import { proveStep, settleStep } from './steps/prove.ts';
import { startDatabaseStep } from './steps/stack-objects.ts';
import { pastCancelling, type StackRun, stampOf } from './steps/stack-run.ts';
import { type Operation, runSteps, type Step } from './steps/step.ts';
import { tidyStep } from './steps/tidy.ts';
import { removeTrial, tryImageStep } from './steps/try-image.ts';
import { failureToUndo, undoWeb } from './steps/undo.ts';
import { keepPageTimesStep, partsOf, stopWebStep, updateWebStep } from './steps/update-web.ts';

type WorkOf<Kind extends OperationRequest['work']['kind']> = Extract<OperationRequest['work'], { kind: Kind }>;

/**
 * An empty database in the place of the one with data, which is backed up first and then set aside for `undo`. The empty
 * one is built by the running image before anything is stopped; if the backup fails, nothing is erased.
 */
export async function* resetStudy(run: StackRun): Operation<OperationResult> {
  const database = databases.madeBy(run.request.id);
  const { release } = await deployedRelease(run, `resetting ${run.stack}`);
  const tryOn = tryImageStep(run, { ...trialOf(run, release), database });
  const result = yield* replaceData(run, {
    reason: 'reset',
    database,
    prepare: [...backupSteps(run, 'before reset'), createDatabaseStep(run), tryOn],
    made: database,
  });
  return { ...result, backup: backupIdOf(run.request) };
}

/** The release that serves, beside itself. */
function trialOf(run: StackRun, release: ReleaseRecord) {
  return {
    release: release.number,
    state: release.state,
    parts: async () => partsOf(await observeStack(run.stack, run)),
    stamp: stampOf(run, undefined, release),
  };
}

/** A verified copy of a backup in the place of what is live, which is backed up first and then set aside for `undo`. */
export async function* restoreBackup(run: StackRun, work: WorkOf<'restore'>): Operation<OperationResult> {
  const database = databases.madeBy(run.request.id);
  const { release } = await deployedRelease(run, `restoring ${run.stack}`);
  const fits = tryImageStep(run, {
    ...trialOf(run, release),
    inspect: (task) => inspectFit(run, task, { release: release.number, data: database }),
  });
  return yield* replaceData(run, {
    reason: 'restore',
    database,
    prepare: [
      ...(work.foreign ? [proveUploadStep(run, work.backup)] : []),
      ...backupSteps(run, 'before restore'),
      createDatabaseStep(run),
      fillDatabaseStep(run, work),
      fits,
    ],
    made: database,
  });
}

/**
 * The set-aside database becomes the live one again; what was live is set aside in its turn. Another release may serve by
 * now, so its image is compared with the data first: with a copy, because what is set aside is closed to the study.
 */
export async function* undoReset(run: StackRun, { archive }: WorkOf<'undo'>): Operation<OperationResult> {
  const copy = databases.madeBy(run.request.id);
  const { release } = await deployedRelease(run, `undoing on ${run.stack}`);
  const fits = tryImageStep(run, {
    ...trialOf(run, release),
    inspect: async function* (task) {
      const wayOut = await wayToUndo(run, { archive, serving: release.number });
      yield* inspectFit(run, task, { release: release.number, data: copy, wayOut });
    },
  });
  return yield* replaceData(run, {
    reason: 'undo',
    database: archive,
    prepare: [copyArchiveStep(run, archive), fits, dropCopyStep(run)],
    made: copy,
  });
}

/** What to do first when the serving release cannot work with what was set aside, as one hint. */
async function wayToUndo(
  { stack, swarm }: StackRun,
  { archive, serving }: { archive: string; serving: number },
): Promise<string> {
  const { operations, releases } = await observeStack(stack, { swarm });
  const setAsideBy = operations.find(({ request }) => databases.setAsideBy(request.id) === archive);
  const collected = releases.find(
    ({ number, outcome }) =>
      number === setAsideBy?.request.before.release && number !== serving && outcome === 'proven',
  );
  return collected
    ? `Go back to the release that collected it, \`oforest rollback ${asTyped(stack)} --to v${collected.number}\`, then undo again.`
    : `Go back to a release that it fits, \`oforest rollback ${asTyped(stack)} --to vN\`, then undo again; \`oforest releases ${asTyped(stack)}\` shows them.`;
}

interface Replacement {
  readonly reason: string;
  /** What becomes the live one. */
  readonly database: string;
  /** Makes it and proves it, while the study runs on. */
  readonly prepare: readonly Step[];
  /** A database that this operation made: dropped again when it fails. */
  readonly made: string;
}

/** Make new, verify, switch, keep the old: in this order only. */
async function* replaceData(
  run: StackRun,
  { reason, database, prepare, made }: Replacement,
): Operation<OperationResult> {
  const { stack, request, finished } = run;
  const { web, release, observed } = await deployedRelease(run, `replacing the data of ${stack}`);
  const stamp = stampOf(run, web, release);
  const isSwitched = finished.has('swap-databases');
  const wasStopped = request.before.stopped;

  if (!isSwitched)
    try {
      yield* runSteps(
        [startDatabaseStep(run, release.state, stamp), keepPageTimesStep(run), ...prepare, guardStep(run)],
        run,
      );
      yield* runSteps([stopWebStep(run, stamp), swapDatabasesStep(run, { database, reason })], pastCancelling(run));
    } catch (error) {
      throw yield* undoPreparation(run, await failureToUndo(run, error), made);
    }

  const archive = databases.setAsideBy(request.id);
  const otree = async () => release.otree;
  const forceUpdate = web.Spec.TaskTemplate.ForceUpdate;
  try {
    yield* runSteps(
      wasStopped
        ? []
        : [
            updateWebStep(run, { state: release.state, stamp, forceUpdate, otree }),
            proveStep(run, release.state, release.number),
            settleStep(run, release.state, release.number),
          ],
      pastCancelling(run),
    );
  } catch (error) {
    run.signal.throwIfAborted();
    if (!(error instanceof ExpectedError)) throw error;
    throw error.with({
      now: `The new data is in place, but oTree does not run on it. The old data is whole, as ${archive}.`,
      hint: `Bring the old data back with \`oforest undo ${asTyped(stack)}\`.`,
      details: { serves: 'nothing', archive },
    });
  }
  yield* runSteps([auditStep(run, { archive }), tidyStep(run)], pastCancelling(run));
  return {
    stack,
    release: release.number,
    ...(!wasStopped && { url: urlOf(release.state.host, observed.platform) }),
    state: wasStopped ? 'stopped' : 'running',
    archive,
  };
}

/** Nothing was switched: connections are allowed again, web runs as before, and what was made goes. */
async function* undoPreparation(run: StackRun, failure: ExpectedError, made: string): Operation<ExpectedError> {
  await removeTrial(run);
  try {
    yield* runSteps([reopenDatabaseStep(run)], pastCancelling(run));
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    run.signal.throwIfAborted();
    // Where the database itself is out of reach, nothing was forbidden either, and web says what it misses.
  }
  const told = yield* undoWeb(run, failure, { first: 'The data is as it was.' });
  try {
    yield* runSteps([dropDataStep(run, { archives: [made], backups: [] })], pastCancelling(run));
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    run.signal.throwIfAborted();
    // The next operation's tidying finds it.
  }
  return told;
}
