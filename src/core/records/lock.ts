import { Actor, describeActor } from '../domain/actor.ts';
import { asTyped, namesOf, type StackName } from '../domain/stack-name.ts';
import type { RecordedVerb, Verb } from '../domain/verb.ts';
import { ExpectedError } from '../errors.ts';
import type { ConfigObject } from '../swarm/engine-types.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { beaten, checkFormat, epochOf, recordLabels, relabelRecord } from './record.ts';

export const heartbeatMs = 10_000;
export const staleAfterMs = 60_000;

/** Who holds a stack's lock. */
export interface LockHolder {
  readonly operation: string;
  readonly verb: RecordedVerb;
  readonly actor: Actor;
  readonly epoch: number;
  readonly since: string;
}

export interface Lock {
  readonly stack: StackName;
  readonly operation: string;
  readonly epoch: number;
}

/**
 * One operation at a time for a stack. The lock object is created once and never deleted (deletion ignores versions):
 * acquire, heartbeat, take over and release are compare-and-set on its labels, and the epoch only grows. Throws
 * `operation-running` with who, what and since when: also for a stale holder, whose operation is to be ended first
 * (`takeOverLock`).
 */
export async function acquireLock(
  { stack, operation, verb, actor }: { stack: StackName; operation: string; verb: Verb; actor: Actor },
  { swarm }: { swarm: SwarmGateway },
): Promise<Lock> {
  const name = namesOf(stack).lockRecord;
  const labelsFor = (epoch: number, since: string) =>
    recordLabels('lock', stack, {
      [label.operation]: operation,
      [label.verb]: verb,
      [label.actor]: JSON.stringify(actor),
      [label.epoch]: String(epoch),
      [label.time]: since,
      [label.heartbeat]: '0',
      [label.runner]: '',
    });

  for (let tries = 0; tries < 10; tries += 1) {
    const config = await swarm.findConfig(name);
    // dockerd says nanoseconds; people are told this time.
    const since = new Date((await swarm.observeManager()).SystemTime).toISOString();
    if (!config) {
      const id = await swarm.createConfig(name, labelsFor(1, since), Buffer.from('{}'));
      if (id !== undefined) return { stack, operation, epoch: 1 };
      continue;
    }
    const holder = holderOf(config);
    // Ours: the answer to our own write was lost.
    if (holder?.operation === operation) return { stack, operation, epoch: holder.epoch };
    if (holder) throw lockHeld(stack, holder);
    const epoch = epochOf(config) + 1;
    if (await swarm.relabelConfig(config, labelsFor(epoch, since))) return { stack, operation, epoch };
  }
  throw lockContended(stack);
}

/** Whether its holder has not written for 60 s, by the manager's clock. */
export async function isStale(config: ConfigObject, { swarm }: { swarm: SwarmGateway }): Promise<boolean> {
  const { SystemTime } = await swarm.observeManager();
  return Date.parse(SystemTime) - Date.parse(config.UpdatedAt) >= staleAfterMs;
}

/**
 * The stale lock of an operation, kept for the same operation under a new epoch: whoever held it before has lost it.
 * Throws `operation-running` while its holder lives, or when another operation holds it.
 */
export async function takeOverLock(
  { stack, operation }: { stack: StackName; operation: string },
  { swarm }: { swarm: SwarmGateway },
): Promise<Lock> {
  for (let tries = 0; tries < 10; tries += 1) {
    const { config, holder } = await heldLock({ stack, operation }, { swarm });
    if (!(await isStale(config, { swarm }))) throw lockHeld(stack, holder);
    const epoch = holder.epoch + 1;
    const labels = { ...config.Spec.Labels, [label.epoch]: String(epoch), [label.heartbeat]: '0', [label.runner]: '' };
    if (await swarm.relabelConfig(config, labels)) return { stack, operation, epoch };
  }
  throw lockContended(stack);
}

/**
 * Makes one process the runner of the operation that holds the lock: of two that were given the same operation only one
 * runs it. Throws `operation-running` for the other, and when the lock is not the operation's (any more).
 */
