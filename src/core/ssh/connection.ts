import type { Duplex } from 'node:stream';
import type { Client, ClientChannel } from 'ssh2';
import type { Secret } from '../domain/secret.ts';
import { ExpectedError } from '../errors.ts';
import { ChannelStream } from './channel-stream.ts';
import { connectTcp } from './connect-tcp.ts';
import { quoteWords } from './quote.ts';
import { ChannelRefused, channelRefused, connectionLost } from './ssh-errors.ts';
import { destroyOnAbort, withinTime } from './within-time.ts';

/** Where to log in, as whom and with what; paths are absolute. `resolveTarget` makes one. */
export interface SshTarget {
  host: string;
  port: number;
  user: string;
  /** In the order in which they are offered; those that do not exist are passed over. */
  identityFiles: readonly string[];
  agentSocket?: string;
  /** Offer the identity files alone, and nothing else that the agent holds. */
  identitiesOnly?: boolean;
  knownHostsFiles: readonly string[];
  /** The name under which known_hosts has the host, where that is another one. */
  hostKeyAlias?: string;
  /** The host to go through. */
  jump?: SshTarget;
  /** For the TCP connection and for the log-in, each. */
  connectTimeoutMs: number;
}

/** Asks a person; undefined where nobody can be asked or does not want to. Asked again after a wrong answer. */
export type AskPassphrase = (identityFile: string) => Promise<Secret | undefined>;

interface ConnectNeeds {
  signal: AbortSignal;
  askPassphrase?: AskPassphrase;
}

interface SshConnectionParts {
  socket: Duplex;
  host: string;
  jump: SshConnection | undefined;
}

interface ChannelOptions {
  /** Ends the opening, and later the stream. */
  signal: AbortSignal;
}

type ChannelAnswer = (error: Error | undefined, channel: ClientChannel) => void;

const channelTimeoutMs = 15_000;
const goodbyeMs = 1000;

/** One SSH connection, through jump hosts where needed. Streams of a lost connection fail with `connection-lost`. */
export class SshConnection implements AsyncDisposable {
  readonly closed: Promise<void>;
  readonly #client: Client;
  readonly #socket: Duplex;
  readonly #host: string;
  readonly #jump: SshConnection | undefined;
  #lost: ExpectedError | undefined;

  private constructor(client: Client, { socket, host, jump }: SshConnectionParts) {
    this.#client = client;
    this.#socket = socket;
    this.#host = host;
    this.#jump = jump;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    client.on('error', (cause) => {
      if (cause.level !== 'agent') this.#lost ??= connectionLost(`talking to ${host}`, { cause });
    });
    client.on('end', () => socket.destroy()); // a half-closed SSH connection is of no use
    client.on('close', () => {
      this.#lost ??= connectionLost(`talking to ${host}`);
      resolve();
    });
  }

  /**
   * Throws `host-unknown`, `host-refused`, `host-unreachable`, `host-key-unknown`, `host-key-changed`, `key-refused`,
   * `key-locked`, `connection-lost`, `cancelled`. Leaves nothing open when it throws.
   */
  static async connect(target: SshTarget, needs: ConnectNeeds): Promise<SshConnection> {
    const jump = target.jump && (await SshConnection.connect(target.jump, needs));
    try {
      const socket = jump ? await jump.openTcp(target.host, target.port, needs) : await connectTcp(target, needs);
      // Loaded while sshd gets ready to say hello.
      const { logIn } = await import('./log-in.ts');
      const client = await logIn(socket, target, needs);
      const connection = new SshConnection(client, { socket, host: target.host, jump });
      connection.#hurryServer();
      return connection;
    } catch (error) {
      await jump?.[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A stream to a unix socket on the server. Throws `ChannelRefused`, `connection-lost`, `timed-out`, `cancelled`. */
  openSocket(path: string, options: ChannelOptions): Promise<Duplex> {
    return this.#open(`opening ${path} on ${this.#host}`, options, (answer) =>
      this.#client.openssh_forwardOutStreamLocal(path, answer),
    );
  }

  /**
   * A TCP stream as seen from the server. Throws `host-refused` (with `details.forwarding` false where sshd forbids it),
   * `connection-lost`, `timed-out`, `cancelled`.
   */
  async openTcp(host: string, port: number, options: ChannelOptions): Promise<Duplex> {
    const what = `connecting to ${host}:${port} from ${this.#host}`;
    try {
      return await this.#open(what, options, (answer) => this.#client.forwardOut('127.0.0.1', 0, host, port, answer));
    } catch (error) {
      if (!(error instanceof ChannelRefused)) throw error;
      const forwarding = error.reason !== 'prohibited';
      throw new ExpectedError('host-refused', what, {
        why: forwarding
          ? `${this.#host} got no connection to ${host}:${port}.`
          : `sshd on ${this.#host} does not forward TCP connections.`,
        hint: forwarding
          ? `Check on ${this.#host} whether something listens at ${host}:${port}.`
          : `Ask the admin of ${this.#host} to allow it: "AllowTcpForwarding yes" in sshd_config.`,
        details: { host, port, forwarding },
        cause: error,
      });
    }
  }

  /**
   * A program on the server; the stream is its input and output, and fails with `ExecFailure` if the program does.
   * Throws `ChannelRefused`, `connection-lost`, `timed-out`, `cancelled`.
   */
  exec(words: readonly string[], options: ChannelOptions): Promise<Duplex> {
    const program = words[0] ?? '';
    return this.#open(`running ${program} on ${this.#host}`, { ...options, program }, (answer) =>
      this.#client.exec(quoteWords(words), answer),
    );
  }

  /** Says goodbye and closes; streams that are still open fail. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.end();
    // Once it is said: sshd's own end would come a round trip and the clean-up of its session later.
    this.#socket.end(() => this.#socket.destroy());
    const timer = setTimeout(() => this.#socket.destroy(), goodbyeMs);
    await this.closed;
    clearTimeout(timer);
    await this.#jump?.[Symbol.asyncDispose]();
  }

  /**
   * sshd turns Nagle's algorithm off when it starts a program, never for forwarding alone: answers of some kB then wait
   * for an ACK (measured on OpenSSH 9.2: p95 45 ms, 2 ms after any program). Nobody waits for this one.
   */
  #hurryServer(): void {
    this.exec(['true'], { signal: new AbortController().signal }).then(
      (stream) => stream.resume(),
      () => undefined, // who may not start programs lives with the delay
    );
  }

  async #open(
    what: string,
    { signal, program }: ChannelOptions & { program?: string },
    request: (answer: ChannelAnswer) => void,
  ): Promise<ChannelStream> {
    const stream = await withinTime({ what, timeoutMs: channelTimeoutMs, signal }, (opening) =>
      this.#openChannel(what, { opening, program }, request),
    );
    return destroyOnAbort(stream, { signal, what });
  }

  #openChannel(
    what: string,
    { opening, program }: { opening: AbortSignal; program: string | undefined },
    request: (answer: ChannelAnswer) => void,
  ): Promise<ChannelStream> {
    const owner = { lost: () => this.#lost, ...(program !== undefined && { program }) };
    return new Promise((resolve, reject) => {
      if (this.#lost) return reject(this.#lost);
      const answer: ChannelAnswer = (error, channel) => {
        if (error) return reject(this.#lost ?? channelRefused(what, error));
        const stream = new ChannelStream(channel, owner);
        if (opening.aborted)
          stream.destroy(); // it came too late for anybody to want it
        else resolve(stream);
      };
      try {
        request(answer);
      } catch (cause) {
        reject(connectionLost(what, { cause })); // ssh2 throws only when its socket is gone
      }
    });
  }
}
