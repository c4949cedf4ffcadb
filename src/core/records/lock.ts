import * as z from 'zod';
import { Actor, describeActor } from '../domain/actor.ts';
import { asTyped, namesOf, type StackName } from '../domain/stack-name.ts';
import { ExpectedError } from '../errors.ts';
import type { ConfigObject } from '../swarm/engine-types.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { checkFormat, recordLabels } from './record.ts';

export const heartbeatMs = 10_000;
export const staleAfterMs = 60_000;

/** Who holds a stack's lock. */
export interface LockHolder {
  readonly operation: string;
  readonly verb: string;
  readonly actor: Actor;
  readonly epoch: number;
  readonly since: string;
}

export interface Lock {
  readonly stack: StackName;
  readonly operation: string;
  readonly epoch: number;
  /** The operation whose stale lock this one took over, to be closed before anything else. */
  readonly takenOverFrom: string | undefined;
}

/**
 * One operation at a time for a stack. The lock object is created once and never deleted (deletion ignores versions):
 * acquire, heartbeat, take over and release are compare-and-set on its labels, and the epoch only grows. A holder that
 * has not written for 60 s by the manager's clock is stale. Throws `operation-running` with who, what and since when.
 */
export async function acquireLock(
  { stack, operation, verb, actor }: { stack: StackName; operation: string; verb: string; actor: Actor },
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
    });

  for (let tries = 0; tries < 10; tries += 1) {
    const config = await swarm.findConfig(name);
    const since = (await swarm.observeManager()).SystemTime;
    if (!config) {
      const id = await swarm.createConfig(name, labelsFor(1, since), Buffer.from('{}'));
      if (id !== undefined) return { stack, operation, epoch: 1, takenOverFrom: undefined };
      continue;
    }
    const holder = holderOf(config);
    if (holder && Date.parse(since) - Date.parse(config.UpdatedAt) < staleAfterMs) throw lockHeld(stack, holder);
    const epoch = epochOf(config) + 1;
    if (await swarm.relabelConfig(config, labelsFor(epoch, since)))
      return { stack, operation, epoch, takenOverFrom: holder?.operation };
  }
  throw new ExpectedError('version-conflict', `taking the lock of ${stack}`, {
    why: 'Others keep taking it at the same moment.',
    now: 'Nothing was changed.',
    hint: 'Wait a moment, then try again.',
  });
}

/** Shows that the holder lives. Throws `operation-running` when somebody took the lock over: stop at once. */
export async function beat(lock: Lock, { swarm }: { swarm: SwarmGateway }): Promise<void> {
  for (let tries = 0; tries < 5; tries += 1) {
    const config = await confirmLock(lock, { swarm });
    const beats = Number(config.Spec.Labels[label.heartbeat] ?? 0) + 1;
    if (await swarm.relabelConfig(config, { ...config.Spec.Labels, [label.heartbeat]: String(beats) })) return;
  }
}

/** The lock as it is, when it is still ours. Throws `operation-running` otherwise. */
export async function confirmLock(lock: Lock, { swarm }: { swarm: SwarmGateway }): Promise<ConfigObject> {
  const config = await swarm.findConfig(namesOf(lock.stack).lockRecord);
  const holder = config && holderOf(config);
  if (config && holder?.operation === lock.operation && holder.epoch === lock.epoch) return config;
  if (holder) throw lockHeld(lock.stack, holder);
  throw new ExpectedError('operation-running', `holding the lock of ${lock.stack}`, {
    why: 'The lock was taken away from this operation.',
    now: 'It has stopped; whoever took the lock goes on from here.',
    hint: `Look at \`oforest status ${asTyped(lock.stack)}\`.`,
  });
}

/** Frees the lock if it is still ours; a later holder's lock is left alone. */
export async function releaseLock(lock: Lock, { swarm }: { swarm: SwarmGateway }): Promise<void> {
  for (let tries = 0; tries < 10; tries += 1) {
    const config = await swarm.findConfig(namesOf(lock.stack).lockRecord);
    const holder = config && holderOf(config);
    if (!config || holder?.operation !== lock.operation || holder.epoch !== lock.epoch) return;
    if (await swarm.relabelConfig(config, { ...config.Spec.Labels, [label.operation]: '' })) return;
  }
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

function epochOf(config: ConfigObject): number {
  return z.coerce.number().int().catch(0).parse(config.Spec.Labels[label.epoch]);
}

function readActor(text: string | undefined): Actor {
  return Actor.catch({ via: 'ssh' }).parse(JSON.parse(text || '{}'));
}

function lockHeld(stack: string, { operation, verb, actor, since }: LockHolder): ExpectedError {
  return new ExpectedError('operation-running', `starting on ${stack}`, {
    why: `${describeActor(actor)} is running \`${verb}\` since ${since}.`,
    now: 'Nothing was changed.',
    hint: `Watch it with \`oforest watch ${operation}\`, or try again when it is done.`,
    details: { operation, verb, since },
  });
}
