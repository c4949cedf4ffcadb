import type { Clock } from '../../src/core/clock.ts';
import { ExpectedError } from '../../src/core/errors.ts';
import type {
  ConfigObject,
  EngineInfo,
  Labels,
  Network,
  Node,
  SecretObject,
  Service,
  ServiceSpec,
  Task,
} from '../../src/core/swarm/engine-types.ts';
import { Network as NetworkSchema, Service as ServiceSchema } from '../../src/core/swarm/engine-types.ts';
import type { LabelFilter, SwarmGateway } from '../../src/core/swarm/gateway.ts';
import { taskHashOf } from '../../src/core/swarm/service-spec.ts';

/** How a task that was just made ends up; `strandsNext` where Swarm keeps the one after it waiting (see `isStranded`). */
export type Fate =
  | { state: 'running' }
  | { state: 'rejected' | 'failed' | 'pending'; err: string; strandsNext?: boolean };

export interface PlatformSwarm extends SwarmGateway {
  readonly services: Service[];
  readonly tasks: Task[];
  readonly configs: ConfigObject[];
  readonly secrets: (SecretObject & { value: Buffer })[];
  readonly networks: Network[];
  readonly nodes: Node[];
  manager: EngineInfo;
  /** Every write, in order: `create-network oforest_public`. */
  readonly writes: string[];
  fateOf: (spec: ServiceSpec | Service['Spec']) => Fate;
}

/** One manager in memory: enough of a Swarm for what all studies share. Services come back as JSON, as from dockerd. */
export function platformSwarm(): PlatformSwarm {
  let ids = 0;
  const nextId = (kind: string) => {
    ids += 1;
    return `${kind}${ids}`;
  };
  const at = () => new Date(Date.UTC(2027, 0, 1) + ids * 1000).toISOString();
  const matches =
    ({ label, value }: LabelFilter) =>
    ({ Spec: { Labels } }: { Spec: { Labels: Labels } }) =>
      value === undefined ? Labels[label] !== undefined : Labels[label] === value;
  const unused = (name: string) => () => {
    throw new Error(`${name} is not part of this fake`);
  };
  /** Swarm acts on a write some time after it answered: whoever looks at once still sees the tasks of before. */
  const due: (() => void)[] = [];
  const remove = (list: { ID: string }[], id: string) => {
    const index = list.findIndex(({ ID }) => ID === id);
    if (index >= 0) list.splice(index, 1);
    return index >= 0;
  };

  function startTask(service: Service): Fate {
    for (const task of swarm.tasks.filter(({ ServiceID }) => ServiceID === service.ID))
      Object.assign(task, { DesiredState: 'shutdown', Status: { ...task.Status, State: shutDown(task.Status.State) } });
    const fate = swarm.fateOf(service.Spec);
    const container = service.Spec.TaskTemplate.ContainerSpec;
    swarm.tasks.push({
      ID: nextId('task'),
      CreatedAt: at(),
      ServiceID: service.ID,
      NodeID: 'node1',
      Slot: 1,
      DesiredState: 'running',
      Spec: { ContainerSpec: { Image: container?.Image ?? '', Labels: container?.Labels ?? {} } },
      Status: { Timestamp: at(), State: fate.state, Message: '', Err: 'err' in fate ? fate.err : '' },
    });
    return fate;
  }

  /** What cannot be placed stays as it is; what fails is taken back. */
  function replaceTask(service: Service, before: Service): void {
    const fate = startTask(service);
    service.UpdateStatus = { State: fate.state === 'pending' ? 'updating' : 'completed', Message: '' };
    if (fate.state !== 'failed' && fate.state !== 'rejected') return;
    const back = { ...before, Version: { Index: service.Version.Index + 1 } };
    back.UpdateStatus = { State: 'rollback_completed', Message: '' };
    swarm.services[swarm.services.findIndex(({ ID }) => ID === service.ID)] = back;
    startTask(back);
    if (fate.strandsNext) strandNewest();
  }

  /** As on 20.10: Swarm had begun to start the failed one again, and now waits for what it could not place. */
  function strandNewest(): void {
    const [failed, newest] = swarm.tasks.slice(-2);
    if (!failed || !newest) return;
    const status = {
      ...failed.Status,
      State: 'pending',
      Err: 'no suitable node (host-mode port already in use on 1 node)',
    };
    const unplaced = { ...failed, ID: nextId('task'), NodeID: '', Status: status };
    const ready = { ...newest, DesiredState: 'ready', Status: { ...newest.Status, State: 'ready' } };
    swarm.tasks.splice(-1, 1, unplaced, ready);
  }

  const swarm: PlatformSwarm = {
    apiVersion: '1.41',
    services: [],
    tasks: [],
    configs: [],
    secrets: [],
    networks: [],
    writes: [],
    nodes: [node('node1')],
    manager: {
      SystemTime: '2027-01-01T00:00:00Z',
      ServerVersion: '20.10.24',
      Architecture: 'x86_64',
      Swarm: { NodeID: 'node1', LocalNodeState: 'active', ControlAvailable: true, Error: '' },
    },
    fateOf: () => ({ state: 'running' }),

    observeManager: async () => swarm.manager,
    listNodes: async () => swarm.nodes,
    listServices: async (filter) => structuredClone(swarm.services.filter(matches(filter))),
    async createService(spec) {
      swarm.writes.push(`create-service ${spec.Name}`);
      const service = asFromDockerd({ ID: nextId('service'), version: 1, at: at(), spec });
      swarm.services.push(service);
      due.push(() => startTask(service));
      return service.ID;
    },
    async updateService({ ID, Version }, spec) {
      const index = swarm.services.findIndex((service) => service.ID === ID);
      const before = swarm.services[index];
      if (!before || before.Version.Index !== Version.Index)
        throw new ExpectedError('version-conflict', 'updating a service');
      swarm.writes.push(`update-service ${spec.Name}`);
      const service = asFromDockerd({ ID, version: Version.Index + 1, at: at(), spec });
      swarm.services[index] = service;
      const isForced = service.Spec.TaskTemplate.ForceUpdate !== before.Spec.TaskTemplate.ForceUpdate;
      if (isForced || taskHashOf(before.Spec) !== taskHashOf(service.Spec))
        due.push(() => replaceTask(service, before));
    },
    async removeService(id) {
      swarm.writes.push(`remove-service ${swarm.services.find(({ ID }) => ID === id)?.Spec.Name}`);
      return remove(swarm.services, id);
    },
    listTasks: async (filter) => {
      const ids = swarm.services.filter(matches(filter)).map(({ ID }) => ID);
      const seen = structuredClone(swarm.tasks.filter(({ ServiceID }) => ids.includes(ServiceID)));
      for (const act of due.splice(0)) act();
      return seen;
    },

    listNetworks: async () => swarm.networks,
    findNetworks: async (names) => swarm.networks.filter(({ Name }) => names.includes(Name)),
    async createNetwork({ Name, Labels, Subnet }) {
      swarm.writes.push(`create-network ${Name}`);
      const network = { Id: nextId('network'), Name, Driver: 'overlay', Labels, IPAM: { Config: [{ Subnet }] } };
      swarm.networks.push(NetworkSchema.parse(network));
      return network.Id;
    },

    listSecrets: async (filter) => swarm.secrets.filter(matches(filter)),
    async createSecret(name, labels, value) {
      swarm.writes.push(`create-secret ${name}`);
      const data = Buffer.isBuffer(value) ? value : Buffer.from(value.reveal());
      const secret = { ID: nextId('secret'), CreatedAt: at(), Spec: { Name: name, Labels: labels }, value: data };
      swarm.secrets.push(secret);
      return secret.ID;
    },
    async removeSecret(id) {
      swarm.writes.push(`remove-secret ${swarm.secrets.find(({ ID }) => ID === id)?.Spec.Name}`);
      return remove(swarm.secrets, id);
    },

    listConfigs: async (filter) => swarm.configs.filter(matches(filter)),
    findConfig: async (name) => swarm.configs.find(({ Spec }) => Spec.Name === name),
    async createConfig(name, labels, data) {
      if (swarm.configs.some(({ Spec }) => Spec.Name === name)) return undefined;
      swarm.writes.push(`create-config ${name}`);
      const ID = nextId('config');
      const times = { CreatedAt: at(), UpdatedAt: at() };
      swarm.configs.push({
        ID,
        Version: { Index: 1 },
        ...times,
        Spec: { Name: name, Labels: labels, Data: Buffer.from(data) },
      });
      return ID;
    },
    async removeConfig(id) {
      swarm.writes.push(`remove-config ${swarm.configs.find(({ ID }) => ID === id)?.Spec.Name}`);
      return remove(swarm.configs, id);
    },

    ping: unused('ping'),
    followChanges: unused('followChanges'),
    relabelConfig: unused('relabelConfig'),
    serviceLog: unused('serviceLog'),
    taskLog: async function* () {},
    inspectContainer: async () => undefined,
    exec: unused('exec'),
    removeNetwork: unused('removeNetwork'),
    removeVolume: unused('removeVolume'),
    readFile: unused('readFile'),
    writeFile: unused('writeFile'),
  };
  return swarm;
}

