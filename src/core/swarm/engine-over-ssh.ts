import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { Secret } from '../domain/secret.ts';
import { ExpectedError } from '../errors.ts';
import { ExecFailure } from '../ssh/channel-stream.ts';
import { type AskPassphrase, SshConnection, type SshTarget } from '../ssh/connection.ts';
import { ChannelRefused } from '../ssh/ssh-errors.ts';
import { cancelledError, withinTime } from '../ssh/within-time.ts';
import { dockerDenied, dockerUnreachable, type SocketPlace } from './docker-access.ts';
import type { EngineWay } from './engine-client.ts';

interface DialOptions {
  signal: AbortSignal;
}

const pooledSockets = 8;
/** Of the 10 sessions that sshd allows on one connection (MaxSessions); the rest is for logs, events and exec. */
const pooledSessions = 6;
const probeTimeoutMs = 15_000;

/**
 * The way to a dockerd behind sshd: one connection, made anew when it is lost, and a forwarded stream for each socket.
 * Where sshd does not forward, each socket is a `docker system dial-stdio`.
 */
export class EngineOverSsh implements EngineWay, AsyncDisposable {
  readonly #target: SshTarget;
  readonly #place: SocketPlace;
  readonly #askForLogin: (() => AskPassphrase) | undefined;
  readonly #ending = new AbortController();
  #connection: Promise<SshConnection> | undefined;
  #probing: Promise<SocketState> | undefined;
  #forwardsTcp: Promise<boolean> | undefined;
  #forwardsSockets = true;

  constructor(target: SshTarget, { path, askPassphrase }: { path: string; askPassphrase?: AskPassphrase | undefined }) {
    this.#target = target;
    this.#place = { path, user: target.user, host: target.host };
    this.#askForLogin = askPassphrase && rememberingAnswers(askPassphrase);
  }

  get maxSockets(): number {
    return this.#forwardsSockets ? pooledSockets : pooledSessions;
  }

  /** The one connection, shared by all who ask; one who is cancelled leaves it to the others. */
  async connect({ signal }: DialOptions): Promise<SshConnection> {
    const { host } = this.#target;
    if (this.#ending.signal.aborted) throw cancelledError(this.#ending.signal, `connecting to ${host}`);
    this.#connection ??= this.#start();
    const connection = this.#connection;
    return withoutLimit(signal, `connecting to ${host}`, connection);
  }

  /** Throws what connecting throws, `docker-denied`, `docker-unreachable`, `timed-out`, `cancelled`. */
  async dial(options: DialOptions): Promise<Duplex> {
    const ssh = await this.connect(options);
    if (!this.#forwardsSockets) return this.#dialStdio(ssh, options);
    try {
      return await ssh.openSocket(this.#place.path, options);
    } catch (error) {
      if (!(error instanceof ChannelRefused)) throw error;
      await this.#explain(ssh, options, error);
    }
    // dockerd answers there: sshd does not forward, or dockerd has only just come back.
    try {
      return await ssh.openSocket(this.#place.path, options);
    } catch (error) {
      if (!(error instanceof ChannelRefused)) throw error;
      this.#forwardsSockets = false;
      return this.#dialStdio(ssh, options);
    }
  }

  async dialTcp(host: string, port: number, options: DialOptions): Promise<Duplex> {
    return (await this.connect(options)).openTcp(host, port, options);
  }

  /** Asks sshd once, for a port at which nothing listens. */
  forwardsTcp(): Promise<boolean> {
    this.#forwardsTcp ??= this.#probeTcp().catch((error: unknown) => {
      this.#forwardsTcp = undefined;
      throw error;
    });
    return this.#forwardsTcp;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    const ssh = await this.#connection?.catch(() => undefined);
    await ssh?.[Symbol.asyncDispose]();
  }

  #start(): Promise<SshConnection> {
    const connecting = SshConnection.connect(this.#target, {
      signal: this.#ending.signal,
      ...(this.#askForLogin && { askPassphrase: this.#askForLogin() }),
    });
    const forget = () => {
      if (this.#connection === connecting) this.#connection = undefined;
    };
    connecting.then((ssh) => ssh.closed.then(forget), forget);
    return connecting;
  }

  #dialStdio(ssh: SshConnection, options: DialOptions): Promise<Duplex> {
    const words = ['docker', '--host', `unix://${this.#place.path}`, 'system', 'dial-stdio'];
    return ssh.exec(words, options).catch((cause: unknown) => {
      if (!(cause instanceof ChannelRefused)) throw cause;
      throw dockerUnreachable(this.#place, {
        why: 'sshd does not forward sockets, and refused one more session.',
        hint: `Ask the admin of ${this.#place.host} for "AllowStreamLocalForwarding yes", or a higher MaxSessions, in sshd_config.`,
        cause,
      });
    });
  }

