import type { Readable } from 'node:stream';
import * as z from 'zod';
import { Secret } from '../domain/secret.ts';
import { ExpectedError } from '../errors.ts';
import { changeFilters, readChanges } from './changes.ts';
import { type EngineClient, EngineFailure, type EngineRequest } from './engine-client.ts';
import {
  ConfigObject,
  ContainerState,
  EngineInfo,
  Network,
  Node,
  SecretObject,
  Service,
  Task,
} from './engine-types.ts';
import { readFrames, readLogLines } from './frames.ts';
import type { LabelFilter, LogOptions, NetworkSpec, RegistryAuth, SwarmGateway } from './gateway.ts';

/** A dump of the largest study we know of, over the slowest line that is of use. */
const uploadTimeoutMs = 6 * 60 * 60_000;

/** The dockerd of a node: the manager's own where the config names no other way there. */
export type EngineOfNode = (nodeId: string) => Promise<EngineClient>;

/** The gateway to a real dockerd; lives as long as the engine's connection, cancelled by the one signal. */
export function swarmOverEngine(
  engine: EngineClient,
  {
    signal,
    engineOf = async () => engine,
    silenceMs = 5_000,
  }: {
    signal: AbortSignal;
    engineOf?: EngineOfNode /** After which a log that is not followed has ended. */;
    silenceMs?: number;
  },
): SwarmGateway {
  const lists = new WeakMap<object, readonly unknown[]>();
  const get = (path: string, query?: EngineRequest['query']) =>
    call({ method: 'GET', path, query }).catch(refuse(`asking Docker for ${path}`));
  const post = (path: string, body: unknown, more: Partial<EngineRequest> = {}) =>
    call({ method: 'POST', path, body, ...more });

  /** What a list says; of one that did not change, the same objects in a fresh array. */
  function listOf<T>(schema: z.ZodType<T>, body: unknown): T[] {
    const before = lists.get(body as object) as readonly T[] | undefined;
    const list = before ?? z.array(schema).parse(body);
    lists.set(body as object, list);
    return [...list];
  }

  async function call(request: Omit<EngineRequest, 'signal'>): Promise<unknown> {
    try {
      return await engine.json({ ...request, signal });
    } catch (error) {
      if (!(error instanceof EngineFailure)) throw error;
      const mayBeSwarm = error.status >= 500 && !isOutOfSequence(error);
      throw mayBeSwarm ? ((await whySwarmIsOut()) ?? error) : error;
    }
  }

  /** dockerd says 503 for three different states and 500 without a quorum; only /info tells them apart. */
  async function whySwarmIsOut(): Promise<ExpectedError | undefined> {
    const info = EngineInfo.parse(await engine.json({ method: 'GET', path: '/info', signal }));
    return swarmProblem(info);
  }

  async function remove(path: string): Promise<boolean> {
    try {
      await call({ method: 'DELETE', path });
      return true;
    } catch (error) {
      if (error instanceof EngineFailure && error.status === 404) return false;
      return refuse(`removing ${path}`)(error);
    }
  }

  async function* log(path: string, options: LogOptions) {
    const stream = await engine.stream({
      method: 'GET',
      path,
      query: {
        stdout: true,
        stderr: true,
        timestamps: true,
        follow: options.follow ?? false,
        tail: options.tail === undefined ? 'all' : String(options.tail),
        since: options.since,
      },
      signal: options.signal ? AbortSignal.any([signal, options.signal]) : signal,
    });
    try {
      yield* readLogLines(options.follow ? stream : untilSilent(stream, silenceMs));
    } finally {
      stream.destroy();
    }
  }

  /** Others keep configs in the Swarm as well; ours are told by their names, because events carry no labels. */
  async function* changes(stream: Readable, asked: AbortSignal) {
    try {
      for await (const change of readChanges(stream))
        if (change.kind !== 'config' || change.name.startsWith('of.')) yield change;
    } catch (error) {
      if (!asked.aborted) throw error;
    } finally {
      stream.destroy();
    }
  }

  return {
    apiVersion: engine.apiVersion,

    async ping() {
      await call({ method: 'GET', path: '/_ping' });
    },
    async followChanges({ signal: asked }) {
      const stream = await engine
        .stream({
          method: 'GET',
          path: '/events',
          query: { filters: changeFilters },
          signal: AbortSignal.any([asked, signal]),
        })
        .catch(refuse('following what changes on the Swarm'));
      return changes(stream, asked);
    },

    async observeManager() {
      const info = EngineInfo.parse(await get('/info'));
      const problem = swarmProblem(info);
      if (problem) throw problem;
      return info;
    },
    listNodes: async () => listOf(Node, await get('/nodes')),

    listServices: async (label) => listOf(Service, await get('/services', byLabel(label))),
    async createService(spec, options = {}) {
      const body = await post('/services/create', spec, authHeader(options.registryAuth)).catch(
        refuse(`creating the service ${spec.Name}`),
      );
      return z.object({ ID: z.string() }).parse(body).ID;
    },
    async updateService(service, spec, options = {}) {
      await post(`/services/${service.ID}/update`, spec, {
        query: { version: service.Version.Index, registryAuthFrom: 'spec' },
        ...authHeader(options.registryAuth),
      }).catch(refuse(`updating the service ${service.Spec.Name}`));
    },
    removeService: (id) => remove(`/services/${id}`),
    listTasks: async (label) => listOf(Task, await get('/tasks', byLabel(label))),

    listNetworks: async () => listOf(Network, await get('/networks')),
    async findNetworks(names) {
      // The name filter matches parts of names; they are compared here.
      const found = listOf(Network, await get('/networks', { filters: JSON.stringify({ name: names }) }));
      return found.filter(({ Name }) => names.includes(Name));
    },
    async createNetwork(network) {
      const body = await post('/networks/create', networkBody(network)).catch(
        refuse(`creating the network ${network.Name}`),
      );
      return z.object({ Id: z.string() }).parse(body).Id;
    },

    removeNetwork: (id) => remove(`/networks/${id}`),

    listSecrets: async (label) => listOf(SecretObject, await get('/secrets', byLabel(label))),
    async createSecret(name, labels, value) {
      const data = value instanceof Secret ? Buffer.from(value.reveal()) : value;
      const body = await post('/secrets/create', { Name: name, Labels: labels, Data: data.toString('base64') }).catch(
        refuse(`storing the secret ${name}`),
      );
      return z.object({ ID: z.string() }).parse(body).ID;
    },
    removeSecret: (id) => remove(`/secrets/${id}`),

    listConfigs: async (label) => listOf(ConfigObject, await get('/configs', byLabel(label))),
    async findConfig(name) {
      // The name filter matches prefixes; names are compared here.
      const found = listOf(ConfigObject, await get('/configs', { filters: JSON.stringify({ name: [name] }) }));
      return found.find((config) => config.Spec.Name === name);
    },
    async createConfig(name, labels, data) {
      try {
        const body = await post('/configs/create', { Name: name, Labels: labels, Data: data.toString('base64') });
        return z.object({ ID: z.string() }).parse(body).ID;
      } catch (error) {
        if (error instanceof EngineFailure && error.status === 409) return undefined;
        return refuse(`storing the record ${name}`)(error);
      }
    },
    async relabelConfig(config, labels) {
      try {
        await post(
          `/configs/${config.ID}/update`,
          { Name: config.Spec.Name, Labels: labels, Data: config.Spec.Data.toString('base64') },
          { query: { version: config.Version.Index } },
        );
        return true;
      } catch (error) {
        if (isOutOfSequence(error)) return false;
        return refuse(`writing the record ${config.Spec.Name}`)(error);
      }
    },
    removeConfig: (id) => remove(`/configs/${id}`),

    serviceLog: (id, options) => log(`/services/${id}/logs`, options),
    taskLog: (id, options) => log(`/tasks/${id}/logs`, options),

    async inspectContainer({ id, nodeId }) {
      const node = await engineOf(nodeId);
      try {
        return ContainerState.parse(await node.json({ method: 'GET', path: `/containers/${id}/json`, signal }));
      } catch (error) {
        if (error instanceof EngineFailure && error.status === 404) return undefined;
        return refuse(`looking at the container ${id}`)(error);
      }
    },

    async removeVolume({ name, nodeId }) {
      const node = await engineOf(nodeId);
      try {
        await node.json({ method: 'DELETE', path: `/volumes/${name}`, signal });
        return true;
      } catch (error) {
        if (error instanceof EngineFailure && error.status === 404) return false;
        return refuse(`removing the volume ${name}`)(error);
      }
    },

    async readFile({ id, nodeId }, path) {
      const [node, { onlyFileOf }] = await Promise.all([engineOf(nodeId), import('./file-archive.ts')]);
      const archive = { method: 'GET', path: `/containers/${id}/archive`, query: { path }, signal } as const;
      try {
        return await onlyFileOf(await node.stream(archive));
      } catch (error) {
        if (error instanceof EngineFailure && error.status === 404) return undefined;
        return refuse(`reading ${path} in the container ${id}`)(error);
      }
    },
    async writeFile({ id, nodeId }, { folder, ...file }) {
      const [node, { archiveOf }] = await Promise.all([engineOf(nodeId), import('./file-archive.ts')]);
      try {
        await node.json({
          method: 'PUT',
          path: `/containers/${id}/archive`,
          query: { path: folder },
          upload: archiveOf(file),
          signal,
          timeoutMs: uploadTimeoutMs,
        });
        return true;
      } catch (error) {
        if (error instanceof EngineFailure && error.status === 404) return false;
        return refuse(`writing ${file.name} in the container ${id}`)(error);
      }
    },

    async exec({ id, nodeId }, words) {
      const node = await engineOf(nodeId);
      const body = { AttachStdout: true, AttachStderr: true, Cmd: words };
      const path = `/containers/${id}/exec`;
      try {
        const exec = z.object({ Id: z.string() }).parse(await node.json({ method: 'POST', path, body, signal })).Id;
        const start = { Detach: false, Tty: false };
        const stream = await node.upgrade({ method: 'POST', path: `/exec/${exec}/start`, body: start, signal });
        const output = await readFrames(stream, { maxBytes: 1024 * 1024 });
        const state = await node.json({ method: 'GET', path: `/exec/${exec}/json`, signal });
        const { ExitCode } = z.object({ ExitCode: z.number().nullish() }).parse(state);
        return { exitCode: ExitCode ?? -1, ...output };
      } catch (error) {
        if (error instanceof EngineFailure && (error.status === 404 || error.status === 409)) return undefined;
        return refuse(`running a script in the container ${id}`)(error);
      }
    },
  };
}

