import { type Duplex, duplexPair } from 'node:stream';
import type { PostgresCluster } from '../database/postgres-cluster.ts';
import type { Container, ExecIo, ManagerView, Outcome, Program, Running } from '../programs/program.ts';
import type { Timeline } from '../timeline.ts';
import type { Volume } from '../volumes/volume.ts';
import type { ContainerSpec } from './objects.ts';
import { goTime } from './store.ts';

export interface LogEntry {
  /** RFC 3339 with nanoseconds: no two lines of a container share one. */
  at: string;
  stream: 'stdout' | 'stderr';
  text: string;
}

export interface Health {
  Status: 'starting' | 'healthy' | 'unhealthy';
  FailingStreak: number;
  Log: { Start: string; End: string; ExitCode: number; Output: string }[];
}

/** What dockerd knows of a container, while it runs and until it is removed. */
export interface ContainerRecord {
  readonly id: string;
  readonly taskId: string;
  readonly serviceId: string;
  readonly name: string;
  readonly nodeId: string;
  readonly spec: ContainerSpec;
  readonly files: Record<string, string>;
  state: 'created' | 'running' | 'exited';
  exitCode: number;
  error: string;
  oomKilled: boolean;
  startedAt: string;
  finishedAt: string;
  health?: Health;
  log: LogEntry[];
}

/** What a container finds around it; the model gives it. */
export interface Surroundings {
  readonly timeline: Timeline;
  readonly random: (length: number) => string;
  dial(from: ContainerRecord, serviceName: string, port: number): Duplex | undefined;
  postgres(from: ContainerRecord, serviceName: string): PostgresCluster | undefined;
  clusterOn(volume: string): PostgresCluster;
  volumeOn(nodeId: string, name: string, labels?: Record<string, string>): Volume;
  manager(): ManagerView;
}

const noTime = '0001-01-01T00:00:00Z';

export function makeRecord(
  parts: Pick<ContainerRecord, 'id' | 'taskId' | 'serviceId' | 'name' | 'nodeId' | 'spec' | 'files'>,
): ContainerRecord {
  return {
    ...parts,
    state: 'created',
    exitCode: 0,
    error: '',
    oomKilled: false,
    startedAt: noTime,
    finishedAt: noTime,
    log: [],
  };
}

/** A container that runs; told once when it has ended. */
export class LiveContainer {
  readonly record: ContainerRecord;
  readonly running: Running;
  readonly ended: Promise<void>;
  readonly #timeline: Timeline;
  readonly #onEnd = Promise.withResolvers<void>();
  readonly #listeners = new Set<(entry: LogEntry) => void>();
  #lines = 0;

  constructor(
    record: ContainerRecord,
    program: Program,
    around: Surroundings,
    { resumed, onWrite }: { resumed: boolean; onWrite: () => void },
  ) {
    this.record = record;
    this.#timeline = around.timeline;
    this.ended = this.#onEnd.promise;
    record.state = 'running';
    if (!resumed) record.startedAt = goTime(around.timeline.now());
    for (const { Type, Source = '', VolumeOptions } of record.spec.Mounts ?? [])
      if (Type === 'volume') around.volumeOn(record.nodeId, Source, VolumeOptions?.Labels);
    const mountsSocket = (record.spec.Mounts ?? []).some(({ Source }) => Source === '/var/run/docker.sock');
    const view: Container = {
      id: record.id,
      image: record.spec.Image,
      words: [...(record.spec.Command ?? []), ...(record.spec.Args ?? [])],
      variables: new Map((record.spec.Env ?? []).map(nameAndValue)),
      files: new Map(Object.entries(record.files).map(([path, data]) => [path, Buffer.from(data, 'base64')])),
      volumes: new Map(
        (record.spec.Mounts ?? [])
          .filter(({ Type }) => Type === 'volume')
          .map(({ Target, Source }) => [Target ?? '', Source ?? '']),
      ),
      timeline: around.timeline,
      resumed,
      random: around.random,
      print: (line, stream = 'stdout') => {
        this.#print(line, stream);
        onWrite();
      },
      keep: (path, bytes) => {
        record.files[path] = bytes.toString('base64');
        onWrite();
      },
      exit: (code) => this.#end(code),
      dial: (serviceName, port) => around.dial(record, serviceName, port),
      postgres: (serviceName) => around.postgres(record, serviceName),
      clusterOn: (volume) => around.clusterOn(volume),
      volume: (name) => around.volumeOn(record.nodeId, name),
      manager: mountsSocket ? around.manager() : undefined,
    };
    this.running = program(view);
    // It may have ended while it started, before it could be told.
    if (!this.isRunning) this.#close();
  }

