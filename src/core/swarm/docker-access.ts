import { ExpectedError } from '../errors.ts';
import type { ExecFailure } from '../ssh/channel-stream.ts';

/** Where dockerd's socket is, and who asks for it. */
export interface SocketPlace {
  path: string;
  user: string;
  /** The server's name, or "this computer". */
  host: string;
}

export function dockerDenied({ path, user, host }: SocketPlace, cause?: unknown): ExpectedError {
  return new ExpectedError('docker-denied', `opening ${path} on ${host}`, {
    why: `The user ${user} may not use Docker there.`,
    hint: `Run "sudo usermod -aG docker ${user}" on ${host}, log out there, and try again.`,
    details: { host, path, user },
    cause,
  });
}

export function dockerUnreachable(
  { path, host }: SocketPlace,
  { why, hint, cause }: { why?: string; hint?: string; cause?: unknown } = {},
): ExpectedError {
  return new ExpectedError('docker-unreachable', `opening ${path} on ${host}`, {
    why: why ?? 'dockerd does not run there, or has its socket elsewhere.',
    hint: hint ?? `Run "sudo systemctl start docker" on ${host}, or correct the socket's path in the config.`,
    details: { host, path },
    cause,
  });
}

/** A unix socket of this computer that could not be opened, by Node's error code. */
export function localSocketFailure(cause: NodeJS.ErrnoException, place: SocketPlace): ExpectedError {
  return cause.code === 'EACCES' || cause.code === 'EPERM'
    ? dockerDenied(place, cause)
    : dockerUnreachable(place, { cause });
}

/** `docker system dial-stdio` gave up. */
export function dialerFailed(what: string, cause: ExecFailure): ExpectedError {
  const lastLine = cause.stderr.trim().split('\n').at(-1);
  return new ExpectedError('docker-unreachable', what, {
    why: `"docker system dial-stdio" ended on the server${lastLine ? `: ${lastLine}` : '.'}`,
    hint: 'Check with "docker version" on the server whether dockerd runs.',
    cause,
  });
}
