import type { ConfigObject } from '../../../src/core/swarm/engine-types.ts';
import type { SwarmGateway } from '../../../src/core/swarm/gateway.ts';

/** The configs of a Swarm in memory, with versions as Swarm keeps them and a clock that a test moves. */
export interface RecordSwarm {
  readonly swarm: SwarmGateway;
  readonly configs: readonly ConfigObject[];
  /** By exact name; throws when there is none. */
  config(name: string): ConfigObject;
  pass(seconds: number): void;
  /** What somebody else does right before our next write. */
  beforeNextWrite(other: () => Promise<unknown> | unknown): void;
}

export function recordSwarm(): RecordSwarm {
  const configs: ConfigObject[] = [];
  let now = Date.parse('2027-01-01T09:00:00Z');
  let interfere: (() => Promise<unknown> | unknown) | undefined;
  const time = () => new Date(now).toISOString();
  const find = (name: string) => configs.find(({ Spec }) => Spec.Name === name);
  async function othersFirst() {
    const other = interfere;
    interfere = undefined;
    await other?.();
  }

  const swarm: Partial<SwarmGateway> = {
    async observeManager() {
      const Swarm = { NodeID: 'node1', LocalNodeState: 'active', ControlAvailable: true, Error: '' };
      return { SystemTime: time(), ServerVersion: '20.10.24', Architecture: 'x86_64', Swarm };
    },
    listConfigs: async ({ label, value }) =>
      structuredCloneOf(
        configs.filter(({ Spec }) =>
          value === undefined ? Spec.Labels[label] !== undefined : Spec.Labels[label] === value,
        ),
      ),
    findConfig: async (name) => structuredCloneOf([find(name)].filter((config) => config !== undefined))[0],
    async createConfig(name, labels, data) {
      await othersFirst();
      if (find(name)) return undefined;
      const ID = `config-${name}`;
      const Spec = { Name: name, Labels: { ...labels }, Data: Buffer.from(data) };
      configs.push({ ID, Version: { Index: 1 }, CreatedAt: time(), UpdatedAt: time(), Spec });
      return ID;
    },
    async relabelConfig({ ID, Version }, labels) {
      await othersFirst();
      const index = configs.findIndex((config) => config.ID === ID);
      const current = configs[index];
      if (!current || current.Version.Index !== Version.Index) return false;
      const Spec = { ...current.Spec, Labels: { ...labels } };
      configs[index] = { ...current, Version: { Index: Version.Index + 1 }, UpdatedAt: time(), Spec };
      return true;
    },
    async removeConfig(id) {
      const index = configs.findIndex(({ ID }) => ID === id);
      if (index >= 0) configs.splice(index, 1);
      return index >= 0;
    },
  };
  return {
    swarm: swarm as SwarmGateway,
    configs,
    config(name) {
      const config = find(name);
      if (!config)
        throw new Error(`there is no config ${name}, only ${configs.map(({ Spec }) => Spec.Name).join(', ')}`);
      return config;
    },
    pass(seconds) {
      now += seconds * 1000;
    },
    beforeNextWrite(other) {
      interfere = other;
    },
  };
}

function structuredCloneOf(configs: readonly ConfigObject[]): ConfigObject[] {
  return configs.map((config) => ({
    ...config,
    Version: { ...config.Version },
    Spec: { ...config.Spec, Labels: { ...config.Spec.Labels } },
  }));
}
