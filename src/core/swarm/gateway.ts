import type { Secret } from '../domain/secret.ts';
import type { SwarmChange } from './changes.ts';
import type {
  ConfigObject,
  ContainerState,
  EngineInfo,
  Labels,
  Network,
  Node,
  SecretObject,
  Service,
  ServiceSpec,
  Task,
} from './engine-types.ts';

/**
 * What we ask of a Swarm manager. Every call ends with the signal the gateway was opened with, has a time limit, and
 * throws an ExpectedError that says what dockerd objected to. Lists take one label, because dockerd answers two values
 * of the same key at random (measured, safety M 22).
 */
export interface SwarmGateway {
  readonly apiVersion: string;

  /** Returns when dockerd answers at all, whatever its Swarm is like. */
  ping(): Promise<void>;
  /**
   * What changes on the Swarm from when this returns: every service, every node, and the configs that are records of
   * oForest. Ends with the signal and with dockerd; throws `connection-lost` where the connection ends first.
   */
  followChanges(options: { signal: AbortSignal }): Promise<AsyncIterable<SwarmChange>>;

  /** The manager we talk to, with its own clock; throws `swarm-inactive`, `not-a-manager` or `quorum-lost`. */
  observeManager(): Promise<EngineInfo>;
  listNodes(): Promise<readonly Node[]>;

  listServices(label: LabelFilter): Promise<readonly Service[]>;
  createService(spec: ServiceSpec, options?: { registryAuth?: RegistryAuth }): Promise<string>;
  /** Throws `version-conflict` when somebody else wrote the service since it was read. */
  updateService(
    service: Service,
    spec: ServiceSpec | Service['Spec'],
    options?: { registryAuth?: RegistryAuth },
  ): Promise<void>;
  /** False when it was gone already. */
  removeService(id: string): Promise<boolean>;
  listTasks(label: LabelFilter): Promise<readonly Task[]>;

  /** All that the manager knows, local bridges included: whose subnets are taken. */
  listNetworks(): Promise<readonly Network[]>;
  /** Those that exist, by exact name. */
  findNetworks(names: readonly string[]): Promise<readonly Network[]>;
  createNetwork(network: NetworkSpec): Promise<string>;
  /** False when it was gone already; throws `engine-refused` while a task uses it. */
  removeNetwork(id: string): Promise<boolean>;

  listSecrets(label: LabelFilter): Promise<readonly SecretObject[]>;
  createSecret(name: string, labels: Labels, value: Secret | Buffer): Promise<string>;
  removeSecret(id: string): Promise<boolean>;

  listConfigs(label: LabelFilter): Promise<readonly ConfigObject[]>;
  /** By exact name; undefined when there is none. */
  findConfig(name: string): Promise<ConfigObject | undefined>;
  /** Undefined when the name is taken: creation has exactly one winner. */
  createConfig(name: string, labels: Labels, data: Buffer): Promise<string | undefined>;
  /** Compare-and-set: false when somebody else wrote it since it was read. */
  relabelConfig(config: ConfigObject, labels: Labels): Promise<boolean>;
  removeConfig(id: string): Promise<boolean>;

  /** Lines of a service's retained tasks, in the order dockerd gives them. */
  serviceLog(serviceId: string, options: LogOptions): AsyncIterable<LogLine>;
  taskLog(taskId: string, options: LogOptions): AsyncIterable<LogLine>;

  /** Undefined when the container is gone, or runs on a node that the config does not say how to reach. */
  inspectContainer(container: ContainerOnNode): Promise<ContainerState | undefined>;
  /** False when it was gone already, or is on a node that the config does not say how to reach. */
  removeVolume(volume: { name: string; nodeId: string }): Promise<boolean>;
  /** One file of a container, mounted volumes included; undefined as above, and when there is no such file. */
  readFile(container: ContainerOnNode, path: string): Promise<FileStream | undefined>;
  /** Writes one file into a folder of a container; false as above. */
  writeFile(container: ContainerOnNode, file: { folder: string; name: string } & FileStream): Promise<boolean>;

  /** Runs words in a container; undefined as above. Output is capped at 1 MiB. For reading only. */
  exec(container: ContainerOnNode, words: readonly string[]): Promise<ExecResult | undefined>;
}

export interface FileStream {
  readonly bytes: number;
  readonly content: AsyncIterable<Uint8Array>;
}

/** dockerd knows the containers of its own node alone. */
export interface ContainerOnNode {
  readonly id: string;
  readonly nodeId: string;
}

export interface LabelFilter {
  readonly label: string;
  readonly value?: string;
}

export interface RegistryAuth {
  readonly username: string;
  readonly password: Secret;
  readonly serveraddress: string;
}

export interface NetworkSpec {
  Name: string;
  Labels: Labels;
  Internal: boolean;
  Subnet?: string;
}

export interface LogOptions {
  readonly follow?: boolean;
  readonly tail?: number;
  /** Unix seconds. */
  readonly since?: number;
  /** Ends this one log, beside the gateway's own. */
  readonly signal?: AbortSignal;
}

export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  /** RFC 3339 with nanoseconds, as dockerd stamped it. */
  readonly at: string;
  /** As the application wrote it: pass it through safeText and maskParticipants before anyone sees it. */
  readonly text: string;
}

export interface ExecResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
