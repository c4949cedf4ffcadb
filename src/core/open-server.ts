import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import type { Config, ServerConfig } from './config/config.ts';
import { expandHome } from './config/config.ts';
import { parseImageReference } from './domain/image-reference.ts';
import type { Platform } from './domain/platform.ts';
import { Secret } from './domain/secret.ts';
import type { EntryGateway } from './entry/gateway.ts';
import { entryOverTls } from './entry/over-tls.ts';
import { ExpectedError } from './errors.ts';
import { loadPlatform } from './records/platform-record.ts';
import type { RegistryGateway } from './registry/gateway.ts';
import { registryOverHttp } from './registry/over-http.ts';
import type { AskPassphrase } from './ssh/connection.ts';
import { EngineClient } from './swarm/engine-client.ts';
import type { RegistryAuth, SwarmGateway } from './swarm/gateway.ts';
import { defaultDockerSocket, type EngineConnection, openEngine } from './swarm/open-engine.ts';
import { swarmOverEngine } from './swarm/over-engine.ts';

/** One server, reached: its gateways share one connection and end with it. */
export interface Server extends AsyncDisposable {
  readonly name: string;
  readonly config: ServerConfig;
  readonly swarm: SwarmGateway;
  readonly registry: RegistryGateway;
  /** The door of the platform as recorded, or as given; throws `platform-missing`. */
  readonly entry: (platform?: Platform) => Promise<EntryGateway>;
  readonly registryAuth: (image: string) => RegistryAuth | undefined;
  readonly description: string;
}

export interface OpenServerNeeds {
  readonly signal: AbortSignal;
  readonly askPassphrase?: AskPassphrase;
  readonly environment: { home: string; userName: string; sshAuthSock?: string };
}

/** The server of commands that name none: the current one, or the only one. */
export function usualServerOf({ current, servers }: Pick<Config, 'current' | 'servers'>): string | undefined {
  const names = Object.keys(servers);
  return current ?? (names.length === 1 ? names[0] : undefined);
}

/** The named server of the config, or the current one. Throws `server-not-configured`. */
export function chooseServer(config: Config, name: string | undefined): { name: string; server: ServerConfig } {
  const names = Object.keys(config.servers);
  const chosen = name ?? usualServerOf(config);
  const server = chosen === undefined ? undefined : config.servers[chosen];
  if (chosen !== undefined && server) return { name: chosen, server };
  throw new ExpectedError('server-not-configured', chosen ? `looking for the server ${chosen}` : 'choosing a server', {
    why:
      names.length === 0
        ? 'No server is set up on this computer yet.'
        : chosen
          ? `There is none of that name; there are ${names.join(', ')}.`
          : `There are several and none is current: ${names.join(', ')}.`,
    hint:
      names.length === 0
        ? 'Add one: `oforest server add lab swarm.lab.example.edu --user oforest`; or try it all on a pretend one: `oforest --server sandbox list`.'
        : 'Name one with --server, or choose with `oforest server use NAME`.',
  });
}

/** Connects. Throws what keeps us from the server: host, key, Docker rights; nothing is written. */
export async function openServer(
  { name, server, registries = {} }: { name: string; server: ServerConfig; registries?: Config['registries'] },
  needs: OpenServerNeeds,
): Promise<Server> {
  const credentials = await readCredentials(registries, needs.environment.home);
  const connection = await openEngine(server, needs);
  return serverOn(connection, {
    name,
    config: server,
    nodes: openNodes(server, needs),
    credentials,
    signal: needs.signal,
  });
}

/** Streams to a server that are opened by somebody else: the sandbox, when it lives in this process. */
export interface ServerWay {
  readonly name: string;
  /** To dockerd. */
  readonly dial: (options: { signal: AbortSignal }) => Promise<Duplex>;
  /** As the manager opens them. */
  readonly dialTcp: EngineConnection['dialTcp'];
}

/** As `openServer`, without a connection of its own. Lost connections are not waited for. */
export async function openServerOver(
  { name, dial, dialTcp }: ServerWay,
  { signal }: { signal: AbortSignal },
): Promise<Server> {
  const engine = await EngineClient.connect({ dial, maxSockets: 8 }, { signal, retryDelaysMs: [0, 0] });
  const connection: EngineConnection = {
    engine,
    dialTcp,
    forwardsTcp: () => true,
    description: name,
    [Symbol.asyncDispose]: async () => engine[Symbol.dispose](),
  };
  const nodes = { engineOf: async () => undefined, [Symbol.asyncDispose]: async () => undefined };
  return serverOn(connection, { name, config: { socket: defaultDockerSocket }, nodes, credentials: new Map(), signal });
}

