import * as z from 'zod';
import { Archive } from '../../database/archive.ts';
import { archivesScript } from '../../database/scripts/archives-script.ts';
import type { Change } from '../../domain/change.ts';
import { archiveDays, endOfRetirement } from '../../domain/retention.ts';
import { asTyped, namesOf, type StackName, stackName } from '../../domain/stack-name.ts';
import { ExpectedError } from '../../errors.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { inDatabaseContainer, parseResult } from '../../swarm/in-container.ts';
import { isRetired, isStopped, type ObservedStack, observeStack } from '../../swarm/observe-stack.ts';
import { notDeployed, studyRetired } from './absent-study.ts';
import { readHeldData } from './held-data.ts';
import { completeReview, observeDeployed, type Review, type Subject } from './review.ts';

type Needs = { swarm: SwarmGateway };

/** A verified backup. Throws `experiment-not-found`, `study-retired`. */
export async function reviewBackup(subject: Subject & { reason?: 'asked' | 'nightly' }, needs: Needs): Promise<Review> {
  const observed = await observeDeployed(subject, needs);
  const plan = [backUp(observed, 'you asked for it; it is restored beside the data and compared')];
  const work = { kind: 'backup', reason: subject.reason ?? 'asked' } as const;
  return await completeReview(observed, { verb: 'backup', plan, work }, needs);
}

/** An empty database instead of the one with data. */
export async function reviewReset(subject: Subject, needs: Needs): Promise<Review> {
  const observed = await observeDeployed(subject, needs);
  const plan = [
    backUp(observed, 'nothing is set aside without a proven copy'),
    data(observed, 'empty', `you asked for it; what is there is kept for ${archiveDays} days, \`undo\` brings it back`),
    ...restart(observed),
  ];
  return await completeDataReview(
    observed,
    { verb: 'reset', plan, work: { kind: 'reset' }, wants: 'typed-name' },
    needs,
  );
}

/** The data that was set aside last. Throws `archive-not-found` when there is none (any more). */
export async function reviewUndo(subject: Subject, needs: Needs): Promise<Review> {
  const observed = await observeDeployed(subject, needs);
  const [newest] = await readArchives(observed, needs);
  if (!newest) throw noArchive(observed.stack);
  const { database, reason, at } = newest;
  const because = `it brings back what the ${reason} of ${at} set aside; what is there now is set aside in its turn`;
  const work = { kind: 'undo', archive: database } as const;
  const plan = [data(observed, 'replace', because), ...restart(observed)];
  return await completeDataReview(observed, { verb: 'undo', plan, work }, needs);
}

/** A backup in the place of the live data. `foreign`: it may be of another study. */
export async function reviewRestore(
  subject: Subject & { backup: string; foreign?: boolean },
  needs: Needs,
): Promise<Review> {
  const observed = await observeDeployed(subject, needs);
  const { backup, foreign = false } = subject;
  const plan = [
    backUp(observed, 'nothing is set aside without a proven copy'),
    data(observed, 'replace', `with the backup ${backup}; what is there is kept for ${archiveDays} days`),
    ...restart(observed),
  ];
  const work = { kind: 'restore', backup, foreign } as const;
  return await completeDataReview(observed, { verb: 'restore', plan, work }, needs);
}

/** Away, and kept until `now` plus the retention time. */
export async function reviewDelete(subject: Subject & { now: Date }, needs: Needs): Promise<Review> {
  const observed = await observeAny(subject, needs);
  const until = endOfRetirement(subject.now.toISOString()).toISOString();
  const plan: Change[] = [
    backUp(observed, 'nothing is put away without a proven copy'),
    {
      action: 'retire',
      subject: 'study',
      name: observed.stack,
      because: `you asked for it; data, passwords and address are kept until ${until.slice(0, 10)}`,
      interrupts: !isStopped(observed),
    },
  ];
  const work = { kind: 'delete', until } as const;
  const review = await completeDataReview(observed, { verb: 'delete', plan, work, wants: 'typed-name' }, needs);
  // A deletion that was cut off late is finished first, by whoever asks for it again.
  if (isRetired(observed) && !review.interrupted) throw studyRetired(observed);
  return review;
}

/** A deleted study as it was. Nothing to do for one that was not deleted. */
export async function reviewUndelete(subject: Subject, needs: Needs): Promise<Review> {
  const observed = await observeAny(subject, needs);
  const plan: Change[] = isRetired(observed)
    ? [{ action: 'start', subject: 'study', name: observed.stack, because: 'it was deleted', interrupts: false }]
    : [];
  return await completeReview(observed, { verb: 'undelete', plan, work: { kind: 'undelete' } }, needs);
}

/** Everything of a deleted study, for good. Throws `usage-wrong` for one that was not deleted first. */
export async function reviewPurge(subject: Subject, needs: Needs): Promise<Review> {
  const observed = await observeAny(subject, needs, { halfGone: true });
  if (observed.web && !isRetired(observed))
    throw new ExpectedError('usage-wrong', `purging ${observed.stack}`, {
      why: 'Only a deleted study can be removed for good.',
      now: 'Nothing was changed.',
      hint: `Delete it first: \`oforest delete ${asTyped(observed.stack)}\`.`,
    });
  const because = 'you asked for it; its data, backups, passwords and releases go, and nothing brings them back';
  const plan: Change[] = [{ action: 'remove', subject: 'study', name: observed.stack, because, interrupts: false }];
  return await completeReview(observed, { verb: 'purge', plan, work: { kind: 'purge' }, wants: 'typed-name' }, needs);
}

/** What was set aside, newest first. Throws `database-unhealthy`, `node-unreachable`. */
async function readArchives(observed: ObservedStack, { swarm }: Needs): Promise<readonly Archive[]> {
  const what = `reading what was set aside of ${observed.stack}`;
  return parseResult(z.array(Archive), await inDatabaseContainer(archivesScript, what, observed, { swarm }));
}

/** As any review, with what is at stake in numbers. */
async function completeDataReview(
  observed: ObservedStack,
  review: Pick<Review, 'verb' | 'plan' | 'work'> & Partial<Pick<Review, 'wants'>>,
  needs: Needs,
): Promise<Review> {
  return await completeReview(observed, { ...review, held: await readHeldData(observed, needs) }, needs);
}

async function observeAny(
  { experiment, environment }: Subject,
  { swarm }: Needs,
  { halfGone = false } = {},
): Promise<ObservedStack> {
  const observed = await observeStack(stackName(experiment, environment), { swarm });
  const isThere = halfGone ? observed.db || observed.secretObjects.length > 0 : observed.web;
  if (!isThere) throw notDeployed(observed.stack);
  return observed;
}

function backUp({ stack }: ObservedStack, because: string): Change {
  return {
    action: 'back up',
    subject: 'data',
    name: stack,
    because,
    interrupts: false,
  };
}

function data(observed: ObservedStack, action: 'empty' | 'replace', because: string): Change {
  return { action, subject: 'data', name: observed.stack, because, interrupts: !isStopped(observed) };
}

function restart(observed: ObservedStack): Change[] {
  if (isStopped(observed)) return [];
  const name = namesOf(observed.stack).web;
  return [{ action: 'restart', subject: 'web', name, because: 'oTree keeps what it read in memory', interrupts: true }];
}

function noArchive(stack: StackName): ExpectedError {
  return new ExpectedError('archive-not-found', `undoing on ${stack}`, {
    why: `Nothing was set aside in the last ${archiveDays} days.`,
    now: 'Nothing was changed.',
    hint: `Look at \`oforest backups ${asTyped(stack)}\`: \`restore\` brings one back.`,
  });
}
