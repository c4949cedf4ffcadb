import type { Duplex } from 'node:stream';
import { expandHome, type ServerConfig, type SshServerConfig } from '../config/config.ts';
import { connectSocket, connectTcp } from '../ssh/connect-tcp.ts';
import type { AskPassphrase } from '../ssh/connection.ts';
import { loadSshConfig } from '../ssh/load-ssh-config.ts';
import { resolveTarget } from '../ssh/resolve-target.ts';
import { withinTime } from '../ssh/within-time.ts';
import { localSocketFailure } from './docker-access.ts';
import { EngineClient, type EngineWay } from './engine-client.ts';
import { EngineOverSsh } from './engine-over-ssh.ts';

export interface EngineConnection extends AsyncDisposable {
  readonly engine: EngineClient;
  /** A TCP stream as seen from the manager. Throws `host-refused`, `connection-lost` and the like. */
  readonly dialTcp: (host: string, port: number, options: { signal: AbortSignal }) => Promise<Duplex>;
  /** Whether the way there forwards TCP at all. */
  readonly forwardsTcp: () => Promise<boolean> | boolean;
  /** `oforest@swarm.lab.example.edu` or `unix:///var/run/docker.sock` */
  readonly description: string;
}

export interface OpenEngineNeeds {
  /** For the opening; each request has its own. */
  signal: AbortSignal;
  askPassphrase?: AskPassphrase;
  environment: { home: string; userName: string; sshAuthSock?: string };
}

export const defaultDockerSocket = '/var/run/docker.sock';
const socketTimeoutMs = 10_000;
const tcpTimeoutMs = 15_000;

/**
 * Connects to a server's dockerd and agrees on a version of its API. Throws what `SshConnection.connect` does,
 * `docker-denied`, `docker-unreachable`, `engine-unsupported`, `config-invalid`. Leaves nothing open when it throws.
 */
export function openEngine(server: ServerConfig, needs: OpenEngineNeeds): Promise<EngineConnection> {
  return 'socket' in server ? openLocalEngine(server.socket, needs) : openRemoteEngine(server, needs);
}

async function openLocalEngine(path: string, { signal, environment }: OpenEngineNeeds): Promise<EngineConnection> {
  const place = { path, user: environment.userName, host: 'this computer' };
  const way: EngineWay = {
    maxSockets: 8,
    dial: (options) =>
      withinTime({ what: `opening ${path}`, timeoutMs: socketTimeoutMs, ...options }, (connecting) =>
        connectSocket({ path }, { signal: connecting, failure: (cause) => localSocketFailure(cause, place) }),
      ),
  };
  const engine = await EngineClient.connect(way, { signal });
  return {
    engine,
    description: `unix://${path}`,
    dialTcp: (host, port, options) => connectTcp({ host, port, connectTimeoutMs: tcpTimeoutMs }, options),
    forwardsTcp: () => true,
    [Symbol.asyncDispose]: async () => engine[Symbol.dispose](),
  };
}

async function openRemoteEngine(server: SshServerConfig, needs: OpenEngineNeeds): Promise<EngineConnection> {
  const { signal, askPassphrase, environment } = needs;
  const { home } = environment;
  const { identityFile, knownHostsFile, dockerSocket: path = defaultDockerSocket, host, port, user } = server;
  const endpoint = {
    host,
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    ...(identityFile !== undefined && { identityFile: expandHome(identityFile, home) }),
    ...(knownHostsFile !== undefined && { knownHostsFile: expandHome(knownHostsFile, home) }),
  };
  const target = resolveTarget(endpoint, { ...environment, sources: loadSshConfig(home) });
  const way = new EngineOverSsh(target, { path, askPassphrase });
  try {
    await way.connect({ signal }); // a person may have to type a passphrase, which no request should wait for
    const engine = await EngineClient.connect(way, { signal });
    return {
      engine,
      description: `${target.user}@${server.host}${target.port === 22 ? '' : `:${target.port}`}`,
      dialTcp: (tcpHost, tcpPort, options) => way.dialTcp(tcpHost, tcpPort, options),
      forwardsTcp: () => way.forwardsTcp(),
      [Symbol.asyncDispose]: async () => {
        engine[Symbol.dispose]();
        await way[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await way[Symbol.asyncDispose]();
    throw error;
  }
}
