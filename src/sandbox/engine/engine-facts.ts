import type { Node } from '../swarm/objects.ts';
import type { SwarmModel } from '../swarm/swarm-model.ts';

/** Which dockerd is played: versions that are in the field, and what they call themselves. */
export const engines = {
  '1.41': { version: '20.10.24', kernel: '6.1.0', go: 'go1.19.8', minimum: '1.12' },
  '1.44': { version: '25.0.5', kernel: '6.1.0', go: 'go1.21.8', minimum: '1.24' },
} as const;
export type ApiVersion = keyof typeof engines;

export function versionFacts(api: ApiVersion) {
  const { version, kernel, go, minimum } = engines[api];
  const details = {
    ApiVersion: api,
    Arch: 'amd64',
    GoVersion: go,
    KernelVersion: kernel,
    MinAPIVersion: minimum,
    Os: 'linux',
  };
  return {
    Platform: { Name: 'oForest sandbox' },
    Components: [{ Name: 'Engine', Version: version, Details: details }],
    Version: version,
    ...details,
    GitCommit: 'sandbox',
    BuildTime: '2023-05-26T21:00:00.000000000+00:00',
  };
}

/** A cluster has an id of the same kind as its nodes. */
function clusterFacts(manager: Node | undefined) {
  return {
    ID: [...(manager?.ID ?? '')].reverse().join(''),
    Spec: { Name: 'default', Orchestration: { TaskHistoryRetentionLimit: 5 } },
    DefaultAddrPool: ['10.0.0.0/8'],
    SubnetSize: 24,
  };
}

/** `error` is what a Swarm without a leader says of itself. */
export function infoFacts({ store, agent }: SwarmModel, api: ApiVersion, error: string) {
  const nodes = [...store.nodes.values()];
  const [manager] = nodes;
  const running = [...agent.records.values()].filter(({ state }) => state === 'running').length;
  const all = agent.records.size;
  return {
    ID: 'SAND:BOXO:FORE:ST00',
    Containers: all,
    ContainersRunning: running,
    ContainersPaused: 0,
    ContainersStopped: all - running,
    Images: 0,
    Driver: 'overlay2',
    Name: manager?.Description.Hostname ?? '',
    SystemTime: store.time(),
    ServerVersion: engines[api].version,
    OperatingSystem: 'oForest sandbox',
    OSType: 'linux',
    Architecture: 'x86_64',
    NCPU: 2,
    MemTotal: manager?.Description.Resources.MemoryBytes ?? 0,
    Labels: [],
    Plugins: { Volume: ['local'], Network: ['bridge', 'overlay'], Authorization: null, Log: ['json-file'] },
    Swarm: {
      NodeID: manager?.ID ?? '',
      NodeAddr: manager?.Status.Addr ?? '',
      LocalNodeState: error === '' ? 'active' : 'pending',
      ControlAvailable: true,
      Error: error,
      RemoteManagers: [{ NodeID: manager?.ID ?? '', Addr: manager?.ManagerStatus?.Addr ?? '' }],
      ...(error === '' && { Nodes: nodes.length, Managers: 1, Cluster: clusterFacts(nodes[0]) }),
    },
    Warnings: null,
  };
}
