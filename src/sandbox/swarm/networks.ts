import { EngineError, refused } from './engine-error.ts';
import { type Filters, matchesLabels, matchesOne, matchesStart } from './filters.ts';
import { hasEnded, type Json, type Labels, type Network, type ServiceSpec, type Task } from './objects.ts';
import { findOne, type Store } from './store.ts';

/** The bridges that every dockerd has, and the ingress network of a Swarm. */
export function addOwnNetworks(store: Store): void {
  for (const [Name, Driver] of [
    ['bridge', 'bridge'],
    ['host', 'host'],
    ['none', 'null'],
  ] as const) {
    const subnets = Name === 'bridge' ? ['172.17.0.0/16'] : [];
    add(store, makeNetwork(store, { Name, Driver, Scope: 'local', subnets }));
  }
  add(store, {
    ...makeNetwork(store, { Name: 'ingress', Driver: 'overlay', Scope: 'swarm', subnets: ['10.0.0.0/24'] }),
    Ingress: true,
  });
}

export function createNetwork(store: Store, body: Json): { Id: string; Warning: string } {
  const Name = typeof body.Name === 'string' ? body.Name : '';
  const Driver = typeof body.Driver === 'string' && body.Driver !== '' ? body.Driver : 'bridge';
  if (Name === '') throw new EngineError(409, 'network with name  already exists');
  if (['overlay', 'bridge', 'macvlan', 'ipvlan'].indexOf(Driver) < 0)
    throw new EngineError(404, `plugin "${Driver}" not found`);
  if (Driver === 'overlay' && !/^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?$/.test(Name))
    throw refused('InvalidArgument', 'name must be valid as a DNS name component');
  if (Name.length > 63) throw refused('InvalidArgument', 'name must be 63 characters or fewer');
  const same = [...store.networks.values()].find((one) => one.Name.toLowerCase() === Name.toLowerCase());
  if (same?.Name === Name) throw new EngineError(409, `network with name ${Name} already exists`);
  if (same) throw refused('Unknown', 'name conflicts with an existing object');
  const wanted = ((body.IPAM as Json | undefined)?.Config as { Subnet?: string; Gateway?: string }[] | undefined) ?? [];
  const subnets = wanted.map(({ Subnet = '' }) => Subnet).filter((subnet) => subnet !== '');
  for (const { Subnet = '', Gateway } of wanted) {
    const subnet = parseSubnet(Subnet);
    if (Subnet !== '' && !subnet)
      throw new EngineError(500, `Invalid subnet ${Subnet} : invalid CIDR address: ${Subnet}`);
    if (Gateway && subnet && !overlaps(`${Gateway}/32`, Subnet))
      throw refused('InvalidArgument', `ipam configuration: subnet ${Subnet} does not contain gateway ${Gateway}`);
  }
  const ipam = (body.IPAM as { Driver?: string } | undefined)?.Driver;
  if (ipam && ipam !== 'default') throw refused('InvalidArgument', `error during lookup of plugin ${ipam}`);
  const network = {
    ...makeNetwork(store, {
      Name,
      Driver,
      Scope: Driver === 'overlay' ? 'swarm' : 'local',
      subnets: subnets.length > 0 ? subnets : [freeSubnet(store)],
    }),
    Internal: body.Internal === true,
    Attachable: body.Attachable === true,
    Labels: (body.Labels as Labels | null) ?? {},
  };
  if (subnets.some((subnet) => subnetsOf(store).some((other) => overlaps(other, subnet)))) {
    store.waitingNetworks.set(network.Id, structuredClone(network));
    Object.assign(network, { Driver: '', IPAM: { Driver: '', Options: null, Config: null }, Options: null });
  }
  add(store, network);
  store.changed();
  store.emit('network', 'create', network.Id, { name: Name });
  // A second one tells that it has its subnet.
  store.emit('network', 'update', network.Id, { name: Name });
  return { Id: network.Id, Warning: '' };
}

export function findNetwork(store: Store, text: string): Network {
  return findOne(store.networks.values(), text, {
    idOf: ({ Id }) => Id,
    nameOf: ({ Name }) => Name,
    notFound: `network ${text} not found`,
    kind: 'network',
    anyCase: false,
  });
}

export function listNetworks(store: Store, filters: Filters): Network[] {
  return [...store.networks.values()].filter(
    (one) =>
      matchesStart(one.Id, filters.get('id')) &&
      (filters.get('name')?.some((name) => (one.Scope === 'swarm' ? one.Name === name : one.Name.includes(name))) ??
        true) &&
      matchesOne(one.Driver, filters.get('driver')) &&
      matchesOne(one.Scope, filters.get('scope')) &&
      matchesLabels(one.Labels, filters.get('label')),
  );
}

export function removeNetwork(store: Store, text: string): void {
  const network = findNetwork(store, text);
  if (['bridge', 'host', 'none'].includes(network.Name))
    throw new EngineError(403, `${network.Name} is a pre-defined network and cannot be removed`);
  const user = [...store.services.values()].find(({ Spec }) =>
    networksOf(attachedTo(Spec), store).includes(network.Id),
  );
  if (user) throw refused('FailedPrecondition', `network ${network.Id} is in use by service ${user.ID}`);
  store.networks.delete(network.Id);
  store.waitingNetworks.delete(network.Id);
  allocateWaiting(store);
  store.changed();
  store.emit('network', 'remove', network.Id, { name: network.Name });
}