/**
 * dockerd 20.10 at times never ends the log of a service when a container of one of its tasks is gone (its own client
 * hangs there too): a log that is not followed has ended when nothing more comes.
 */
async function* untilSilent(stream: Readable, silenceMs: number): AsyncGenerator<Buffer, void, void> {
  const chunks = stream[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  for (;;) {
    const silence = Promise.withResolvers<undefined>();
    const timer = setTimeout(silence.resolve, silenceMs, undefined);
    const next = await Promise.race([chunks.next(), silence.promise]).finally(() => clearTimeout(timer));
    if (!next || next.done) return;
    yield next.value;
  }
}

function byLabel({ label, value }: LabelFilter): { filters: string } {
  return { filters: JSON.stringify({ label: [value === undefined ? label : `${label}=${value}`] }) };
}

function authHeader(auth: RegistryAuth | undefined): { headers?: Record<string, string> } {
  if (!auth) return {};
  const { username, password, serveraddress } = auth;
  const json = JSON.stringify({ username, password: password.reveal(), serveraddress });
  return { headers: { 'X-Registry-Auth': Buffer.from(json).toString('base64url') } };
}

function networkBody({ Name, Labels, Internal, Subnet }: NetworkSpec) {
  return {
    Name,
    Labels,
    Internal,
    CheckDuplicate: true,
    Driver: 'overlay',
    Scope: 'swarm',
    ...(Subnet && { IPAM: { Driver: 'default', Config: [{ Subnet }] } }),
  };
}

function swarmProblem({ Swarm }: EngineInfo): ExpectedError | undefined {
  const asking = 'asking the Docker Swarm';
  if (Swarm.Error !== '' && Swarm.LocalNodeState !== 'inactive')
    return new ExpectedError('quorum-lost', asking, {
      why: `Its managers have no majority or cannot be reached: ${Swarm.Error}`,
      now: 'Containers keep running; nothing can be changed until a majority of the managers is back.',
      hint: 'Start the missing managers, then try again.',
    });
  if (Swarm.LocalNodeState !== 'active')
    return new ExpectedError('swarm-inactive', asking, {
      why: 'Docker runs here, but Swarm mode is off.',
      hint: 'Run `docker swarm init` on the server once.',
    });
  if (!Swarm.ControlAvailable)
    return new ExpectedError('not-a-manager', asking, {
      why: 'This node is a worker of the Swarm; only a manager can answer.',
      hint: 'Put the host of a manager into the config (`docker node ls` on a manager names them).',
    });
  return undefined;
}

/** Swarm answers a stale version with HTTP 500 and this text only (measured on 20.10; unchanged in current source). */
function isOutOfSequence(error: unknown): boolean {
  return error instanceof EngineFailure && error.reason.includes('update out of sequence');
}

function refuse(what: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof EngineFailure)) throw error;
    if (isOutOfSequence(error))
      throw new ExpectedError('version-conflict', what, {
        why: 'Somebody else changed it at the same moment.',
        hint: 'Run the command again; it starts from what is there now.',
        cause: error,
      });
    throw new ExpectedError('engine-refused', what, {
      why: `Docker refused: ${error.reason}`,
      details: { status: error.status },
      cause: error,
    });
  };
}
