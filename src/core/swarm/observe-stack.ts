import type { Platform } from '../domain/platform.ts';
import { publicNetwork } from '../domain/platform.ts';
import { namesOf, type StackName } from '../domain/stack-name.ts';
import { ExpectedError } from '../errors.ts';
import { type OperationRecord, operationsIn } from '../records/operation-record.ts';
import { findPlatform } from '../records/platform-record.ts';
import { isRecord } from '../records/record.ts';
import { type ReleaseRecord, releasesIn } from '../records/release-record.ts';
import type { ConfigObject, Network, Node, SecretObject, Service, Task } from './engine-types.ts';
import type { SwarmGateway } from './gateway.ts';
import { label } from './labels.ts';
import type { SecretObjects } from './service-spec.ts';
import { ownSlots } from './slots.ts';

/** Everything there is of one stack, read once. */
export interface ObservedStack {
  readonly stack: StackName;
  readonly platform: Platform;
  readonly web: Service | undefined;
  readonly db: Service | undefined;
  readonly trial: Service | undefined;
  readonly job: Service | undefined;
  readonly tasks: readonly Task[];
  readonly network: Network | undefined;
  readonly publicNetwork: Network;
  readonly nodes: readonly Node[];
  /** The current object of each slot: the newest. */
  readonly secrets: SecretObjects;
  readonly secretObjects: readonly SecretObject[];
  /** Newest first. */
  readonly releases: readonly ReleaseRecord[];
  readonly operations: readonly OperationRecord[];
  readonly lock: ConfigObject | undefined;
}

/** Seven reads, all at once. Throws `platform-missing` on a Swarm that was never prepared. */
export async function observeStack(stack: StackName, { swarm }: { swarm: SwarmGateway }): Promise<ObservedStack> {
  const ofStack = { label: label.stack, value: stack };
  const names = namesOf(stack);
  const [platform, configs, services, tasks, networks, secretObjects, nodes] = await Promise.all([
    findPlatform(swarm),
    swarm.listConfigs(ofStack),
    swarm.listServices(ofStack),
    swarm.listTasks(ofStack),
    swarm.findNetworks([names.network, publicNetwork]),
    swarm.listSecrets(ofStack),
    swarm.listNodes(),
  ]);
  const shared = networks.find(({ Name }) => Name === publicNetwork);
  if (!platform || !shared)
    throw new ExpectedError('platform-missing', `looking at ${stack}`, {
      why: platform ? `The network ${publicNetwork} is missing.` : 'This Swarm was never prepared for oForest.',
      now: 'Nothing was changed.',
      hint: 'Run `oforest server prepare NAME --domain lab.example.edu` once.',
    });
  const named = (name: string) => services.find(({ Spec }) => Spec.Name === name);
  return {
    stack,
    platform,
    web: named(names.web),
    db: named(names.db),
    trial: named(names.trial),
    job: named(names.job),
    tasks,
    network: networks.find(({ Name }) => Name === names.network),
    publicNetwork: shared,
    nodes,
    secrets: currentSecrets(secretObjects),
    secretObjects,
    releases: releasesIn(configs),
    operations: operationsIn(configs),
    lock: configs.find((config) => isRecord(config, 'lock')),
  };
}

function currentSecrets(objects: readonly SecretObject[]): SecretObjects {
  const oldestFirst = [...objects].sort((a, b) => a.CreatedAt.localeCompare(b.CreatedAt));
  return Object.fromEntries(
    oldestFirst.map(({ ID, Spec }) => [Spec.Labels[label.slot] ?? '', { id: ID, name: Spec.Name }]),
  );
}

/** The number of the release that web's spec was written for; undefined before the first deployment. */
export function servingNumber({ web }: Pick<ObservedStack, 'web'>): number | undefined {
  const number = Number(web?.Spec.Labels[label.release]);
  return Number.isInteger(number) && number > 0 ? number : undefined;
}

export function servingRelease(observed: Pick<ObservedStack, 'web' | 'releases'>): ReleaseRecord | undefined {
  const number = servingNumber(observed);
  return observed.releases.find((release) => release.number === number);
}

/** What a new release starts from: the newest that was proven, or stored for later. */
export function baseRelease({ releases }: Pick<ObservedStack, 'releases'>): ReleaseRecord | undefined {
  return releases.find(({ outcome }) => outcome === 'proven' || outcome === 'stored');
}

export function isStopped({ web }: Pick<ObservedStack, 'web'>): boolean {
  return web?.Spec.Mode.Replicated?.Replicas === 0;
}

/** Deleted, and kept until its time is over. */
export function isRetired({ web }: Pick<ObservedStack, 'web'>): boolean {
  return web?.Spec.Labels[label.state] === 'retired';
}

/**
 * Where the volume of the database is, for good. The superuser's secret remembers it when the service is gone: after a
 * stray `docker stack rm` the database must not come up empty on another node.
 */
export function databaseNodeId({ db, secretObjects }: Pick<ObservedStack, 'db' | 'secretObjects'>): string | undefined {
  const remembered = secretObjects.find(({ Spec }) => Spec.Labels[label.slot] === ownSlots.superuser);
  return (db && pinnedNodeId(db)) ?? remembered?.Spec.Labels[label.node];
}

/** The one node that the service may run on. */
export function pinnedNodeId({ Spec }: Pick<Service, 'Spec'>): string | undefined {
  const constraints = Spec.TaskTemplate.Placement?.Constraints ?? [];
  return constraints.map((constraint) => /^node\.id\s*==\s*(\w+)$/.exec(constraint)?.[1]).find(Boolean);
}

/** The task of these settings that Swarm wants to run, newest first when it was restarted. */
export function wantedTask(tasks: readonly Task[], serviceId: string, taskHash: string): Task | undefined {
  return tasks
    .filter((task) => task.ServiceID === serviceId && task.Spec.ContainerSpec?.Labels[label.task] === taskHash)
    .sort((a, b) => b.CreatedAt.localeCompare(a.CreatedAt))[0];
}

export function runningTask(tasks: readonly Task[], serviceId: string | undefined): Task | undefined {
  return tasks.find(
    (task) => task.ServiceID === serviceId && task.Status.State === 'running' && task.DesiredState === 'running',
  );
}

/** The task of a service that has one in all its life; undefined until Swarm has made it. */
export async function taskOf(
  serviceId: string,
  { stack, swarm }: { stack: StackName; swarm: SwarmGateway },
): Promise<Task | undefined> {
  const tasks = await swarm.listTasks({ label: label.stack, value: stack });
  return tasks.find(({ ServiceID }) => ServiceID === serviceId);
}
