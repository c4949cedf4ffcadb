import { ExpectedError } from '../errors.ts';

interface Address {
  host: string;
  port: number;
}

/** The server refused to open a channel (RFC 4254, section 5.1), or to start a program on one. */
export class ChannelRefused extends Error {
  override readonly name = 'ChannelRefused';
  /**
   * `prohibited` is sshd's configuration; `connect-failed` may be that too: OpenSSH answers so for a unix socket that
   * is missing, closed to the user, or not to be forwarded, and for one session too many.
   */
  readonly reason: 'prohibited' | 'connect-failed' | 'shortage' | 'unsupported' | 'request-denied';

  constructor(what: string, { reason, cause }: { reason: ChannelRefused['reason']; cause: unknown }) {
    super(`${what}: refused (${reason})`, { cause });
    this.reason = reason;
  }
}

const channelReasons = { 1: 'prohibited', 2: 'connect-failed', 3: 'unsupported', 4: 'shortage' } as const;

export function channelRefused(what: string, cause: unknown): ChannelRefused {
  const code = (cause as { reason?: unknown }).reason;
  const reason = channelReasons[code as keyof typeof channelReasons] ?? 'request-denied';
  return new ChannelRefused(what, { reason, cause });
}

/** A TCP connection that could not be made, by Node's error code. */
export function tcpFailure(cause: unknown, { host, port }: Address): ExpectedError {
  const what = `connecting to ${host}`;
  const code = String((cause as NodeJS.ErrnoException).code ?? '');
  const details = { host, port, ...(code !== '' && { errno: code }) };
  if (code === 'ENOTFOUND' || code.startsWith('EAI_')) {
    return new ExpectedError('host-unknown', what, {
      why: `No address is known for the name ${host}.`,
      hint: 'Check the spelling of host in the config, and your VPN: some names are known inside only.',
      details,
      cause,
    });
  }
  if (code === 'ECONNREFUSED') {
    return new ExpectedError('host-refused', what, {
      why: `Nothing accepts connections at port ${port}.`,
      hint: 'Check port in the config, and ask the admin whether sshd is running.',
      details,
      cause,
    });
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') return connectionLost(what, { cause, details });
  return hostUnreachable({ host, port }, cause);
}

export function hostUnreachable({ host, port }: Address, cause?: unknown): ExpectedError {
  const errno = (cause as NodeJS.ErrnoException | undefined)?.code;
  return new ExpectedError('host-unreachable', `connecting to ${host}`, {
    why: `There was no answer from port ${port}.`,
    hint: 'Check the network and the VPN, or correct host and port in the config.',
    details: { host, port, ...(errno !== undefined && { errno }) },
    cause,
  });
}

/** Something answered, and it is no sshd, or one that does not want us now. */
export function notSsh({ host, port }: Address, cause: unknown): ExpectedError {
  return new ExpectedError('host-refused', `connecting to ${host}`, {
    why: `What answers at port ${port} ended the SSH handshake${cause instanceof Error ? ` (${cause.message})` : ''}.`,
    hint: 'Check port in the config; after many failed logins wait some minutes, sshd then refuses for a while.',
    details: { host, port },
    cause,
  });
}

export function connectionLost(
  what: string,
  { cause, details }: { cause?: unknown; details?: Record<string, string | number> } = {},
): ExpectedError {
  return new ExpectedError('connection-lost', what, {
    why: 'The connection ended in the middle.',
    hint: 'Check the network, then run the same command again.',
    ...(details && { details }),
    cause,
  });
}
