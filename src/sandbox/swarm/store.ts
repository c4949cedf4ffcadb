import type { Timeline } from '../timeline.ts';
import { EngineError } from './engine-error.ts';
import type { ConfigOrSecret, Json, Labels, Network, Node, Port, Service, Stored, Task } from './objects.ts';

export type Kind = 'service' | 'secret' | 'config' | 'network' | 'node';

export interface SwarmEvent {
  Type: Kind;
  Action: 'create' | 'update' | 'remove';
  Actor: { ID: string; Attributes: Labels };
  scope: 'swarm';
  time: number;
  timeNano: number;
}

/** What Swarm remembers of the service a task was made for, even after the service is gone. */
export interface TaskOrigin {
  serviceName: string;
  serviceLabels: Labels;
  /** Of the service's spec that it was made from. Undefined in what was saved before there were any. */
  revision?: number;
  /** Undefined in what was saved before they were kept. */
  ports?: readonly Port[];
}

/** Specs of a service in the order in which they were written; a rollback goes back to the one before. */
export interface Revision {
  now: number;
  before: number;
}

const keptEvents = 256;

/** Everything that the managers agree on: objects by id, and one counter of versions for all of them. */
export class Store {
  readonly timeline: Timeline;
  readonly random: (length: number) => string;
  readonly services = new Map<string, Service>();
  readonly tasks = new Map<string, Task>();
  readonly origins = new Map<string, TaskOrigin>();
  readonly revisions = new Map<string, Revision>();
  readonly networks = new Map<string, Network>();
  /** What those would be that wait for a subnet. */
  readonly waitingNetworks = new Map<string, Network>();
  readonly secrets = new Map<string, ConfigOrSecret>();
  readonly configs = new Map<string, ConfigOrSecret>();
  readonly nodes = new Map<string, Node>();
  index = 10;
  /** The last of them, for those who ask what has been. */
  readonly events: SwarmEvent[] = [];
  #shiftMs = 0;
  readonly #listeners = new Set<(event: SwarmEvent) => void>();
  readonly #onWrite: () => void;

  constructor(timeline: Timeline, random: (length: number) => string, onWrite: () => void = () => undefined) {
    this.timeline = timeline;
    this.random = random;
    this.#onWrite = onWrite;
  }