  /** OpenSSH refuses alike whatever the reason; this returns only where dockerd answers at the socket. */
  async #explain(ssh: SshConnection, { signal }: DialOptions, cause: ChannelRefused): Promise<void> {
    const place = this.#place;
    this.#probing ??= probeSocket(ssh, place.path, this.#ending.signal).finally(() => {
      this.#probing = undefined;
    });
    const state = await withoutLimit(signal, `opening ${place.path} on ${place.host}`, this.#probing);
    if (state === 'answers') return;
    if (state === 'denied') throw dockerDenied(place, cause);
    if (state === 'missing' || state === 'silent') throw dockerUnreachable(place, { cause });
    throw dockerUnreachable(place, {
      why:
        state === 'no-docker'
          ? 'sshd does not forward sockets, and there is no docker command to use instead.'
          : 'sshd neither forwards sockets nor runs commands for us.',
      hint: `Ask the admin of ${place.host} for "AllowStreamLocalForwarding yes" in sshd_config.`,
      cause,
    });
  }

  async #probeTcp(): Promise<boolean> {
    const signal = this.#ending.signal;
    try {
      (await this.dialTcp('127.0.0.1', 1, { signal })).destroy();
      return true;
    } catch (error) {
      if (error instanceof ExpectedError && error.code === 'host-refused' && 'forwarding' in error.details) {
        return error.details.forwarding === true;
      }
      throw error;
    }
  }
}

const socketStates = ['missing', 'denied', 'no-docker', 'silent', 'answers'] as const;
/** `unanswered`: we may not run commands. */
type SocketState = (typeof socketStates)[number] | 'unanswered';

const probeScript = [
  'if [ ! -e "$1" ]; then echo missing',
  'elif [ ! -r "$1" ] || [ ! -w "$1" ]; then echo denied',
  'elif ! command -v docker >/dev/null; then echo no-docker',
  'elif docker --host "unix://$1" version >/dev/null 2>&1; then echo answers',
  'else echo silent; fi',
].join('; ');

async function probeSocket(ssh: SshConnection, path: string, signal: AbortSignal): Promise<SocketState> {
  try {
    const printed = await withinTime({ what: `looking at ${path}`, timeoutMs: probeTimeoutMs, signal }, async (inner) =>
      text(await ssh.exec(['sh', '-c', probeScript, 'sh', path], { signal: inner })),
    );
    return socketStates.find((state) => state === printed.trim()) ?? 'unanswered';
  } catch (error) {
    if (error instanceof ChannelRefused || error instanceof ExecFailure) return 'unanswered';
    throw error;
  }
}

/** Waits for what others wait for too, until the signal aborts. */
async function withoutLimit<T>(signal: AbortSignal, what: string, shared: Promise<T>): Promise<T> {
  if (signal.aborted) throw cancelledError(signal, what);
  const { promise: cancelled, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(cancelledError(signal, what));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([shared, cancelled]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** For each login: a passphrase that was typed once serves again, unless it turns out to be wrong. */
function rememberingAnswers(ask: AskPassphrase): () => AskPassphrase {
  const answers = new Map<string, Secret>();
  return () => {
    const given = new Set<string>();
    return async (file) => {
      const answer = (given.has(file) ? undefined : answers.get(file)) ?? (await ask(file));
      given.add(file);
      if (answer) answers.set(file, answer);
      return answer;
    };
  };
}
