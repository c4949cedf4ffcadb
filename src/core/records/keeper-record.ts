import type { ConfigObject, Labels } from '../swarm/engine-types.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { beaten, checkFormat, epochOf, recordLabels, relabelRecord } from './record.ts';

/** No stack can be called so: the locks of stacks begin with `of.lock.`. */
const recordName = 'of.keeper';

export const keeperBeatMs = 10_000;
/** Ten seconds less than a lock, so that with the pause between two looks another keeper is at work within a minute. */
export const keeperStaleAfterMs = 50_000;

/** The one that is at work on the platform. */
export interface KeeperHolder {
  /** Host and process: `manager1:4711`. */
  readonly name: string;
  /** RFC 3339. */
  readonly since: string;
}

/** Being the one at work. The epoch tells it from every other time that somebody was. */
export interface KeeperLease {
  readonly name: string;
  readonly epoch: number;
}

/** The keeper that lives, by the manager's clock; undefined where none does: clients run operations themselves then. */
export async function findKeeper(swarm: SwarmGateway): Promise<KeeperHolder | undefined> {
  const [config, { SystemTime }] = await Promise.all([swarm.findConfig(recordName), swarm.observeManager()]);
  return config && holderOf(config, SystemTime);
}

/**
 * One keeper at a time: the record is made once, and taken, kept and freed by compare-and-set on its labels, like the lock
 * of a stack. Undefined while another keeper lives, or was quicker.
 */
export async function acquireKeeper(
  name: string,
  { swarm }: { swarm: SwarmGateway },
): Promise<KeeperLease | undefined> {
  const [config, { SystemTime }] = await Promise.all([swarm.findConfig(recordName), swarm.observeManager()]);
  const labelsFor = (epoch: number) =>
    recordLabels('keeper', undefined, {
      [label.runner]: name,
      [label.epoch]: String(epoch),
      [label.time]: new Date(SystemTime).toISOString(),
      [label.heartbeat]: '0',
    });
  if (!config) {
    const id = await swarm.createConfig(recordName, labelsFor(1), Buffer.from('{}'));
    return id === undefined ? undefined : { name, epoch: 1 };
  }
  if (holderOf(config, SystemTime)) return undefined;
  const epoch = epochOf(config) + 1;
  return (await swarm.relabelConfig(config, labelsFor(epoch))) ? { name, epoch } : undefined;
}

/** Shows that the keeper lives. False when another one is at work by now: do nothing more. */
export async function beatKeeper(lease: KeeperLease, { swarm }: { swarm: SwarmGateway }): Promise<boolean> {
  return change(lease, { swarm }, beaten);
}

/** Lets another keeper go on at once; does nothing when one has already. */
export async function releaseKeeper(lease: KeeperLease, { swarm }: { swarm: SwarmGateway }): Promise<void> {
  await change(lease, { swarm }, (labels) => ({ ...labels, [label.runner]: '' }));
}

/** False when the lease is not held any more. */
async function change(
  { name, epoch }: KeeperLease,
  { swarm }: { swarm: SwarmGateway },
  labelsFrom: (labels: Labels) => Labels,
): Promise<boolean> {
  const isHeld = (config: ConfigObject) => config.Spec.Labels[label.runner] === name && epochOf(config) === epoch;
  return relabelRecord(recordName, (config) => (isHeld(config) ? labelsFrom(config.Spec.Labels) : undefined), {
    swarm,
  });
}

function holderOf(config: ConfigObject, systemTime: string): KeeperHolder | undefined {
  checkFormat(config);
  const { [label.runner]: name, [label.time]: since } = config.Spec.Labels;
  if (!name || Date.parse(systemTime) - Date.parse(config.UpdatedAt) >= keeperStaleAfterMs) return undefined;
  return { name, since: since ?? config.UpdatedAt };
}
