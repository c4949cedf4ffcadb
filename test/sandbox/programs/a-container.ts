import { type Duplex, duplexPair } from 'node:stream';
import { PostgresCluster } from '../../../src/sandbox/database/postgres-cluster.ts';
import type { Container, Program, Running } from '../../../src/sandbox/programs/program.ts';
import { type DrivenTimeline, drivenTimeline } from '../../../src/sandbox/timeline.ts';
import { Volumes } from '../../../src/sandbox/volumes/volumes.ts';

interface Surroundings {
  readonly words?: readonly string[];
  readonly variables?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly volumes?: Readonly<Record<string, string>>;
  readonly timeline?: DrivenTimeline;
  readonly resumed?: boolean;
  /** Clusters of volumes, shared by the containers of a test. */
  readonly clusters?: Map<string, PostgresCluster>;
  /** Files of volumes, shared likewise. */
  readonly storage?: Volumes;
  /** What runs behind the names of services. */
  readonly neighbours?: () => Readonly<Record<string, Running | undefined>>;
}

export interface StartedContainer {
  readonly running: Running;
  readonly timeline: DrivenTimeline;
  /** Its log, line by line. */
  readonly log: string[];
  /** Undefined while it runs. */
  readonly exitCode: number | undefined;
  /** SIGKILL. */
  kill(): void;
  /** A connection to one of its ports. */
  dial(port: number): Duplex | undefined;
}

/** Starts a program as a container of the sandbox would, on a timeline that the test drives. */
export function startContainer(
  program: Program,
  {
    words = [],
    variables = {},
    files = {},
    volumes = {},
    timeline = drivenTimeline(),
    resumed = false,
    clusters = new Map(),
    storage = new Volumes(() => timeline.now()),
    neighbours = () => ({}),
  }: Surroundings = {},
): StartedContainer {
  const log: string[] = [];
  let exitCode: number | undefined;
  let running: Running | undefined;
  let made = 0;
  const exit = (code: number) => {
    if (exitCode !== undefined) return;
    exitCode = code;
    running?.end?.();
  };
  const container: Container = {
    id: 'c0ffee'.padEnd(64, '0'),
    image: 'samples/trust-game:v1',
    words,
    variables: new Map(Object.entries(variables)),
    files: new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])),
    volumes: new Map(Object.entries(volumes)),
    timeline,
    resumed,
    random(length) {
      made += 1;
      return made.toString(36).padStart(length, 'abcdefghijkmnopq').slice(-length);
    },
    print: (line) => void log.push(line),
    keep: () => undefined,
    exit,
    dial: () => undefined,
    postgres: (name) => neighbours()[name]?.postgres,
    clusterOn(volume) {
      const cluster = clusters.get(volume) ?? new PostgresCluster(timeline);
      clusters.set(volume, cluster);
      return cluster;
    },
    volume: (name) => storage.on('node', name),
    manager: undefined,
  };
  running = program(container);
  if (exitCode !== undefined) running.end?.();
  const started = running;
  return {
    running,
    timeline,
    log,
    get exitCode() {
      return exitCode;
    },
    kill: () => exit(137),
    dial(port) {
      if (exitCode !== undefined) return undefined;
      const [near, far] = duplexPair();
      return started.accept?.(port, far) ? near : undefined;
    },
  };
}
