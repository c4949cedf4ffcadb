import { recordLabels } from '../../src/core/records/record.ts';
import type {
  ConfigObject,
  EngineInfo,
  Labels,
  Network,
  Node,
  SecretObject,
  Service,
  Task,
} from '../../src/core/swarm/engine-types.ts';
import type { LabelFilter, SwarmGateway } from '../../src/core/swarm/gateway.ts';
import { label } from '../../src/core/swarm/labels.ts';
import type { ObservedStack } from '../../src/core/swarm/observe-stack.ts';
import { aConfig } from './builders.ts';

/** All objects that a Swarm holds when it looks like this. */
export interface SwarmObjects {
  readonly services: readonly Service[];
  readonly tasks: readonly Task[];
  readonly networks: readonly Network[];
  readonly secrets: readonly SecretObject[];
  readonly configs: readonly ConfigObject[];
  readonly nodes: readonly Node[];
}

export function objectsOf(observed: ObservedStack, others: readonly Service[] = []): SwarmObjects {
  const { stack, platform, web, db, trial, tasks, network, publicNetwork, nodes, secrets, releases, operations, lock } =
    observed;
  const platformLabels = recordLabels('platform', undefined, { [label.number]: '1' });
  return {
    services: [web, db, trial, ...others].filter((service) => service !== undefined),
    tasks,
    networks: [network, publicNetwork].filter((one) => one !== undefined),
    secrets: Object.entries(secrets).map(([slot, { id, name }]) => ({
      ID: id,
      CreatedAt: '2027-01-01T09:00:00Z',
      Spec: { Name: name, Labels: { [label.kind]: 'secret', [label.stack]: stack, [label.slot]: slot } },
    })),
    configs: [
      aConfig('of.platform.1', platformLabels, JSON.stringify(platform)),
      ...releases.map(({ config }) => config),
      ...operations.map(({ config }) => config),
      ...(lock ? [lock] : []),
    ],
    nodes,
  };
}

export function has(labels: Labels, { label: key, value }: LabelFilter): boolean {
  return value === undefined ? labels[key] !== undefined : labels[key] === value;
}

/** A Swarm that can be looked at and not written to: a write is a failing test. */
export function swarmShowing(observed: ObservedStack, others: readonly Service[] = []): SwarmGateway {
  return swarmOf(objectsOf(observed, others));
}

/**
 * No model of a Swarm, but a picture of one: it lists the given objects by label or name, and nothing ever changes in it.
 * Whatever else is asked of it fails the test; what a Swarm does is the sandbox's to say.
 */
export function swarmOf({ manager, ...objects }: Partial<SwarmObjects> & { manager?: EngineInfo }): SwarmGateway {
  const { services = [], tasks = [], networks = [], secrets = [], configs = [], nodes = [] } = objects;
  const labelsOf = ({ ServiceID }: Task) => services.find(({ ID }) => ID === ServiceID)?.Spec.Labels ?? {};
  const refuse = (what: string) => (): never => {
    throw new Error(`${what}: this Swarm shows what it was given, and does no more`);
  };
  return {
    apiVersion: '1.41',
    observeManager: manager ? async () => manager : refuse('observeManager'),
    listNodes: async () => nodes,
    listServices: async (filter) => services.filter(({ Spec }) => has(Spec.Labels, filter)),
    listTasks: async (filter) => tasks.filter((task) => has(labelsOf(task), filter)),
    listNetworks: async () => networks,
    findNetworks: async (names) => networks.filter(({ Name }) => names.includes(Name)),
    listSecrets: async (filter) => secrets.filter(({ Spec }) => has(Spec.Labels, filter)),
    listConfigs: async (filter) => configs.filter(({ Spec }) => has(Spec.Labels, filter)),
    findConfig: async (name) => configs.find(({ Spec }) => Spec.Name === name),

    ping: refuse('ping'),
    followChanges: refuse('followChanges'),
    createService: refuse('createService'),
    updateService: refuse('updateService'),
    removeService: refuse('removeService'),
    createNetwork: refuse('createNetwork'),
    removeNetwork: refuse('removeNetwork'),
    createSecret: refuse('createSecret'),
    removeSecret: refuse('removeSecret'),
    createConfig: refuse('createConfig'),
    relabelConfig: refuse('relabelConfig'),
    removeConfig: refuse('removeConfig'),
    serviceLog: refuse('serviceLog'),
    taskLog: refuse('taskLog'),
    inspectContainer: refuse('inspectContainer'),
    removeVolume: refuse('removeVolume'),
    readFile: refuse('readFile'),
    writeFile: refuse('writeFile'),
    exec: refuse('exec'),
  };
}
