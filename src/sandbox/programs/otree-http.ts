import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** A request, as the pages of a study see it. */
export interface Visit {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  /** `https://trust.lab.example.edu`, as the visitor sees it: oTree builds its links from that. */
  readonly baseUrl: string;
  /** Kept in a signed cookie; what is written here goes back with the answer. */
  readonly cookie: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const html = (body: string, status = 200): Answer => ({
  status,
  body,
  headers: { 'content-type': 'text/html; charset=utf-8' },
});
export const text = (body: string, status = 200): Answer => ({
  status,
  body,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
});
export const json = (value: unknown): Answer => ({
  status: 200,
  body: JSON.stringify(value),
  headers: { 'content-type': 'application/json' },
});
export const csv = (body: string, name: string): Answer => ({
  status: 200,
  body,
  headers: { 'content-type': 'text/csv', 'content-disposition': `attachment; filename="${name}.csv"` },
});
export const redirect = (location: string, status: 302 | 307 = 302): Answer => ({
  status,
  body: '',
  headers: { location },
});

export interface HttpDoor {
  /** Takes a connection: a socket or any other pair of streams. */
  accept(stream: Duplex): void;
  /** Those that are open: a word for the peer of each, and its path where it is a websocket. */
  connections(): readonly { peer: string; path: string | undefined }[];
  close(): void;
}

export interface HttpDoorNeeds {
  readonly cookieKey: string;
  now(): number;
  answer(visit: Visit): Answer;
  /** A request was answered: a line of uvicorn's access log. */
  log(line: string): void;
  /** What a websocket meets; undefined: there is none at this path. */
  socket(visit: Visit): 'open' | 'closed' | undefined;
  /** Told whenever a request came or was answered. */
  touch(): void;
}

/** Real HTTP/1.1 on streams that are handed in; answers as uvicorn does. */
export function httpDoor(needs: HttpDoorNeeds): HttpDoor {
  const streams = new Map<Duplex, { peer: string; path: string | undefined }>();
  let accepted = 0;
  const server: Server = createServer((request, response) => {
    needs.touch();
    readBody(request)
      .then((body) => answerRequest(request, response, body, needs))
      .catch((error: unknown) => {
        if (!request.destroyed) needs.log(`ERROR:    ${error instanceof Error ? error.stack : error}`);
        response.destroy();
      });
  });
  server.timeout = 0;
  server.on('upgrade', (request, socket) => {
    needs.touch();
    socket.on('error', () => socket.destroy());
    const url = request.url ?? '/';
    const headers = singleHeaders(request);
    const cookie = readCookie(headers.cookie, needs.cookieKey);
    const found = needs.socket({ ...visitOf('GET', url, headers), cookie });
    needs.log(socketLine(url, headers, found));
    if (!found) return shut(socket, 'HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
    socket.write(switching(headers['sec-websocket-key'] ?? ''));
    if (found === 'closed') return shut(socket, policyViolation);
    const entry = streams.get(socket);
    if (entry) entry.path = url;
    // What a page says is of no interest; that it goes is.
    socket.on('end', () => shut(socket));
    socket.on('data', (chunk: Buffer) => {
      if (((chunk[0] ?? 0) & 0x0f) === closeFrame) shut(socket);
    });
    socket.resume();
  });
  return {
    accept(stream) {
      accepted += 1;
      streams.set(stream, { peer: peerOf(accepted), path: undefined });
      stream.on('close', () => streams.delete(stream));
      stream.on('error', () => stream.destroy());
      server.emit('connection', stream);
    },
    connections: () => [...streams.values()],
    close() {
      for (const stream of streams.keys()) stream.destroy();
    },
  };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

function answerRequest(request: IncomingMessage, response: ServerResponse, body: string, needs: HttpDoorNeeds): void {
  const url = request.url ?? '/';
  const headers = singleHeaders(request);
  const cookie = readCookie(headers.cookie, needs.cookieKey);
  const answer = needs.answer({ ...visitOf(request.method ?? 'GET', url, headers, body), cookie });
  needs.log(
    accessLine({ method: request.method ?? 'GET', url, headers, status: answer.status, stream: request.socket }),
  );
  response.sendDate = false;
  response.writeHead(answer.status, {
    date: new Date(needs.now()).toUTCString(),
    server: 'uvicorn',
    ...answer.headers,
    ...(Object.keys(cookie).length > 0 && { 'set-cookie': writeCookie(cookie, needs.cookieKey) }),
    'content-length': String(Buffer.byteLength(answer.body)),
  });
  response.end(answer.body);
  needs.touch();
}

function singleHeaders({ headers }: IncomingMessage): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

/** With `FORWARDED_ALLOW_IPS=*`, as we set it, what the proxy says of the visitor is believed. */
export function visitOf(method: string, url: string, headers: Visit['headers'], body = ''): Omit<Visit, 'cookie'> {
  const [path = '/', ...query] = url.split('?');
  const baseUrl = `${headers['x-forwarded-proto'] ?? 'http'}://${headers.host ?? 'localhost'}`;
  return { method, path: decoded(path), query: new URLSearchParams(query.join('?')), headers, body, baseUrl };
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** `INFO:     192.0.2.7:0 - "GET /login HTTP/1.1" 200 OK` */
export function accessLine({
  method,
  url,
  headers,
  status,
  stream,
}: {
  method: string;
  url: string;
  headers: Visit['headers'];
  status: number;
  /** The peer, where no proxy names the visitor. */
  stream?: { remoteAddress?: string | undefined; remotePort?: number | undefined };
}): string {
  const forwarded = headers['x-forwarded-for'];
  const visitor =
    forwarded === undefined
      ? `${stream?.remoteAddress ?? '127.0.0.1'}:${stream?.remotePort ?? 40_000}`
      : `${forwarded.split(',')[0]?.trim()}:0`;
  return `INFO:     ${visitor} - "${method} ${url} HTTP/1.1" ${status} ${STATUS_CODES[status] ?? ''}`.trimEnd();
}

/** The answer to a websocket: https://www.rfc-editor.org/rfc/rfc6455#section-4.2.2 */
function switching(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`;
}

/** Says so much more, and is gone. */
function shut(stream: Duplex, last: string | Buffer = ''): void {
  stream.end(last, () => stream.destroy());
}

const closeFrame = 0x8;
/** A close frame with 1008. */
const policyViolation = Buffer.from([0x88, 0x02, 0x03, 0xf0]);

/** As /proc/net/tcp writes an address: backwards, in hexadecimal digits. */
function peerOf(number: number): string {
  return `0400000A:${(40_000 + (number % 20_000)).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** `INFO:     ('10.0.0.4', 40022) - "WebSocket /auto_advance" [accepted]` */
function socketLine(url: string, headers: Visit['headers'], found: 'open' | 'closed' | undefined): string {
  const visitor = headers['x-forwarded-for']?.split(',')[0]?.trim() ?? '127.0.0.1';
  return `INFO:     ('${visitor}', 0) - "WebSocket ${url.split('?')[0]}" ${found ? '[accepted]' : '403'}`;
}

const cookieName = 'session';

function readCookie(header: string | undefined, key: string): Record<string, string> {
  const pairs = (header ?? '').split(';').map((pair) => pair.trim());
  const value = pairs.find((pair) => pair.startsWith(`${cookieName}=`))?.slice(cookieName.length + 1) ?? '';
  const [content = '', signature = ''] = value.split('.');
  const [given, wanted] = [Buffer.from(signature), Buffer.from(sign(content, key))];
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return {};
  return JSON.parse(Buffer.from(content, 'base64url').toString());
}

function writeCookie(cookie: Record<string, string>, key: string): string {
  const content = Buffer.from(JSON.stringify(cookie)).toString('base64url');
  return `${cookieName}=${content}.${sign(content, key)}; path=/; Max-Age=1209600; httponly; samesite=lax`;
}

function sign(content: string, key: string): string {
  return createHmac('sha256', key).update(content).digest('base64url');
}