  /** RFC 3339 with nine digits, as dockerd writes times. */
  time(): string {
    // No two writes happen at the same nanosecond.
    const nanoseconds = String(this.index % 1_000_000).padStart(6, '0');
    return goTime(this.timeline.now() + this.#shiftMs).replace(/0{6}Z$/, `${nanoseconds}Z`);
  }

  /** The manager's clock jumps; what is under way goes on as before. */
  shiftClock(ms: number): void {
    this.#shiftMs += ms;
  }

  newId(): string {
    return this.random(25);
  }

  stored(): Stored {
    this.index += 1;
    const at = this.time();
    this.#onWrite();
    return { ID: this.newId(), Version: { Index: this.index }, CreatedAt: at, UpdatedAt: at };
  }

  /** Every write gives the object the next number of the one counter. */
  touch(object: Stored): void {
    this.index += 1;
    object.Version = { Index: this.index };
    object.UpdatedAt = this.time();
    this.#onWrite();
  }

  changed(): void {
    this.#onWrite();
  }

  /** A writer has to name the version it read. */
  checkVersion(object: Stored, version: number): void {
    if (object.Version.Index !== version)
      throw new EngineError(500, 'rpc error: code = Unknown desc = update out of sequence');
  }

  emit(Type: Kind, Action: SwarmEvent['Action'], ID: string, attributes: Labels): void {
    const now = this.timeline.now() + this.#shiftMs;
    const event: SwarmEvent = {
      Type,
      Action,
      Actor: { ID, Attributes: attributes },
      scope: 'swarm',
      time: Math.floor(now / 1000),
      timeNano: now * 1_000_000,
    };
    this.events.push(event);
    if (this.events.length > keptEvents) this.events.shift();
    for (const listener of this.#listeners) listener(event);
  }

  listen(listener: (event: SwarmEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** As containers and programs in them have. */
  newHexId(): string {
    return [...this.random(64)].map((letter) => (letter.charCodeAt(0) % 16).toString(16)).join('');
  }

  tasksOf(serviceId: string): Task[] {
    return [...this.tasks.values()].filter(({ ServiceID }) => ServiceID === serviceId);
  }

  /** The service has a new spec. */
  revise(serviceId: string): void {
    this.revisions.set(serviceId, { now: this.index, before: this.revisions.get(serviceId)?.now ?? 0 });
  }

  /** The service has the spec of before. */
  unrevise(serviceId: string): void {
    const { now, before } = this.revisions.get(serviceId) ?? { now: 0, before: 0 };
    this.revisions.set(serviceId, { now: before, before: now });
  }

  /** Whether the service had another spec since this task was made, and did not go back to an earlier one. */
  isOutdated({ ID, ServiceID }: Task): boolean {
    return (this.revisions.get(ServiceID)?.now ?? 0) > (this.origins.get(ID)?.revision ?? 0);
  }

  /** The name of the service a task was made for; empty once the task is gone. */
  serviceNameOf(taskId: string): string {
    return this.origins.get(taskId)?.serviceName ?? '';
  }

  /** The name of a task, which is that of its container too: with its slot, or its node where it has none. */
  nameOf({ ID, Slot, NodeID }: Task): string {
    return `${this.serviceNameOf(ID)}.${Slot ?? NodeID ?? ''}.${ID}`;
  }

  toJSON(): Json {
    const lists = {
      services: this.services,
      tasks: this.tasks,
      networks: this.networks,
      secrets: this.secrets,
      configs: this.configs,
      nodes: this.nodes,
    };
    return {
      index: this.index,
      ...Object.fromEntries(Object.entries(lists).map(([name, map]) => [name, [...map.values()]])),
      origins: [...this.origins],
      revisions: [...this.revisions],
      waitingNetworks: [...this.waitingNetworks.values()],
    };
  }

  /** Takes over what `toJSON` gave. */
  load(json: StoreJson): void {
    this.index = json.index;
    for (const one of json.services) this.services.set(one.ID, one);
    for (const one of json.tasks) this.tasks.set(one.ID, one);
    for (const one of json.networks) this.networks.set(one.Id, one);
    for (const one of json.secrets) this.secrets.set(one.ID, one);
    for (const one of json.configs) this.configs.set(one.ID, one);
    for (const one of json.nodes) this.nodes.set(one.ID, one);
    for (const one of json.waitingNetworks) this.waitingNetworks.set(one.Id, one);
    for (const [id, origin] of json.origins) this.origins.set(id, origin);
    for (const [id, revision] of json.revisions ?? []) this.revisions.set(id, revision);
  }
}

export interface StoreJson {
  index: number;
  services: Service[];
  tasks: Task[];
  networks: Network[];
  secrets: ConfigOrSecret[];
  configs: ConfigOrSecret[];
  nodes: Node[];
  origins: [string, TaskOrigin][];
  /** Undefined in what was saved before there were any. */
  revisions?: [string, Revision][];
  waitingNetworks: Network[];
}

export function goTime(at: number): string {
  return new Date(at).toISOString().replace(/\.(\d{3})Z$/, '.$1000000Z');
}

/**
 * By id, by name, by the beginning of an id, in this order, as dockerd looks things up. An ambiguous beginning is an
 * error of its own.
 */
export function findOne<T>(
  objects: Iterable<T>,
  text: string,
  {
    idOf,
    nameOf,
    notFound,
    kind,
    anyCase = true,
  }: {
    idOf: (one: T) => string;
    nameOf: (one: T) => string;
    notFound: string;
    kind: string;
    anyCase?: boolean;
  },
): T {
  const all = [...objects];
  const found =
    all.find((one) => idOf(one) === text) ??
    all.find((one) => nameOf(one) === text) ??
    (anyCase ? all.find((one) => nameOf(one).toLowerCase() === text.toLowerCase()) : undefined);
  if (found) return found;
  const starting = all.filter((one) => text !== '' && idOf(one).startsWith(text));
  if (starting.length > 1)
    throw new EngineError(400, `${kind} ${text} is ambiguous (${starting.length} matches found)`);
  if (starting[0]) return starting[0];
  throw new EngineError(404, notFound);
}
