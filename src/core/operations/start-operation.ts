import type { Clock, RandomText } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { OperationRequest } from '../domain/operation-request.ts';
import { namesOf } from '../domain/stack-name.ts';
import { acquireLock, type Lock, releaseLock } from '../records/lock.ts';
import { createOperationRecord, findOperation, noteOperation } from '../records/operation-record.ts';
import { createRelease, noteRelease } from '../records/release-record.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { observeStack } from '../swarm/observe-stack.ts';
import type { Review } from './review.ts';
import { secretLabels } from './steps-of-objects.ts';
import { writeWeb } from './update-web.ts';

/**
 * Accepts a reviewed operation: takes the stack's lock and writes the record, from which any process can run it. Returns
 * the operation's id. Throws `operation-running` while somebody else works on the stack. An operation whose runner
 * vanished more than 60 s ago is closed first.
 */
export async function startOperation(
  review: Review,
  actor: Actor,
  { swarm, clock, random }: { swarm: SwarmGateway; clock: Clock; random: RandomText },
): Promise<string> {
  const { stack, verb, plan, work } = review;
  const id = random(10);
  const lock = await acquireLock({ stack, operation: id, verb, actor }, { swarm });
  const newSecrets: { slot: string; id: string }[] = [];
  try {
    if (lock.takenOverFrom !== undefined) await closeInterrupted(lock, lock.takenOverFrom, { swarm, clock });
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

/**
 * After a take-over: a new epoch on web and db makes a woken earlier runner fail with a version conflict, and what it
 * left is recorded as what it is. The new operation starts from what it observes.
 */
async function closeInterrupted(
  lock: Lock,
  id: string,
  { swarm, clock }: { swarm: SwarmGateway; clock: Clock },
): Promise<void> {
  const { stack, epoch } = lock;
  const observed = await observeStack(stack, { swarm });
  if (observed.web)
    await writeWeb({ stack, swarm }, async ({ web }) => {
      const spec = web?.Spec ?? observed.web!.Spec;
      return { ...spec, Labels: { ...spec.Labels, [label.epoch]: String(epoch) } };
    });
  if (observed.db) {
    const { Spec } = observed.db;
    await swarm.updateService(observed.db, { ...Spec, Labels: { ...Spec.Labels, [label.epoch]: String(epoch) } });
  }
  for (const { number, operation, outcome } of observed.releases)
    if (operation === id && outcome === 'applying')
      await noteRelease({ name: namesOf(stack).releaseRecord(number), labels: { [label.state]: 'failed' } }, { swarm });
  const record = await findOperation(id, { swarm });
  if (!record) return;
  const error = {
    code: 'runner-lost',
    what: `running \`${record.request.verb}\` on ${stack}`,
    why: 'The process that ran it vanished.',
  } as const;
  const event = { kind: 'operation-failed', error, at: clock.now().toISOString(), operation: id } as const;
  await noteOperation(id, { events: [event], state: 'interrupted' }, { swarm });
}

/**
 * Keeps a reviewed change for the next deployment and touches nothing that runs: new secret values become current, other
 * settings wait in a release of their own. Returns its number.
 */
export async function storeForLater(
  review: Review,
  actor: Actor,
  { swarm, clock, random }: { swarm: SwarmGateway; clock: Clock; random: RandomText },
): Promise<number> {
  const { stack, work } = review;
  if (work.kind !== 'run-release') throw new Error(`${review.verb} cannot wait`);
  for (const { slot, value } of review.newSecrets)
    await swarm.createSecret(namesOf(stack).secret(random(10)), secretLabels(stack, slot), value);
  const draft = { state: work.state, source: work.source, author: actor, createdAt: clock.now().toISOString() };
  const release = await createRelease({ stack, operation: random(10), draft, outcome: 'stored' }, { swarm });
  return release.number;
}