/** Networks that were made with a subnet that another one had get it once that one is gone. */
function allocateWaiting(store: Store): void {
  for (const [id, wanted] of store.waitingNetworks) {
    const subnets = wanted.IPAM.Config?.map(({ Subnet }) => Subnet) ?? [];
    if (subnets.some((subnet) => subnetsOf(store).some((other) => overlaps(other, subnet)))) continue;
    store.networks.set(id, wanted);
    store.waitingNetworks.delete(id);
    store.emit('network', 'update', id, { name: wanted.Name });
  }
}

const subnetsOf = (store: Store): string[] =>
  [...store.networks.values()].flatMap(({ IPAM }) => IPAM.Config?.map(({ Subnet }) => Subnet) ?? []);

/** Networks of a service, wherever its spec has them. */
export function attachedTo({ TaskTemplate, Networks }: ServiceSpec): readonly { Target: string }[] {
  return TaskTemplate.Networks?.length ? TaskTemplate.Networks : (Networks ?? []);
}

/** Ids of the networks that a spec names by id or name; unknown ones are left out. */
export function networksOf(targets: readonly { Target: string }[] | undefined, store: Store): string[] {
  return (targets ?? []).flatMap(({ Target }) => {
    const network =
      store.networks.get(Target) ?? [...store.networks.values()].find(({ Name }) => Name === Target && Name !== '');
    return network ? [network.Id] : [];
  });
}

/** The next address of each network for a task, counted upwards; undefined while one of them has none left. */
export function allocateAddresses(store: Store, task: Task): Task['NetworksAttachments'] | undefined {
  const attachments: NonNullable<Task['NetworksAttachments']> = [];
  for (const id of networksOf(task.Spec.Networks, store)) {
    const network = store.networks.get(id);
    const subnet = network && parseSubnet(network.IPAM.Config?.[0]?.Subnet ?? '');
    if (network && network.IPAM.Config === null) return undefined;
    if (!network || !subnet) continue;
    const free = firstFree(subnet, takenAddresses(store, id));
    if (free === undefined) return undefined;
    attachments.push({
      Network: { ID: id, Spec: { Name: network.Name, Labels: network.Labels } },
      Addresses: [`${free}/${subnet.bits}`],
    });
  }
  return attachments;
}

/** An address for a service itself, where it is reached by one. */
export function allocateVirtual(store: Store, networkId: string): string | undefined {
  const network = store.networks.get(networkId);
  const subnet = network && parseSubnet(network.IPAM.Config?.[0]?.Subnet ?? '');
  if (!subnet) return undefined;
  const free = firstFree(subnet, takenAddresses(store, networkId));
  return free === undefined ? undefined : `${free}/${subnet.bits}`;
}

function takenAddresses(store: Store, networkId: string): ReadonlySet<string> {
  const taken = new Set<string>();
  for (const { Status, NetworksAttachments = [] } of store.tasks.values()) {
    if (hasEnded(Status.State)) continue;
    for (const { Network: of, Addresses } of NetworksAttachments)
      if (of.ID === networkId) taken.add(bare(Addresses[0]));
  }
  for (const { Endpoint } of store.services.values())
    for (const { NetworkID, Addr } of (Endpoint.VirtualIPs as { NetworkID: string; Addr: string }[] | undefined) ?? [])
      if (NetworkID === networkId) taken.add(bare(Addr));
  return taken;
}

const bare = (address = '') => address.split('/')[0] ?? '';

interface Subnet {
  first: number;
  bits: number;
}

function parseSubnet(text: string): Subnet | undefined {
  const found = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text);
  if (!found) return undefined;
  const parts = found.slice(1, 5).map(Number);
  const bits = Number(found[5]);
  if (parts.some((part) => part > 255) || bits > 32) return undefined;
  const address = parts.reduce((sum, part) => sum * 256 + part, 0);
  return { first: address - (address % 2 ** (32 - bits)), bits };
}

function overlaps(one: string, other: string): boolean {
  const [a, b] = [parseSubnet(one), parseSubnet(other)];
  if (!a || !b) return false;
  return a.first < b.first + 2 ** (32 - b.bits) && b.first < a.first + 2 ** (32 - a.bits);
}

function addressText(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** The first address is the gateway's, the last but one the node's own, the last is for all: of eight, four are left. */
function firstFree({ first, bits }: Subnet, taken: ReadonlySet<string>): string | undefined {
  for (let address = first + 2; address < first + 2 ** (32 - bits) - 2; address += 1) {
    const text = addressText(address);
    if (!taken.has(text)) return text;
  }
  return undefined;
}

function freeSubnet(store: Store): string {
  const taken = subnetsOf(store);
  const same = new Set(taken);
  const others = taken.filter((subnet) => !/^10\..*\/24$/.test(subnet));
  for (let number = 1; number < 65_536; number += 1) {
    const subnet = `10.${Math.floor(number / 256)}.${number % 256}.0/24`;
    if (!same.has(subnet) && !others.some((one) => overlaps(one, subnet))) return subnet;
  }
  throw refused(
    'Unknown',
    'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network',
  );
}

function add(store: Store, network: Network): void {
  store.networks.set(network.Id, network);
}

function makeNetwork(
  store: Store,
  {
    Name,
    Driver,
    Scope,
    subnets,
  }: { Name: string; Driver: string; Scope: Network['Scope']; subnets: readonly string[] },
): Network {
  return {
    Name,
    Id: store.newId(),
    Created: store.time(),
    Scope,
    Driver,
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      Options: null,
      Config: subnets.map((Subnet) => ({ Subnet, Gateway: addressText((parseSubnet(Subnet)?.first ?? 0) + 1) })),
    },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: null,
    Options:
      Scope === 'swarm' ? { 'com.docker.network.driver.overlay.vxlanid_list': String(4097 + store.networks.size) } : {},
    Labels: {},
  };
}
