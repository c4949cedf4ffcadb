import type { Duplex } from 'node:stream';

/** Node's HTTP parts ask their sockets for things that a plain stream has not. Returns the same stream. */
export function asSocket(stream: Duplex): Duplex {
  for (const name of ['setTimeout', 'setNoDelay', 'setKeepAlive', 'ref', 'unref'] as const)
    if (!(name in stream)) Object.defineProperty(stream, name, { value: () => stream });
  if (!('destroySoon' in stream)) Object.defineProperty(stream, 'destroySoon', { value: () => void stream.end() });
  return stream;
}