export function node(id: string, more: Partial<Node> = {}): Node {
  return {
    ID: id,
    Spec: { Role: 'manager', Availability: 'active' },
    Description: { Hostname: `host-${id}`, Platform: { Architecture: 'x86_64', OS: 'linux' } },
    Status: { State: 'ready', Addr: '192.0.2.10' },
    ManagerStatus: { Leader: true, Addr: '192.0.2.10:2377', Reachability: 'reachable' },
    ...more,
  };
}

function shutDown(state: string): string {
  return state === 'running' || state === 'pending' ? 'shutdown' : state;
}

/** dockerd leaves out what is empty and fills in its own defaults. */
function asFromDockerd({
  ID,
  version,
  at,
  spec,
}: {
  ID: string;
  version: number;
  at: string;
  spec: ServiceSpec | Service['Spec'];
}): Service {
  const json = JSON.parse(JSON.stringify(spec), (_key, value) =>
    Array.isArray(value) && value.length === 0 ? undefined : value,
  );
  json.TaskTemplate.Runtime = 'container';
  if (json.TaskTemplate.ContainerSpec) json.TaskTemplate.ContainerSpec.Isolation = 'default';
  return ServiceSchema.parse({ ID, Version: { Index: version }, CreatedAt: at, UpdatedAt: at, Spec: json });
}

/** A clock that only moves when somebody sleeps. */
export function stillClock(start = '2027-01-01T00:00:00Z'): Clock {
  let now = Date.parse(start);
  return {
    now: () => new Date(now),
    async sleep(ms, signal) {
      signal.throwIfAborted();
      now += ms;
    },
  };
}
