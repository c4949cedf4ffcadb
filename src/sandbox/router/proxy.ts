import {
  createServer,
  type IncomingMessage,
  type ServerResponse,
  STATUS_CODES,
  request as sendRequest,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { asSocket } from '../doors/as-socket.ts';
import {
  type Answer,
  answerFor,
  badGateway,
  changeHeaders,
  type Headers,
  type OwnAnswer,
  type PassOn,
  withChanges,
  withoutHopHeaders,
} from './answer-for.ts';
import type { Route } from './routes-of.ts';
import type { EntryPoint } from './traefik-config.ts';

export interface Proxy {
  /** A visitor's connection, after TLS. */
  accept(stream: Duplex): void;
}

interface ProxyNeeds {
  entry: EntryPoint;
  /** Those of this moment. */
  routes(): readonly Route[];
  /** Told when a request came, and when its answer did. */
  touch(): void;
}

const thisComputer = '127.0.0.1';

/** One entry point: requests, answers and websockets of visitors, streamed to the studies and back. */
export function proxy({ entry, routes, touch }: ProxyNeeds): Proxy {
  let turn = 0;
  const decide = (request: IncomingMessage): Answer => {
    touch();
    turn += 1;
    const address = request.socket.remoteAddress ?? thisComputer;
    return answerFor({ request, entry, address }, routes(), turn);
  };
  const server = createServer((request, response) => {
    request.on('error', () => undefined);
    const answer = decide(request);
    if (answer.kind === 'answer') reply(response, answer);
    else forward(request, response, { ...answer, touch });
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    stream.on('error', () => undefined);
    const answer = decide(request);
    if (answer.kind === 'answer') stream.end(rawAnswer(answer));
    else passThrough(request, stream, { ...answer, head });
  });
  return { accept: (stream) => void server.emit('connection', asSocket(stream)) };
}

function reply(response: ServerResponse, { status, headers, text }: OwnAnswer): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(text) }).end(text);
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  { connection, headers, changes, touch }: PassOn & { touch(): void },
): void {
  const sent = sendRequest({
    method: request.method,
    path: request.url,
    headers,
    // Without an agent, which would keep the connection for whoever comes next.
    createConnection: () => asSocket(connection) as Socket,
  });
  const fail = () => {
    if (response.headersSent) response.destroy();
    else reply(response, withChanges(badGateway, changes));
  };
  sent.on('error', fail);
  sent.on('response', (inner) => {
    touch();
    const given = withoutHopHeaders(inner.headers);
    changeHeaders(given, changes);
    response.writeHead(inner.statusCode ?? 502, given);
    inner.on('error', fail);
    inner.pipe(response);
  });
  response.on('close', () => end(connection));
  request.pipe(sent);
}

/** A websocket: after its first lines the same bytes both ways. */
function passThrough(
  request: IncomingMessage,
  stream: Duplex,
  { connection, headers, head }: PassOn & { head: Buffer },
): void {
  connection.on('error', () => stream.destroy());
  connection.write(`${request.method} ${request.url} HTTP/1.1\r\n${rawHeaders(headers)}\r\n`);
  connection.write(head);
  stream.on('close', () => end(connection));
  connection.on('close', () => end(stream));
  stream.pipe(connection).pipe(stream);
}

/** A stream that is only destroyed does not tell its other half; one that ended does. */
function end(stream: Duplex): void {
  if (!stream.destroyed) stream.end();
  stream.destroy();
}

function rawAnswer({ status, headers, text }: OwnAnswer): string {
  const all = { ...headers, 'content-length': String(Buffer.byteLength(text)), connection: 'close' };
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${rawHeaders(all)}\r\n${text}`;
}

function rawHeaders(headers: Headers): string {
  return Object.entries(headers)
    .flatMap(([name, value]) => [value].flat().map((one) => `${name}: ${one}\r\n`))
    .join('');
}
