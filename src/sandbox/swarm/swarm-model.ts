import type { Duplex } from 'node:stream';
import { PostgresCluster, type PostgresClusterJson } from '../database/postgres-cluster.ts';
import type { ManagerView, RoutedService } from '../programs/program.ts';
import type { Timeline } from '../timeline.ts';
import type { VolumeJson } from '../volumes/volume.ts';
import { Volumes } from '../volumes/volumes.ts';
import { Agent, type ImageSource } from './agent.ts';
import type { ContainerRecord, LiveContainer, Surroundings } from './containers.ts';
import { addOwnNetworks, attachedTo, networksOf } from './networks.ts';
import { hasEnded, type Json, type Node, type Service, type Task } from './objects.ts';
import { Orchestrator } from './orchestrator.ts';
import * as services from './services.ts';
import { Store, type StoreJson } from './store.ts';

export interface SwarmModelOptions {
  timeline: Timeline;
  random: (length: number) => string;
  images: ImageSource;
  nodes?: readonly { hostname: string; memoryBytes?: number }[];
  /** Told after every change that is worth keeping. */
  onWrite?: () => void;
}

export interface SwarmJson {
  store: StoreJson;
  containers: ContainerRecord[];
  clusters: [string, PostgresClusterJson][];
  /** Undefined in what was saved before there were any. */
  volumes?: VolumeJson[];
}

/** A Swarm of managers and nodes in memory: what dockerd, its managers and its nodes do, seen through the Engine API. */
export class SwarmModel {
  readonly store: Store;
  readonly clusters = new Map<string, PostgresCluster>();
  readonly volumes: Volumes;
  readonly agent: Agent;
  readonly images: ImageSource;
  readonly #orchestrator: Orchestrator;

  constructor(
    { timeline, random, images, nodes = [{ hostname: 'sandbox' }], onWrite }: SwarmModelOptions,
    saved?: SwarmJson,
  ) {
    this.store = new Store(timeline, random, onWrite);
    this.volumes = new Volumes(() => timeline.now());
    this.images = images;
    const around = this.#surroundings(timeline, random);
    this.agent = new Agent({ store: this.store, images, around, onTask: (task) => this.#orchestrator.onTask(task) });
    this.#orchestrator = new Orchestrator({
      store: this.store,
      run: (task) => this.agent.run(task),
      wake: (task) => this.agent.wake(task),
      forget: (task) => this.agent.forget(task),
    });
    if (saved) this.#open(saved);
    else {
      for (const [number, node] of nodes.entries()) this.#addNode(node, number);
      addOwnNetworks(this.store);
    }
  }

  createService(body: Json): Service {
    const service = services.createService(this.store, body);
    this.#orchestrator.reconcile(service);
    return service;
  }

  updateService(text: string, options: Parameters<typeof services.updateService>[2]): void {
    this.#orchestrator.reconcile(services.updateService(this.store, text, options));
  }

  removeService(text: string): void {
    this.#orchestrator.remove(services.removeService(this.store, text));
  }

  /** A connection to a port that a running task publishes on its host. */
  dialHost(port: number): Duplex | undefined {
    for (const task of this.store.tasks.values()) {
      if (hasEnded(task.Status.State)) continue;
      const published = (this.store.services.get(task.ServiceID)?.Spec.EndpointSpec?.Ports ?? []).find(
        ({ PublishedPort }) => PublishedPort === port,
      );
      const container = this.agent.live.get(task.ID);
      if (published?.TargetPort && container) return container.dial(published.TargetPort);
    }
    return undefined;
  }

  /** The task of a service that runs now, with its container. */
  runningTask(serviceName: string): { task: Task; container: LiveContainer } | undefined {
    for (const task of this.store.tasks.values()) {
      const container = this.agent.live.get(task.ID);
      if (container && task.Status.State === 'running' && this.store.serviceNameOf(task.ID) === serviceName)
        return { task, container };
    }
    return undefined;
  }

  /** The data of every Postgres, by its volume. */
  cluster(volume: string): PostgresCluster {
    const known = this.clusters.get(volume);
    if (known) return known;
    const cluster = new PostgresCluster(this.store.timeline);
    this.clusters.set(volume, cluster);
    return cluster;
  }