  get isRunning(): boolean {
    return this.record.state === 'running';
  }

  /** A connection to one of its ports; undefined where nothing listens. */
  dial(port: number): Duplex | undefined {
    if (!this.isRunning || !this.running.accept) return undefined;
    const [near, far] = duplexPair();
    return this.running.accept(port, far) ? near : undefined;
  }

  async exec(words: readonly string[], io?: ExecIo): Promise<Outcome> {
    const missing = {
      exitCode: 127,
      stdout: '',
      stderr: `exec: "${words[0] ?? ''}": executable file not found in $PATH`,
    };
    return (await this.running.exec?.(words, io)) ?? missing;
  }

  /** SIGTERM, and SIGKILL after the grace period. */
  async stop(graceMs: number): Promise<void> {
    if (!this.isRunning) return;
    const tooLate = this.#timeline.after(graceMs, () => this.kill());
    this.running.terminate?.();
    await this.ended;
    tooLate();
  }

  kill(exitCode = 137): void {
    this.#end(exitCode);
  }

  onLine(listener: (entry: LogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #print(line: string, stream: LogEntry['stream']): void {
    this.#lines = (this.#lines + 1) % 1_000_000;
    const at = goTime(this.#timeline.now()).replace(/\d{6}Z$/, `${String(this.#lines).padStart(6, '0')}Z`);
    const entry = { at, stream, text: line };
    this.record.log.push(entry);
    if (this.record.log.length > maxLines) this.record.log.shift();
    for (const listener of this.#listeners) listener(entry);
  }

  #end(exitCode: number): void {
    const { record } = this;
    if (record.state !== 'running') return;
    record.state = 'exited';
    record.exitCode = exitCode;
    record.finishedAt = goTime(this.#timeline.now());
    // Docker calls every ended container unhealthy (measured on 20.10).
    if (record.health) record.health.Status = 'unhealthy';
    // Undefined while it ends inside its own start.
    if (this.running) this.#close();
    this.#listeners.clear();
    this.#onEnd.resolve();
  }

  #close(): void {
    const { startError = '', oomKilled = false } = this.running;
    this.record.error = startError;
    this.record.oomKilled = oomKilled;
    this.running.end?.();
  }
}

const maxLines = 5_000;

function nameAndValue(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

/** `GET /containers/{id}/json`, as far as anyone reads it. */
export function inspected(
  record: ContainerRecord,
  { Labels, Networks }: { Labels: Record<string, string>; Networks: Record<string, unknown> },
): Record<string, unknown> {
  const { id, name, state, exitCode, error, oomKilled, startedAt, finishedAt, health, spec } = record;
  return {
    Id: id,
    Created: startedAt,
    Path: spec.Command?.[0] ?? '',
    Args: [...(spec.Command ?? []).slice(1), ...(spec.Args ?? [])],
    Name: `/${name}`,
    RestartCount: 0,
    Image: spec.Image,
    State: {
      Status: state,
      Running: state === 'running',
      Paused: false,
      Restarting: false,
      OOMKilled: oomKilled,
      Dead: false,
      Pid: state === 'running' ? 4711 : 0,
      ExitCode: exitCode,
      Error: error,
      StartedAt: startedAt,
      FinishedAt: finishedAt,
      ...(health && { Health: health }),
    },
    Config: {
      Image: spec.Image,
      Env: spec.Env ?? [],
      Cmd: spec.Args ?? null,
      Entrypoint: spec.Command ?? null,
      Labels,
    },
    NetworkSettings: { Networks },
  };
}
