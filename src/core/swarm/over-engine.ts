import type { Readable } from 'node:stream';
import * as z from 'zod';
import { Secret } from '../domain/secret.ts';
import type { ExpectedError } from '../errors.ts';
import { changeFilters, readChanges } from './changes.ts';
import type { EngineClient, EngineRequest } from './engine-client.ts';
import { EngineFailure } from './engine-failure.ts';
import { isOutOfSequence, readAs, refuse, swarmProblem } from './engine-refusals.ts';
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

const Created = z.object({ ID: z.string() });
/** As dockerd writes it of networks and containers. */
const Made = z.object({ Id: z.string() });
const Ended = z.object({ ExitCode: z.number().nullish() });
const readInfo = (body: unknown) => readAs(EngineInfo, body, "reading Docker's /info");

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
    engineOf?: EngineOfNode;
    /** After which a log that is not followed has ended. */
    silenceMs?: number;
  },
): SwarmGateway {
  const lists = new WeakMap<object, readonly unknown[]>();
  const get = (path: string, query?: EngineRequest['query']) =>
    call({ method: 'GET', path, query }).catch(refuse(`asking Docker for ${path}`));
  const post = (path: string, body: unknown, more: Partial<EngineRequest> = {}) =>
    call({ method: 'POST', path, body, ...more });

  /** What a list says; of one that did not change, the same objects in a fresh array. */
  async function listOf<T>(schema: z.ZodType<T>, path: string, query?: EngineRequest['query']): Promise<T[]> {
    const body = await get(path, query);
    const before = lists.get(body as object) as readonly T[] | undefined;
    const list = before ?? readAs(z.array(schema), body, `reading Docker's ${path}`);
    lists.set(body as object, list);
    return [...list];
  }

  const call = (request: Omit<EngineRequest, 'signal'>) => engine.json({ ...request, signal, explain: whySwarmIsOut });

  /** dockerd says 503 for three different states and 500 without a quorum; only /info tells them apart. */
  async function whySwarmIsOut(failure: EngineFailure): Promise<ExpectedError | undefined> {
    if (isOutOfSequence(failure)) return undefined;
    return swarmProblem(readInfo(await engine.json({ method: 'GET', path: '/info', signal })));
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
    const stream = await engine
      .stream({
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
        explain: whySwarmIsOut,
      })
      .catch(refuse(`reading the log at ${path}`));
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
      const info = readInfo(await get('/info'));
      const problem = swarmProblem(info);
      if (problem) throw problem;
      return info;
    },
    listNodes: () => listOf(Node, '/nodes'),

    listServices: (label) => listOf(Service, '/services', byLabel(label)),
    async createService(spec, options = {}) {
      const body = await post('/services/create', spec, authHeader(options.registryAuth)).catch(
        refuse(`creating the service ${spec.Name}`),
      );
      return readAs(Created, body, 'reading what was created').ID;
    },
    async updateService(service, spec, options = {}) {
      await post(`/services/${service.ID}/update`, spec, {
        query: { version: service.Version.Index, registryAuthFrom: 'spec' },
        ...authHeader(options.registryAuth),
      }).catch(refuse(`updating the service ${service.Spec.Name}`));
    },
    removeService: (id) => remove(`/services/${id}`),
    listTasks: (label) => listOf(Task, '/tasks', byLabel(label)),

    listNetworks: () => listOf(Network, '/networks'),
    async findNetworks(names) {
      // The name filter matches parts of names; they are compared here.
      const found = await listOf(Network, '/networks', { filters: JSON.stringify({ name: names }) });
      return found.filter(({ Name }) => names.includes(Name));
    },
    async createNetwork(network) {
      const body = await post('/networks/create', networkBody(network)).catch(
        refuse(`creating the network ${network.Name}`),
      );
      return readAs(Made, body, 'reading what was created').Id;
    },

    removeNetwork: (id) => remove(`/networks/${id}`),

    listSecrets: (label) => listOf(SecretObject, '/secrets', byLabel(label)),
    async createSecret(name, labels, value) {
      const data = value instanceof Secret ? Buffer.from(value.reveal()) : value;
      const body = await post('/secrets/create', { Name: name, Labels: labels, Data: data.toString('base64') }).catch(
        refuse(`storing the secret ${name}`),
      );
      return readAs(Created, body, 'reading what was created').ID;
    },
    removeSecret: (id) => remove(`/secrets/${id}`),

    listConfigs: (label) => listOf(ConfigObject, '/configs', byLabel(label)),
    async findConfig(name) {
      // The name filter matches prefixes; names are compared here.
      const found = await listOf(ConfigObject, '/configs', { filters: JSON.stringify({ name: [name] }) });
      return found.find((config) => config.Spec.Name === name);
    },
    async createConfig(name, labels, data) {
      try {
        const body = await post('/configs/create', { Name: name, Labels: labels, Data: data.toString('base64') });
        return readAs(Created, body, 'reading what was created').ID;
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
        const body = await node.json({ method: 'GET', path: `/containers/${id}/json`, signal });
        return readAs(ContainerState, body, `reading the container ${id}`);
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
      const what = `running a script in the container ${id}`;
      try {
        const { Id: exec } = readAs(Made, await node.json({ method: 'POST', path, body, signal }), what);
        const start = { Detach: false, Tty: false };
        const stream = await node.upgrade({ method: 'POST', path: `/exec/${exec}/start`, body: start, signal });
        const output = await readFrames(stream, { maxBytes: 1024 * 1024 });
        const state = await node.json({ method: 'GET', path: `/exec/${exec}/json`, signal });
        const { ExitCode } = readAs(Ended, state, what);
        return { exitCode: ExitCode ?? -1, ...output };
      } catch (error) {
        if (error instanceof EngineFailure && (error.status === 404 || error.status === 409)) return undefined;
        return refuse(what)(error);
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