  toJSON(): SwarmJson {
    return {
      store: this.store.toJSON() as unknown as StoreJson,
      containers: [...this.agent.records.values()],
      clusters: [...this.clusters].map(([volume, cluster]) => [volume, cluster.toJSON()]),
      volumes: this.volumes.toJSON(),
    };
  }

  /** Running tasks go on, those on their way begin anew, and updates that were under way are looked at again. */
  #open({ store, containers, clusters, volumes = [] }: SwarmJson): void {
    this.store.load(store);
    this.volumes.load(volumes);
    for (const [volume, json] of clusters)
      this.clusters.set(volume, PostgresCluster.fromJSON(json, this.store.timeline));
    const byTask = new Map(containers.map((record) => [record.taskId, record]));
    for (const task of this.store.tasks.values()) {
      const record = byTask.get(task.ID);
      if (record && (task.Status.State === 'running' || hasEnded(task.Status.State))) this.agent.resume(task, record);
      else if (!hasEnded(task.Status.State)) this.agent.run(task);
    }
    for (const service of this.store.services.values()) this.#orchestrator.update(service);
  }

  #addNode(
    { hostname, memoryBytes = 8 * 1024 ** 3 }: { hostname: string; memoryBytes?: number },
    number: number,
  ): void {
    const Addr = `192.0.2.${10 + number}`;
    const node: Node = {
      ...this.store.stored(),
      Spec: { Labels: {}, Role: number === 0 ? 'manager' : 'worker', Availability: 'active' },
      Description: {
        Hostname: hostname,
        Platform: { Architecture: 'x86_64', OS: 'linux' },
        Resources: { NanoCPUs: 2e9, MemoryBytes: memoryBytes },
        Engine: { EngineVersion: '20.10.24' },
      },
      Status: { State: 'ready', Addr },
      ...(number === 0 && { ManagerStatus: { Leader: true, Reachability: 'reachable', Addr: `${Addr}:2377` } }),
    };
    this.store.nodes.set(node.ID, node);
  }

  #surroundings(timeline: Timeline, random: (length: number) => string): Surroundings {
    return {
      timeline,
      random,
      dial: (from, serviceName, port) => this.#neighbour(from, serviceName)?.dial(port),
      postgres: (from, serviceName) => this.#neighbour(from, serviceName)?.running.postgres,
      clusterOn: (volume) => this.cluster(volume),
      volumeOn: (nodeId, name, labels) => this.volumes.on(nodeId, name, labels),
      manager: () => this.#managerView(),
    };
  }

  /** What a name means inside a container: a service, or an alias, on a network that both are on. */
  #neighbour(from: ContainerRecord, name: string): LiveContainer | undefined {
    const mine = this.#networksOf(from.taskId);
    for (const [taskId, container] of this.agent.live) {
      const task = this.store.tasks.get(taskId);
      if (task?.Status.State !== 'running' || container.record === from) continue;
      const called =
        this.store.serviceNameOf(taskId) === name ||
        (task.Spec.Networks ?? []).some(({ Aliases }) => Aliases?.includes(name));
      if (called && this.#networksOf(taskId).some((network) => mine.includes(network))) return container;
    }
    return undefined;
  }

  #networksOf(taskId: string): readonly string[] {
    return networksOf(this.store.tasks.get(taskId)?.Spec.Networks, this.store);
  }

  #managerView(): ManagerView {
    const nameOfNetwork = (id: string) => this.store.networks.get(id)?.Name ?? '';
    const view = (service: Service): RoutedService => ({
      id: service.ID,
      name: service.Spec.Name,
      labels: service.Spec.Labels,
      networks: networksOf(attachedTo(service.Spec), this.store).map(nameOfNetwork),
      tasks: this.store
        .tasksOf(service.ID)
        .filter(({ Status, DesiredState }) => Status.State === 'running' && DesiredState === 'running')
        .map(({ ID }) => ({
          id: ID,
          networks: this.#networksOf(ID).map(nameOfNetwork),
          dial: (port) => this.agent.live.get(ID)?.dial(port),
        })),
    });
    return { services: () => [...this.store.services.values()].map(view) };
  }
}
