import type { Duplex } from 'node:stream';
import ssh2, { type Algorithms, type Client } from 'ssh2';
import type { ExpectedError } from '../errors.ts';
import type { AskPassphrase, SshTarget } from './connection.ts';
import { hostKeyProblem, loadKnownKeys } from './host-key.ts';
import { KeyRing } from './key-ring.ts';
import { orderHostKeyAlgorithms } from './known-hosts.ts';
import { connectionLost, hostUnreachable, notSsh, tcpFailure } from './ssh-errors.ts';
import { cancelledError } from './within-time.ts';

const keepAliveIntervalMs = 15_000;
const keepAliveTries = 4;

/** ssh2 knows more, but these are the ones that it can check and that are still considered safe. */
const hostKeyAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

interface LogInNeeds {
  signal: AbortSignal;
  askPassphrase?: AskPassphrase;
}

/**
 * Speaks SSH over `socket` until the user is logged in. The socket is destroyed when that fails.
 * Throws `host-key-unknown`, `host-key-changed`, `key-refused`, `key-locked`, `host-refused`, `host-unreachable`,
 * `connection-lost`, `cancelled`.
 */
export async function logIn(socket: Duplex, target: SshTarget, { signal, askPassphrase }: LogInNeeds): Promise<Client> {
  const what = `logging in to ${target.host}`;
  const client = new ssh2.Client();
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const clock = new PausableTimer(target.connectTimeoutMs, () => reject(hostUnreachable(target)));
  const onAbort = () => reject(cancelledError(signal, what));
  signal.addEventListener('abort', onAbort, { once: true });

  let hostKeyFailure: ExpectedError | undefined;
  let sawHandshake = false;
  // The time that a person takes to type is not the server's.
  const askOffTheClock: AskPassphrase | undefined = askPassphrase && ((file) => clock.pausedFor(askPassphrase(file)));

  try {
    const [knownKeys, ring] = await Promise.race([
      Promise.all([loadKnownKeys(target), KeyRing.load(target, askOffTheClock && { askPassphrase: askOffTheClock })]),
      failed,
    ]);
    const ready = new Promise<void>((resolve) => client.once('ready', resolve));
    client.on('handshake', () => {
      sawHandshake = true;
    });
    client.on('error', (error) => {
      if (error.level === 'agent') return; // one key did not sign; ssh2 goes on to the next
      if (hostKeyFailure) reject(hostKeyFailure);
      else if (!sawHandshake)
        reject(error.level === 'client-socket' ? tcpFailure(error, target) : notSsh(target, error));
      else if (refusesUs(error)) reject(ring.refusal(target, error));
      else reject(connectionLost(what, { cause: error }));
    });
    client.on('close', () => reject(sawHandshake ? connectionLost(what) : notSsh(target, undefined)));
    if (signal.aborted) onAbort();
    if (socket.destroyed) throw notSsh(target, socket.errored ?? undefined);

    client.connect({
      sock: socket as never, // typed as Readable, used as Duplex
      username: target.user,
      readyTimeout: 0, // ours stops while a passphrase is typed
      keepaliveInterval: keepAliveIntervalMs,
      keepaliveCountMax: keepAliveTries,
      algorithms: {
        serverHostKey: orderHostKeyAlgorithms(hostKeyAlgorithms, knownKeys) as Algorithms['serverHostKey'],
      } as Algorithms,
      hostVerifier: (offered: Buffer) => {
        hostKeyFailure = hostKeyProblem(offered, { target, knownKeys });
        return hostKeyFailure === undefined;
      },
      authHandler: offerOnce(target.user, ring),
    });
    await Promise.race([ready, failed]);
    return client;
  } catch (error) {
    client.on('error', () => undefined);
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  } finally {
    clock.stop();
    signal.removeEventListener('abort', onAbort);
  }
}

/** All keys are used up, or sshd said goodbye with a reason code: too many tries. */
function refusesUs(error: Error & { level?: string; code?: unknown }): boolean {
  return error.level === 'client-authentication' || typeof error.code === 'number';
}

/** Keys, and nothing else: oForest never sends a password. */
function offerOnce(username: string, agent: KeyRing) {
  let offered = false;
  return () => {
    if (offered) return false as never;
    offered = true;
    return { type: 'agent' as const, username, agent };
  };
}

class PausableTimer {
  readonly #timeoutMs: number;
  readonly #onTimeout: () => void;
  #timer: NodeJS.Timeout;
  #stopped = false;

  constructor(timeoutMs: number, onTimeout: () => void) {
    this.#timeoutMs = timeoutMs;
    this.#onTimeout = onTimeout;
    this.#timer = setTimeout(onTimeout, timeoutMs);
  }

  /** Starts anew once the wait is over. */
  async pausedFor<T>(wait: Promise<T>): Promise<T> {
    clearTimeout(this.#timer);
    try {
      return await wait;
    } finally {
      if (!this.#stopped) this.#timer = setTimeout(this.#onTimeout, this.#timeoutMs);
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
