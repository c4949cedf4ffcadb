import type { Duplex } from 'node:stream';
import type { Secret } from '../domain/secret.ts';

export interface SshTarget {
  host: string;
  port: number;
  user: string;
  identityFiles: readonly string[];
  agentSocket?: string;
  knownHostsFiles: readonly string[];
  jump?: SshTarget;
  connectTimeoutMs: number;
}

export type AskPassphrase = (identityFile: string) => Promise<Secret | undefined>;

export class SshConnection implements AsyncDisposable {
  readonly closed: Promise<void> = Promise.resolve();

  static async connect(
    _target: SshTarget,
    _needs: { signal: AbortSignal; askPassphrase?: AskPassphrase },
  ): Promise<SshConnection> {
    throw new Error('not built yet');
  }

  async openSocket(_path: string, _options: { signal: AbortSignal }): Promise<Duplex> {
    throw new Error('not built yet');
  }

  async openTcp(_host: string, _port: number, _options: { signal: AbortSignal }): Promise<Duplex> {
    throw new Error('not built yet');
  }

  async exec(_words: readonly string[], _options: { signal: AbortSignal }): Promise<Duplex> {
    throw new Error('not built yet');
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}