function serverOn(
  connection: EngineConnection,
  parts: { name: string; config: ServerConfig; nodes: Nodes; credentials: Credentials; signal: AbortSignal },
): Server {
  const { name, config, nodes, credentials } = parts;
  // Requests that nobody waits for any more end with the server; they would keep the process alive.
  const closing = new AbortController();
  const signal = AbortSignal.any([parts.signal, closing.signal]);
  const swarm = swarmOverEngine(connection.engine, {
    signal,
    engineOf: async (nodeId) => (await nodes.engineOf(nodeId)) ?? connection.engine,
  });
  const authFor = (registry: string): RegistryAuth | undefined => {
    const login = credentials.get(registry);
    return login && { ...login, serveraddress: registry };
  };
  return {
    name,
    config,
    swarm,
    description: connection.description,
    registry: registryOverHttp({
      dial: dialRegistry(connection),
      credentials: (registry) => credentials.get(registry),
    }),
    entry: async (platform) => openEntry(platform ?? (await loadPlatform(swarm)), { swarm, connection, signal }),
    registryAuth: (image) => authFor(parseImageReference(image).registry),
    [Symbol.asyncDispose]: async () => {
      closing.abort(new ExpectedError('cancelled', `leaving ${name}`));
      await nodes[Symbol.asyncDispose]();
      await connection[Symbol.asyncDispose]();
    },
  };
}

interface Nodes extends AsyncDisposable {
  readonly engineOf: (nodeId: string) => Promise<EngineClient | undefined>;
}

/** Workers that the config says how to reach, each connected when it is first needed. */
function openNodes(server: ServerConfig, needs: OpenServerNeeds): Nodes {
  const opened = new Map<string, Promise<EngineConnection>>();
  return {
    async engineOf(nodeId) {
      const node = 'socket' in server ? undefined : server.nodes?.[nodeId];
      if (!node) return undefined;
      const connecting = opened.get(nodeId) ?? openEngine({ ...server, ...node }, needs);
      opened.set(nodeId, connecting);
      return (await connecting).engine;
    },
    async [Symbol.asyncDispose]() {
      for (const connection of await Promise.allSettled(opened.values()))
        if (connection.status === 'fulfilled') await connection.value[Symbol.asyncDispose]();
    },
  };
}

/** From the manager's place in the network, because that is where images are pulled from. */
function dialRegistry(connection: EngineConnection): EngineConnection['dialTcp'] {
  return (host, port, options) => connection.dialTcp(host, port, options);
}

async function openEntry(
  platform: Platform,
  { swarm, connection, signal }: { swarm: SwarmGateway; connection: EngineConnection; signal: AbortSignal },
): Promise<EntryGateway> {
  const forwards = await connection.forwardsTcp();
  return entryOverTls({
    platform,
    address: await entryAddress(platform, { swarm }),
    dial: forwards ? connection.dialTcp : undefined,
    signal,
  });
}

/** Loopback where Traefik runs on the manager we talk to; else that node's address as the Swarm knows it. */
async function entryAddress({ entryNode }: Platform, { swarm }: { swarm: SwarmGateway }): Promise<string> {
  const manager = await swarm.observeManager();
  if (manager.Swarm.NodeID === entryNode) return '127.0.0.1';
  const node = (await swarm.listNodes()).find(({ ID }) => ID === entryNode);
  return node?.Status.Addr ?? '127.0.0.1';
}

type Credentials = Map<string, { username: string; password: Secret }>;

async function readCredentials(registries: NonNullable<Config['registries']>, home: string): Promise<Credentials> {
  const credentials: Credentials = new Map();
  for (const [registry, { username, passwordFile }] of Object.entries(registries)) {
    const file = expandHome(passwordFile, home);
    const text = await readFile(file, 'utf8').catch((cause) => {
      throw new ExpectedError('file-unreadable', `reading the password for ${registry}`, {
        why: `${file} cannot be read.`,
        hint: `Correct registries.${registry}.passwordFile in the config.`,
        cause,
      });
    });
    credentials.set(registry, { username, password: new Secret(text.trim()) });
  }
  return credentials;
}
