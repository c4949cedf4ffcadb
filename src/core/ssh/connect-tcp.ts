import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { hostUnreachable, tcpFailure } from './ssh-errors.ts';
import { withinTime } from './within-time.ts';

interface TcpTarget {
  host: string;
  port: number;
  connectTimeoutMs: number;
}

/** Throws `host-unknown`, `host-refused`, `host-unreachable`, `connection-lost`, `cancelled`. */
export function connectTcp(target: TcpTarget, { signal }: { signal: AbortSignal }): Promise<Socket> {
  const { host, port, connectTimeoutMs: timeoutMs } = target;
  const limits = { what: `connecting to ${host}`, timeoutMs, signal, onTimeout: () => hostUnreachable(target) };
  return withinTime(limits, (connecting) =>
    connectSocket({ host, port, noDelay: true }, { signal: connecting, failure: (cause) => tcpFailure(cause, target) }),
  );
}

/** A socket once it is connected. The signal closes it until whoever asked has it: after that, nobody would. */
export function connectSocket(
  to: NetConnectOpts,
  { signal, failure }: { signal: AbortSignal; failure: (cause: NodeJS.ErrnoException) => Error },
): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(to);
  signal.addEventListener('abort', () => socket.destroy(), { once: true });
  socket.on('error', (cause) => reject(failure(cause)));
  socket.once('connect', () => resolve(socket));
  return promise;
}
