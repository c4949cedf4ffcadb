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
  reopenUnlessSwitched,
  swapDatabasesStep,
} from './steps/data-steps.ts';
import { inspectFit } from './steps/fit-step.ts';
import { guardStep } from './steps/guard-step.ts';
import { patiently } from './steps/patiently.ts';
import { awaitAnswer, proveStep, settleStep } from './steps/prove.ts';
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
  const { stack, request } = run;
  const { web, release, observed } = await deployedRelease(run, `replacing the data of ${stack}`);
  const stamp = stampOf(run, web, release);
  const archive = databases.setAsideBy(request.id);
  const wasStopped = request.before.stopped;
  const swap = swapDatabasesStep(run, { database, reason });

  if (!run.finished.has(swap.id)) {
    let isBegun = run.begun.has(swap.id);
    try {
      yield* runSteps(
        [startDatabaseStep(run, release.state, stamp), keepPageTimesStep(run), ...prepare, guardStep(run)],
        run,
      );
      yield* runSteps([stopWebStep(run, stamp)], pastCancelling(run));
      isBegun = true;
      yield* runSteps([swap], pastCancelling(run));
    } catch (error) {
      const failure = await failureToUndo(run, error);
      const isSwitched = isBegun && (yield* reopenUnlessSwitched(run));
      if (!isSwitched) throw yield* undoPreparation(run, failure, made);
      yield { kind: 'data-switched', archive };
      yield { kind: 'step-finished', step: swap.id, outcome: 'changed' };
    }
  }

  const otree = async () => release.otree;
  const forceUpdate = web.Spec.TaskTemplate.ForceUpdate;
  let failure: ExpectedError | undefined;
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
    failure = error.overtakenBy(await newDataAfter(run, release, urlOf(release.state.host, observed.platform)));
  }
  try {
    yield* runSteps([auditStep(run, { archive })], pastCancelling(run));
    if (!failure) yield* runSteps([tidyStep(run)], pastCancelling(run));
  } catch (error) {
    run.signal.throwIfAborted();
    if (!(error instanceof ExpectedError)) throw error;
    const serves = wasStopped ? `${stack} is stopped, as before` : `v${release.number} serves`;
    const now = `The new data is in place, and ${serves}; only what was left to write down or tidy was not done.`;
    const hint = `Nothing more is to be done; \`oforest undo ${asTyped(stack)}\` would bring the old data back.`;
    failure ??= error.overtakenBy({ now, hint, details: { archive } });
  }
  if (failure) throw failure;
  return {
    stack,
    release: release.number,
    ...(!wasStopped && { url: urlOf(release.state.host, observed.platform) }),
    state: wasStopped ? 'stopped' : 'running',
    archive,
  };
}

/** What is true after the switch, when oTree was not proven to run on the new data: it may run all the same. */
async function newDataAfter(run: StackRun, { number, state }: ReleaseRecord, url: string) {
  const archive = databases.setAsideBy(run.request.id);
  const kept = `The old data is whole, as ${archive}.`;
  const hint = `Bring the old data back with \`oforest undo ${asTyped(run.stack)}\``;
  try {
    await awaitAnswer(run, state.host, number);
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    run.signal.throwIfAborted();
    return {
      now: `The new data is in place, but oTree does not run on it. ${kept}`,
      hint: `${hint}.`,
      details: { serves: 'nothing', archive },
    };
  }
  return {
    now: `The new data is in place and v${number} answers on it at ${url}, but it was not watched to the end. ${kept}`,
    hint: `Look at the study. ${hint} only if it does not work.`,
    details: { serves: `v${number}`, archive },
  };
}

/** Nothing was switched: web runs as before, and what was made goes. */
async function* undoPreparation(run: StackRun, failure: ExpectedError, made: string): Operation<ExpectedError> {
  await patiently(() => removeTrial(run), run);
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
