import http, { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { ExpectedError } from '../errors.ts';
import { destroyOnAbort } from '../ssh/within-time.ts';
import { hostAndPort } from './registry-address.ts';
import { certificateUntrusted, dialFailed, type Subject, unreachable } from './registry-errors.ts';

/** A TCP stream to a host, as seen from where images are pulled. */
export type Dial = (host: string, port: number, options: { signal: AbortSignal }) => Promise<Duplex>;

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface ExchangeNeeds {
  dial: Dial;
  subject: Subject;
  signal: AbortSignal;
}

/** Manifests and configs are some kilobytes; what is larger is none. */
const maxBodyBytes = 4 * 1024 * 1024;

/** One GET over a stream of its own, which is gone afterwards. Throws `registry-unreachable`, `cancelled`. */
export async function exchange(
  { url, headers }: { url: URL; headers: Record<string, string> },
  { dial, subject, signal }: ExchangeNeeds,
): Promise<Answer> {
  const { host, port } = hostAndPort(url);
  const place = `${host}:${port}`;
  const stream = await dial(host, port, { signal }).catch((cause) => {
    throw isCancelled(cause) ? cause : dialFailed(subject, { place, cause });
  });
  destroyOnAbort(stream, { signal, what: `asking ${place}` });
  let wire: Duplex = stream;
  try {
    if (url.protocol === 'https:') {
      const secured = await tlsOver(stream, host);
      wire = secured;
      await handshake(secured, { place, subject });
    }
    const { status, answer } = await ask(wire, { url, headers });
    return { status, headers: answer.headers, body: await readBody(answer, { place, subject }) };
  } catch (cause) {
    if (cause instanceof ExpectedError) throw cause;
    throw unreachable(subject, { why: `The connection to ${place} broke before the answer was complete.`, cause });
  } finally {
    wire.destroy();
    stream.destroy();
  }
}

async function tlsOver(stream: Duplex, host: string): Promise<TLSSocket> {
  const tls = await import('node:tls'); // here: Node takes long to load it, and most commands need none
  const secured = tls.connect({
    socket: stream,
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: true, // whatever the environment says: a password may follow
  });
  secured.on('error', () => undefined); // one that comes late must not end the process
  return secured;
}

async function handshake(secured: TLSSocket, { place, subject }: { place: string; subject: Subject }) {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const failed = (cause?: NodeJS.ErrnoException) => {
    const isCertificate = Boolean(secured.authorizationError);
    const why = `${place} does not speak TLS with us.`;
    if (isCancelled(cause)) reject(cause);
    else if (isCertificate)
      reject(certificateUntrusted(subject, { place, code: cause?.code ?? String(secured.authorizationError), cause }));
    else reject(unreachable(subject, { why, hint: `Check the port of ${place}: HTTPS must answer there.`, cause }));
  };
  secured.once('secureConnect', resolve);
  secured.once('error', failed);
  secured.once('close', () => failed());
  await promise;
}

/** Without an agent: that would open connections of its own, and keep them. */
function ask(wire: Duplex, { url, headers }: { url: URL; headers: Record<string, string> }) {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; answer: IncomingMessage }>();
  const request = http.request({
    createConnection: () => wire as Socket,
    method: 'GET',
    path: `${url.pathname}${url.search}`,
    headers: { host: url.host, 'user-agent': 'oforest', ...headers },
  });
  request.on('error', reject);
  request.once('response', (answer) => resolve({ status: answer.statusCode ?? 0, answer }));
  request.end();
  return promise;
}

async function readBody(
  answer: IncomingMessage,
  { place, subject }: { place: string; subject: Subject },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBodyBytes)
      throw unreachable(subject, { why: `${place} sends more than 4 MiB where a few kB belong.` });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function isCancelled(error: unknown): boolean {
  return error instanceof ExpectedError && error.code === 'cancelled';
}