export async function claimLock(
  { stack, operation, runner }: { stack: StackName; operation: string; runner: string },
  { swarm }: { swarm: SwarmGateway },
): Promise<Lock> {
  for (let tries = 0; tries < 10; tries += 1) {
    const { config, holder } = await heldLock({ stack, operation }, { swarm });
    const lock = { stack, operation, epoch: holder.epoch };
    const known = config.Spec.Labels[label.runner] ?? '';
    if (known === runner) return lock;
    if (known !== '') throw lockHeld(stack, holder);
    if (await swarm.relabelConfig(config, { ...config.Spec.Labels, [label.runner]: runner })) return lock;
  }
  throw lockContended(stack);
}

/** Shows that the holder lives. Throws `operation-running` when somebody took the lock over: stop at once. */
export async function beat(lock: Lock, { swarm }: { swarm: SwarmGateway }): Promise<void> {
  for (let tries = 0; tries < 5; tries += 1) {
    const config = await confirmLock(lock, { swarm });
    if (await swarm.relabelConfig(config, beaten(config.Spec.Labels))) return;
  }
}

/** The lock as it is, when it is still ours. Throws `operation-running` otherwise. */
export async function confirmLock(lock: Lock, { swarm }: { swarm: SwarmGateway }): Promise<ConfigObject> {
  const { config, holder } = await heldLock(lock, { swarm });
  if (holder.epoch !== lock.epoch) throw lockGone(lock.stack);
  return config;
}

/** The lock as it is, under whatever epoch. Throws `operation-running` when it is not the operation's. */
async function heldLock(
  { stack, operation }: { stack: StackName; operation: string },
  { swarm }: { swarm: SwarmGateway },
): Promise<{ config: ConfigObject; holder: LockHolder }> {
  const config = await swarm.findConfig(namesOf(stack).lockRecord);
  const holder = config && holderOf(config);
  if (!config || holder?.operation !== operation) throw holder ? lockHeld(stack, holder) : lockGone(stack);
  return { config, holder };
}

function lockGone(stack: StackName): ExpectedError {
  return new ExpectedError('operation-running', `holding the lock of ${stack}`, {
    why: 'The lock was taken away from this operation.',
    now: 'It has stopped; whoever took the lock goes on from here.',
    hint: `Look at \`oforest activity ${asTyped(stack)}\`.`,
  });
}

function lockContended(stack: StackName): ExpectedError {
  return new ExpectedError('version-conflict', `taking the lock of ${stack}`, {
    why: 'Others keep taking it at the same moment.',
    now: 'Nothing was changed.',
    hint: 'Wait a moment, then try again.',
  });
}

/** Frees the lock if it is still ours; a later holder's lock is left alone. */
export async function releaseLock(lock: Lock, { swarm }: { swarm: SwarmGateway }): Promise<void> {
  const freed = (config: ConfigObject) => {
    const holder = holderOf(config);
    const isOurs = holder?.operation === lock.operation && holder.epoch === lock.epoch;
    return isOurs ? { ...config.Spec.Labels, [label.operation]: '' } : undefined;
  };
  await relabelRecord(namesOf(lock.stack).lockRecord, freed, { swarm });
}

/** Undefined when nobody holds the lock. */
export function holderOf(config: ConfigObject): LockHolder | undefined {
  checkFormat(config);
  const labels = config.Spec.Labels;
  const operation = labels[label.operation];
  if (!operation) return undefined;
  return {
    operation,
    verb: labels[label.verb] ?? '',
    actor: readActor(labels[label.actor]),
    epoch: epochOf(config),
    since: labels[label.time] ?? config.UpdatedAt,
  };
}

function readActor(text: string | undefined): Actor {
  return Actor.catch({ via: 'ssh' }).parse(JSON.parse(text || '{}'));
}

function lockHeld(stack: string, { operation, verb, actor, since }: LockHolder): ExpectedError {
  return new ExpectedError('operation-running', `working on ${stack}`, {
    why: `${describeActor(actor)} is running \`${verb}\` since ${since}.`,
    now: 'Nothing was changed.',
    hint: `Watch it with \`oforest watch ${operation}\`, or try again when it is done.`,
    details: { operation, verb, since },
  });
}
