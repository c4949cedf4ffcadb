import * as z from 'zod';
import { BackupManifest } from '../../database/manifest.ts';
import type { StepId } from '../../domain/operation-event.ts';
import type { OperationRequest } from '../../domain/operation-request.ts';
import { nounOfVerb } from '../../domain/verb.ts';
import { ExpectedError } from '../../errors.ts';
import { observeStack, servingRelease } from '../../swarm/observe-stack.ts';
import { databases } from '../../swarm/slots.ts';
import { LeftUnfinished } from './patiently.ts';
import { type Job, runJob } from './run-job.ts';
import type { StackRun } from './stack-run.ts';
import type { Operation, Step } from './step.ts';

const longMs = 4 * 60 * 60_000;
const reopenTries = 5;
const reopenPauseMs = 10_000;

/** The id of the backup an operation makes: sorts by time, and is the same when the operation is resumed. */
export function backupIdOf({ id, createdAt }: Pick<OperationRequest, 'id' | 'createdAt'>): string {
  return `${createdAt.slice(0, 19).replace(/[-:]/g, '')}Z-${id}`;
}

/** A dump of the live database, and its proof: restored into a scratch database and compared. Only then it is a backup. */
export function backupSteps(run: StackRun, reason: string): readonly Step[] {
  const { stack, request } = run;
  const backup = backupIdOf(request);
  const what = `backing up the data of ${stack}`;
  return [
    {
      id: 'dump',
      check: 'journal',
      async *do() {
        const observed = await observeStack(stack, run);
        const release = servingRelease(observed);
        const facts = {
          stack,
          ...(release && {
            experiment: release.state.experiment,
            environment: release.state.environment,
            release: release.number,
            image: release.state.image,
            ...(release.otree && { otree: release.otree }),
          }),
          reason,
        };
        const variables = { DATABASE: databases.live, BACKUP: backup, FACTS: JSON.stringify(facts) };
        yield* runJob(run, { name: 'dump', step: 'dump', what, variables, timeoutMs: longMs });
      },
    },
    verifyStep(run, backup),
  ];
}

export function verifyStep(run: StackRun, backup: string): Step {
  return proofStep(run, { id: 'verify-backup', backup, variables: {} });
}

/** A dump that was brought from elsewhere, maybe of another study: named a backup once it is proven. */
export function proveUploadStep(run: StackRun, backup: string): Step {
  return proofStep(run, { id: 'prove-upload', backup, variables: { FOREIGN_OK: '1' } });
}

function proofStep(
  run: StackRun,
  { id, backup, variables }: { id: StepId; backup: string; variables: Readonly<Record<string, string>> },
): Step {
  const what = `proving the backup ${backup} of ${run.stack}`;
  return {
    id,
    check: 'journal',
    async *do() {
      const result = yield* runJob(run, {
        name: 'verify',
        step: id,
        what,
        variables: { BACKUP: backup, ...variables },
        timeoutMs: longMs,
      });
      const { bytes, rows } = BackupManifest.parse(result);
      yield { kind: 'backup-made', backup, bytes, rows };
    },
  };
}

/** An empty database of the study's own role, under the name that this operation gives. */
export function createDatabaseStep(run: StackRun): Step {
  return jobStep(run, {
    name: 'create-database',
    step: 'create-database',
    what: `making an empty database for ${run.stack}`,
    variables: { DATABASE: databases.madeBy(run.request.id) },
  });
}

/** A copy of what was set aside, which is closed and stays so: the study's role may look at the copy. */
export function copyArchiveStep(run: StackRun, archive: string): Step {
  return jobStep(run, {
    name: 'create-database',
    step: 'copy-archive',
    what: `copying what was set aside of ${run.stack}`,
    variables: { DATABASE: databases.madeBy(run.request.id), TEMPLATE: archive },
    timeoutMs: longMs,
  });
}

/** Once it was compared. */
export function dropCopyStep(run: StackRun): Step {
  return jobStep(run, {
    name: 'drop-databases',
    step: 'drop-copy',
    what: `removing the copy of what was set aside of ${run.stack}`,
    variables: { DATABASES: databases.madeBy(run.request.id) },
  });
}

