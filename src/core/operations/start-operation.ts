import type { Clock, RandomText } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { GuardPolicy, OperationRequest, Work } from '../domain/operation-request.ts';
import { namesOf, type StackName } from '../domain/stack-name.ts';
import { acquireLock, releaseLock, takeOverLock } from '../records/lock.ts';
import { createOperationRecord, endStates, findOperation, refuseNewer } from '../records/operation-record.ts';
import { createRelease } from '../records/release-record.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { observeStack } from '../swarm/observe-stack.ts';
import { refusePeopleAtAGlance } from './guard/guard-participants.ts';
import { refuseBooked } from './guard/refuse-booked.ts';
import { basisOf, planChanged } from './review/basis.ts';
import type { Review } from './review/review.ts';
import { secretLabels } from './steps/stack-objects.ts';

/** What helps a lab session rather than disturbs it. */
const allowedWhileBooked: readonly Work['kind'][] = ['start', 'undelete', 'backup', 'drill'];
/** A slot that begins sooner than this is already too near. */
const expectedSeconds = 60;

/**
 * Accepts a reviewed operation: takes the stack's lock and writes the record, from which any process can run it. Returns
 * the operation's id. Throws `operation-running` while somebody else's operation is not ended, `plan-changed` when the
 * study is not as it was reviewed, `slot-booked` or `study-held` when it has to stay as it is, and `participants-present`.
 */
export async function startOperation(
  review: Review,
  { actor, guard = { ignoreOpenPages: false } }: { actor: Actor; guard?: GuardPolicy },
  { swarm, clock, random }: { swarm: SwarmGateway; clock: Clock; random: RandomText },
): Promise<string> {
  const { stack, verb, plan, work, before } = review;
  if (!allowedWhileBooked.includes(work.kind)) await refuseBooked(stack, { expectedSeconds }, { swarm });
  if (guard.interrupt === undefined && plan.some(({ interrupts }) => interrupts))
    await refusePeopleAtAGlance(stack, { verb, work }, { swarm, clock });
  const id = random(10);
  const lock = await acquireLock({ stack, operation: id, verb, actor }, { swarm });
  const newSecrets: { slot: string; id: string }[] = [];
  try {
    await refuseChangedBasis(review, { swarm });
    for (const { slot, value } of review.newSecrets)
      newSecrets.push({
        slot,
        id: await swarm.createSecret(namesOf(stack).secret(random(10)), secretLabels(stack, slot), value),
      });
    const request: OperationRequest = {
      format: 1,
      id,
      stack,
      verb,
      actor,
      createdAt: clock.now().toISOString(),
      plan: [...plan],
      before,
      guard,
      work: work.kind === 'run-release' ? { ...work, newSecrets } : work,
    };
    await createOperationRecord({ request }, { swarm });
    return id;
  } catch (error) {
    for (const { id: secretId } of newSecrets) await swarm.removeSecret(secretId);
    await releaseLock(lock, { swarm });
    throw error;
  }
}

/** What was reviewed is what is done, whatever the verb. Asked under the lock: until it is freed, nobody changes the rest. */
async function refuseChangedBasis({ stack, basis }: Review, { swarm }: { swarm: SwarmGateway }): Promise<void> {
  const observed = await observeStack(stack, { swarm });
  if (basisOf(observed) !== basis) throw planChanged(observed);
}

/**
 * Takes over an operation whose runner has vanished, so that it can be run again: finished, or undone where it cannot be.
 * One that never got as far as its record has changed nothing and only leaves its lock, which is freed. Returns whether
 * there is something to run. Throws `operation-running` while its runner lives, and `format-too-new` for work that only a
 * newer oForest knows.
 */
export async function resumeOperation(
  { stack, operation }: { stack: StackName; operation: string },
  { swarm }: { swarm: SwarmGateway },
): Promise<boolean> {
  const left = await findOperation(operation, { swarm });
  if (left) refuseNewer(left.request);
  const lock = await takeOverLock({ stack, operation }, { swarm });
  const record = await findOperation(operation, { swarm });
  if (record && !endStates.includes(record.state)) return true;
  await releaseLock(lock, { swarm });
  return false;
}

/**
 * Keeps a reviewed change for the next deployment and touches nothing that runs: new secret values become current, other
 * settings wait in a release of their own. Returns its number. Throws `operation-running`, because whoever is at work may
 * be making the release that it should start from, and `plan-changed`.
 */
export async function storeForLater(
  review: Review,
  actor: Actor,
  { swarm, clock, random }: { swarm: SwarmGateway; clock: Clock; random: RandomText },
): Promise<number> {
  const { stack, verb, work } = review;
  if (work.kind !== 'run-release') throw new Error(`${verb} cannot wait`);
  const operation = random(10);
  const lock = await acquireLock({ stack, operation, verb, actor }, { swarm });
  try {
    await refuseChangedBasis(review, { swarm });
    for (const { slot, value } of review.newSecrets)
      await swarm.createSecret(namesOf(stack).secret(random(10)), secretLabels(stack, slot), value);
    const draft = { state: work.state, source: work.source, author: actor, createdAt: clock.now().toISOString() };
    const release = await createRelease({ stack, operation, draft, outcome: 'stored' }, { swarm });
    return release.number;
  } finally {
    await releaseLock(lock, { swarm });
  }
}
