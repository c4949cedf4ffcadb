import http from 'node:http';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import type { Platform } from '../domain/platform.ts';
import { ExpectedError } from '../errors.ts';
import type { EntryAnswer, EntryGateway, EntryRequest } from './gateway.ts';

const maxBodyBytes = 256 * 1024;
const timeoutMs = 15_000;

type Dial = (host: string, port: number, options: { signal: AbortSignal }) => Promise<Duplex>;

/**
 * Requests to the entry point with the experiment's host as name. `dial` reaches `address` through the manager; without
 * it the public name is asked. A certificate counts as trusted by the system's store or by the platform's own chain.
 */
export function entryOverTls({
  platform,
  address,
  dial,
  signal,
}: {
  platform: Platform;
  /** Of the entry node, as the manager sees it. */
  address: string;
  dial: Dial | undefined;
  signal: AbortSignal;
}): EntryGateway {
  const port = platform.tls.mode === 'none' ? platform.httpPort : platform.httpsPort;
  const path = dial ? 'forwarded' : 'public';

  async function connect(host: string): Promise<Duplex> {
    const stream = dial ? await dial(address, port, { signal }) : await dialPublic(host, port, signal);
    return platform.tls.mode === 'none' ? stream : await secure(stream, host, platform);
  }

  return {
    async request(request) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      const socket = await connect(request.host);
      try {
        return { ...(await exchange(request, socket, limit)), path };
      } catch (error) {
        if (signal.aborted || !limit.aborted) throw error;
        throw new ExpectedError('timed-out', `asking ${request.host} for ${request.path}`, {
          why: `No answer within ${timeoutMs / 1000} s.`,
          cause: error,
        });
      } finally {
        socket.destroy();
      }
    },
  };
}

function dialPublic(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, signal, timeout: timeoutMs });
    socket.once('connect', () => resolve(socket.setTimeout(0)));
    socket.once('timeout', () => socket.destroy(new Error(`no connection within ${timeoutMs / 1000} s`)));
    socket.once('error', (cause) =>
      reject(
        new ExpectedError('host-unreachable', `connecting to https://${host}:${port}`, {
          why: `The public address does not answer from here (${cause.message}).`,
          hint: 'Check the DNS record and the firewall of the server.',
          cause,
        }),
      ),
    );
  });
}

async function secure(stream: Duplex, host: string, platform: Platform): Promise<TLSSocket> {
  const tls = await import('node:tls'); // here: Node takes long to load it, and most commands need none
  const own = platform.tls.mode === 'files' ? [platform.tls.chain] : [];
  const ca = [...tls.getCACertificates('default'), ...tls.getCACertificates('system'), ...own];
  return new Promise((resolve, reject) => {
    // A chain that ends in an intermediate is enough: the platform's admin gave it to us by hand.
    const socket = tls.connect({ socket: stream, servername: host, ca, allowPartialTrustChain: true });
    socket.once('secureConnect', () => resolve(socket));
    socket.once('error', (cause: Error & { code?: string }) => {
      stream.destroy();
      reject(
        new ExpectedError('certificate-untrusted', `opening https://${host}`, {
          why: `The certificate is not valid for this name or not trusted (${cause.code ?? cause.message}).`,
          hint: 'Give the platform a certificate for its domain: `oforest server prepare NAME --tls-cert F --tls-key F`.',
          cause,
        }),
      );
    });
  });
}

function exchange(request: EntryRequest, socket: Duplex, signal: AbortSignal): Promise<Omit<EntryAnswer, 'path'>> {
  const { host, path, method = 'GET', headers = {}, body } = request;
  return new Promise((resolve, reject) => {
    const sent = http.request({
      method,
      path,
      headers: {
        host,
        'user-agent': 'oforest',
        ...headers,
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      },
      // Without an agent: one given as `false` would open a connection of its own.
      createConnection: () => socket as net.Socket,
      signal,
    });
    sent.once('error', reject);
    sent.once('response', async (answer) => {
      try {
        const parts: Buffer[] = [];
        let bytes = 0;
        for await (const part of answer as AsyncIterable<Buffer>) {
          bytes += part.length;
          if (bytes <= maxBodyBytes) parts.push(part);
        }
        resolve({
          status: answer.statusCode ?? 0,
          headers: flat(answer.headers),
          body: Buffer.concat(parts).toString('utf8'),
        });
      } catch (error) {
        reject(error as Error);
      }
    });
    sent.end(body);
  });
}

function flat(headers: http.IncomingHttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(name === 'set-cookie' ? '\n' : ', ') : (value ?? ''),
    ]),
  );
}
