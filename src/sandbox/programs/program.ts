import type { Duplex } from 'node:stream';
import type { PostgresCluster } from '../database/postgres-cluster.ts';
import type { Timeline } from '../timeline.ts';
import type { Volume } from '../volumes/volume.ts';

/** What an image does when Swarm starts it: called once for each container. */
export type Program = (container: Container) => Running;

/** The world as a program inside a container sees it. */
export interface Container {
  /** 64 hexadecimal digits. */
  readonly id: string;
  /** The image as the service names it. */
  readonly image: string;
  /** `Command` and `Args` of the service; empty where the image's own entry point runs. */
  readonly words: readonly string[];
  readonly variables: ReadonlyMap<string, string>;
  /** Secrets and configs by absolute path: `/run/secrets/OTREE_REST_KEY`. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Names of volumes by mount point. */
  readonly volumes: ReadonlyMap<string, string>;
  readonly timeline: Timeline;
  /** A container that ran when the sandbox was last closed: it goes on, and does not start anew. */
  readonly resumed: boolean;
  /** Numbers and letters for tokens and codes; driven by a seed in tests. */
  random(length: number): string;
  /** A line of its log. */
  print(line: string, stream?: 'stdout' | 'stderr'): void;
  /** Writes a file that goes with the container. */
  keep(path: string, bytes: Buffer): void;
  /** The program ends by itself; nothing happens when it has ended already. */
  exit(code: number): void;
  /** A TCP connection to a service on a network shared with this container; undefined where nothing listens. */
  dial(serviceName: string, port: number): Duplex | undefined;
  /** The Postgres that runs behind a service name; undefined while none is up, or none can be reached from here. */
  postgres(serviceName: string): PostgresCluster | undefined;
  /** Data of all Postgres containers that used this volume: it outlives them. */
  clusterOn(volume: string): PostgresCluster;
  /** The files of a volume by its name. */
  volume(name: string): Volume;
  /** The manager, for a container that mounts Docker's socket. */
  readonly manager: ManagerView | undefined;
}

/** What Traefik reads of a Swarm. */
export interface ManagerView {
  services(): readonly RoutedService[];
}

export interface RoutedService {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the networks it is on. */
  readonly networks: readonly string[];
  /** Opens a connection to its running tasks' port; empty while none runs (healthy, where it has a health check). */
  readonly tasks: readonly { id: string; networks: readonly string[]; dial(port: number): Duplex | undefined }[];
}

/** A program that runs. */
export interface Running {
  /** Takes a TCP connection to one of its ports; false where nothing listens. */
  accept?(port: number, stream: Duplex): boolean;
  /** What the health check of the service finds at this moment, and how long it took; default: exit code 0 at once. */
  probe?(test: readonly string[]): Outcome & { afterMs?: number };
  /** Runs words beside the program, as `docker exec` does. Default: exit code 127. */
  exec?(words: readonly string[], io?: ExecIo): Outcome | Promise<Outcome>;
  /** SIGTERM. It ends by `container.exit`; what does not is killed after the grace period. */
  terminate?(): void;
  /** It is gone: whatever it still waits for has to be taken back. */
  end?(): void;
  readonly postgres?: PostgresCluster;
  /** Why it could not be started at all, in the words of the container runtime; it has exited then. */
  readonly startError?: string;
  /** It was ended for using more memory than it may. */
  readonly oomKilled?: boolean;
}

/** For a program that answers while it runs, beside what its outcome says. */
export interface ExecIo {
  /** The listener gets what comes, and undefined at the end of it. */
  onInput(listener: (chunk: Buffer | undefined) => void): void;
  write(text: string, stream?: 'stdout' | 'stderr'): void;
}

export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}
