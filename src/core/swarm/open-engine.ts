import type { Duplex } from 'node:stream';
import type { ServerConfig } from '../config/config.ts';
import type { AskPassphrase } from '../ssh/connection.ts';
import type { EngineClient } from './engine-client.ts';

export interface EngineConnection extends AsyncDisposable {
  readonly engine: EngineClient;
  /** A TCP stream as seen from the manager. Throws `host-refused`, `connection-lost`. */
  readonly dialTcp: (host: string, port: number, options: { signal: AbortSignal }) => Promise<Duplex>;
  /** Whether the way there forwards TCP at all. */
  readonly forwardsTcp: () => Promise<boolean> | boolean;
  /** `oforest@swarm.lab.example.edu` or `unix:///var/run/docker.sock` */
  readonly description: string;
}

export interface OpenEngineNeeds {
  signal: AbortSignal;
  askPassphrase?: AskPassphrase;
  environment: { home: string; userName: string; sshAuthSock?: string };
}

export async function openEngine(_server: ServerConfig, _needs: OpenEngineNeeds): Promise<EngineConnection> {
  throw new Error('not built yet');
}
