import { type Duplex, duplexPair } from 'node:stream';
import { asSocket } from './doors/as-socket.ts';
import { registryDoor } from './doors/registry-door.ts';
import type { ApiVersion } from './engine/engine-facts.ts';
import { type EngineServer, engineServer } from './engine/engine-server.ts';
import { type Fault, randomNumbers } from './engine/faults.ts';
import type { SandboxImage } from './images/image.ts';
import { ImageStore } from './images/image-store.ts';
import { type SwarmJson, SwarmModel } from './swarm/swarm-model.ts';
import type { Timeline } from './timeline.ts';

export interface SandboxOptions {
  readonly timeline: Timeline;
  readonly images: readonly SandboxImage[];
  /** Decides every id; the same seed, the same sandbox. */
  readonly seed: number;
  readonly apiVersion?: ApiVersion;
  readonly nodes?: readonly { hostname: string; memoryBytes?: number }[];
  /** What `toJSON` of an earlier sandbox gave. */
  readonly saved?: SandboxJson;
  /** Told after every change that is worth keeping. */
  readonly onWrite?: () => void;
}

export interface SandboxJson {
  readonly swarm: SwarmJson;
  readonly held: readonly string[];
}

/** A whole server in memory: reached through the doors, by real clients. */
export interface Sandbox {
  readonly model: SwarmModel;
  readonly engine: EngineServer;
  readonly images: ImageStore;
  readonly timeline: Timeline;
  /** A connection to `/var/run/docker.sock`. */
  dialDocker(): Duplex;
  /** A connection as the manager would open it: to its own published ports and to the registry; undefined: refused. */
  dialTcp(host: string, port: number): Duplex | undefined;
  toJSON(): SandboxJson;
}

export const registryPort = 5000;

export function createSandbox(options: SandboxOptions): Sandbox {
  const { timeline, images, seed, apiVersion, nodes, saved, onWrite } = options;
  const random = randomLetters(saved ? seed + saved.swarm.store.index : seed);
  const store = new ImageStore(timeline, images, saved?.held);
  const model = new SwarmModel(
    { timeline, random, images: store, ...(nodes && { nodes }), ...(onWrite && { onWrite }) },
    saved?.swarm,
  );
  const engine = engineServer({
    model,
    ...(apiVersion && { apiVersion }),
    strike: (fault) => strike(fault, { model, store }),
  });
  const registry = registryDoor(() => store.images);
  return {
    model,
    engine,
    images: store,
    timeline,
    dialDocker() {
      const [near, far] = duplexPair();
      engine.accept(far);
      return asSocket(near);
    },
    dialTcp(host, port) {
      if (!isHere(host)) return undefined;
      if (port !== registryPort) {
        const stream = model.dialHost(port);
        return stream && asSocket(stream);
      }
      if (!store.registryIsUp) return undefined;
      const [near, far] = duplexPair();
      registry.accept(far);
      return asSocket(near);
    },
    toJSON: () => ({ swarm: model.toJSON(), held: [...store.held] }),
  };
}

function isHere(host: string): boolean {
  return host === 'localhost' || host.startsWith('127.') || host.endsWith('.localhost');
}

/** What a fault does to the world. */
function strike(fault: Fault, { model, store }: { model: SwarmModel; store: ImageStore }): void {
  switch (fault.kind) {
    case 'pull-failure':
      store.held.clear();
      store.failPulls(fault.ms);
      return;
    case 'disk-full':
      store.fillDisk(fault.ms);
      return;
    case 'volume-trouble': {
      const end = model.volumes.trouble(fault.volume, fault.trouble);
      if (fault.ms !== undefined) model.store.timeline.after(fault.ms, end);
      return;
    }
    case 'clock-jump':
      model.store.shiftClock(fault.ms);
      return;
    case 'task-crash':
      for (const task of model.store.tasks.values())
        if (model.store.services.get(task.ServiceID)?.Spec.Name.endsWith(fault.service)) model.agent.crash(task, 139);
      return;
    default:
      return;
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';

function randomLetters(seed: number): (length: number) => string {
  const next = randomNumbers(seed);
  return (length) => Array.from({ length }, () => letters[Math.floor(next() * letters.length)]).join('');
}
