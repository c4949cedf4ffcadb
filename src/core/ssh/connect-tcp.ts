import { connect, type Socket } from 'node:net';
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
  return withinTime(limits, (connecting) => {
    const { promise, resolve, reject } = Promise.withResolvers<Socket>();
    const socket = connect({ host, port, noDelay: true });
    const onAbort = () => socket.destroy();
    connecting.addEventListener('abort', onAbort, { once: true });
    socket.on('error', (cause) => reject(tcpFailure(cause, target)));
    socket.once('connect', () => {
      connecting.removeEventListener('abort', onAbort);
      resolve(socket);
    });
    return promise;
  });
}
