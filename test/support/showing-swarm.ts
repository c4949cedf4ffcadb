import { recordLabels } from '../../src/core/records/record.ts';
import type {
  ConfigObject,
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
  const { services, tasks, networks, secrets, configs, nodes } = objectsOf(observed, others);
  const of = (service: Task) => services.find(({ ID }) => ID === service.ServiceID)?.Spec.Labels ?? {};
  const swarm: Partial<SwarmGateway> = {
    listNodes: async () => nodes,
    listServices: async (filter) => services.filter(({ Spec }) => has(Spec.Labels, filter)),
    listTasks: async (filter) => tasks.filter((task) => has(of(task), filter)),
    listNetworks: async () => networks,
    findNetworks: async (names) => networks.filter(({ Name }) => names.includes(Name)),
    listSecrets: async (filter) => secrets.filter(({ Spec }) => has(Spec.Labels, filter)),
    listConfigs: async (filter) => configs.filter(({ Spec }) => has(Spec.Labels, filter)),
    findConfig: async (name) => configs.find(({ Spec }) => Spec.Name === name),
  };
  return swarm as SwarmGateway;
}