/** A verified copy of a backup in the new database. */
export function fillDatabaseStep(run: StackRun, { backup, foreign }: { backup: string; foreign: boolean }): Step {
  const { stack, request } = run;
  return jobStep(run, {
    name: 'fill',
    step: 'fill-database',
    what: `restoring the backup ${backup} beside the data of ${stack}`,
    variables: {
      DATABASE: databases.madeBy(request.id),
      BACKUP: backup,
      STACK: stack,
      ...(foreign && { FOREIGN_OK: '1' }),
    },
    timeoutMs: longMs,
  });
}

/** The two names change places in one transaction; what was live is set aside and closed. */
export function swapDatabasesStep(run: StackRun, { database, reason }: { database: string; reason: string }): Step {
  const { stack, request } = run;
  const archive = databases.setAsideBy(request.id);
  return {
    id: 'swap-databases',
    check: 'journal',
    async *do() {
      yield* runJob(run, {
        name: 'swap',
        step: 'swap-databases',
        what: `switching the data of ${stack}`,
        variables: { LIVE: databases.live, DATABASE: database, ARCHIVE: archive, REASON: reason },
      });
      yield { kind: 'data-switched', archive };
    },
  };
}

const Reopened = z.object({ switched: z.boolean().default(false) });

/**
 * After a switch that was begun and whose answer is missing: the database tells whether it was done; where it was not,
 * connections are allowed again. Throws LeftUnfinished where the database does not answer for long: nobody can say then
 * which data web would start on.
 */
export async function* reopenUnlessSwitched(run: StackRun): Operation<boolean> {
  const { stack, clock, signal } = run;
  const step = 'reopen-database';
  const what = `opening the data of ${stack} again`;
  yield { kind: 'step-started', step };
  for (let tries = 1; ; tries += 1) {
    try {
      await run.confirmOwn();
      const answer = yield* runJob(run, { name: 'open', step, what, variables: { DATABASE: databases.live } });
      yield { kind: 'step-finished', step, outcome: 'changed' };
      return Reopened.parse(answer).switched;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ExpectedError) || error.code === 'operation-running') throw error;
      if (tries === reopenTries) throw new LeftUnfinished(error);
      yield { kind: 'waiting', step, on: 'the database, to hear whether its data was switched' };
    }
    await clock.sleep(reopenPauseMs, signal);
  }
}

export function dropDataStep(
  run: StackRun,
  { archives, backups }: { archives: readonly string[]; backups: readonly string[] },
): Step {
  const { stack } = run;
  return {
    id: 'drop-data',
    check: 'journal',
    async *do() {
      if (archives.length > 0)
        yield* runJob(run, {
          name: 'drop-databases',
          step: 'drop-data',
          what: `dropping what was set aside of ${stack}`,
          variables: { DATABASES: archives.join(' ') },
        });
      if (backups.length > 0)
        yield* runJob(run, {
          name: 'drop-backups',
          step: 'drop-data',
          what: `dropping old backups of ${stack}`,
          variables: { BACKUPS: backups.join(' '), STEP: 'drop-backups' },
        });
    },
  };
}

/** A line that stays for the life of the study: who did what to its data, when. */
export function auditStep(run: StackRun, facts: Readonly<Record<string, unknown>> = {}): Step {
  const { stack, request } = run;
  const { id, verb, actor, createdAt, guard } = request;
  const line = {
    operation: id,
    verb,
    at: createdAt,
    actor,
    ...(guard.interrupt && { interrupt: guard.interrupt }),
    ...facts,
  };
  return jobStep(run, {
    name: 'audit',
    step: 'audit',
    what: `writing down the ${nounOfVerb(verb)} of ${stack}`,
    variables: { LINE: JSON.stringify(line) },
  });
}

/** A step that is one job and nothing else. */
function jobStep(run: StackRun, job: Job): Step {
  return {
    id: job.step,
    check: 'journal',
    async *do() {
      yield* runJob(run, job);
    },
  };
}

/** An interruption that was asked for is written down, whatever the operation was. */
export function interruptionSteps(run: StackRun): readonly Step[] {
  return run.request.guard.interrupt === undefined ? [] : [auditStep(run)];
}

/** What serves, for an operation on the data of a study that was deployed. */
export async function deployedRelease({ stack, swarm }: Pick<StackRun, 'stack' | 'swarm'>, what: string) {
  const observed = await observeStack(stack, { swarm });
  const release = servingRelease(observed);
  if (observed.web && release) return { observed, web: observed.web, release };
  throw new ExpectedError('release-not-found', what, {
    why: `${stack} has no release that was ever started.`,
    now: 'Nothing was changed.',
    hint: 'Deploy one first.',
  });
}
