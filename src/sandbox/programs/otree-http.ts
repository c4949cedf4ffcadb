import { createHmac, timingSafeEqual } from 'node:crypto';
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
  close(): void;
}

export interface HttpDoorNeeds {
  readonly cookieKey: string;
  now(): number;
  answer(visit: Visit): Answer;
  /** A request was answered: a line of uvicorn's access log. */
  log(line: string): void;
  /** Told whenever a request came or was answered. */
  touch(): void;
}

/** Real HTTP/1.1 on streams that are handed in; answers as uvicorn does. */
export function httpDoor(needs: HttpDoorNeeds): HttpDoor {
  const streams = new Set<Duplex>();
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
  return {
    accept(stream) {
      streams.add(stream);
      stream.on('close', () => streams.delete(stream));
      stream.on('error', () => stream.destroy());
      server.emit('connection', stream);
    },
    close() {
      for (const stream of streams) stream.destroy();
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
