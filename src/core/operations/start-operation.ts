import type { Clock, RandomText } from '../clock.ts';
import type { Actor } from '../domain/actor.ts';
import type { OperationRequest } from '../domain/operation-request.ts';
import { namesOf } from '../domain/stack-name.ts';
import { acquireLock, type Lock, releaseLock } from '../records/lock.ts';
import { createOperationRecord, findOperation, noteOperation } from '../records/operation-record.ts';
import { noteRelease } from '../records/release-record.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { observeStack } from '../swarm/observe-stack.ts';
import type { Review } from './review.ts';
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
  const request: OperationRequest = {
    format: 1,
    id: random(10),
    stack,
    verb,
    actor,
    createdAt: clock.now().toISOString(),
    plan: [...plan],
    work,
  };
  const lock = await acquireLock({ stack, operation: request.id, verb, actor }, { swarm });
  try {
    if (lock.takenOverFrom !== undefined) await closeInterrupted(lock, lock.takenOverFrom, { swarm, clock });
    await createOperationRecord({ request }, { swarm });
    return request.id;
  } catch (error) {
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
