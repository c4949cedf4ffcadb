import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { asSocket } from '../doors/as-socket.ts';
import { EngineError } from '../swarm/engine-error.ts';
import type { SwarmModel } from '../swarm/swarm-model.ts';
import { pass } from '../timeline.ts';
import { type ApiVersion, engines, infoFacts, versionFacts } from './engine-facts.ts';
import { type Call, type Fault, type FaultPlan, noFaults } from './faults.ts';
import type { Answer, EngineRequest } from './request.ts';
import { makeRoutes, routeOf } from './routes.ts';

/** A request as it was answered; `status` 0 where no answer came through. */
export interface RecordedCall extends Call {
  readonly query: string;
  readonly status: number;
  readonly writes: boolean;
  /** Of the timeline. */
  readonly at: number;
}

export interface EngineServer {
  readonly calls: readonly RecordedCall[];
  /** What goes wrong from now on. */
  faults: FaultPlan;
  forgetCalls(): void;
  /** Takes a connection, from wherever it comes. */
  accept(stream: Duplex): void;
  /** For listening on sockets of this machine. */
  readonly http: Server;
}

export interface EngineServerNeeds {
  model: SwarmModel;
  apiVersion?: ApiVersion;
  /** Does what a fault does to the world: the clock, the images, the tasks. */
  strike: (fault: Fault) => void;
}

/** A connection that is about to leave HTTP, with what came after the headers. */
interface Upgrading {
  stream: Duplex;
  head: Buffer;
}

const keptCalls = 100_000;
const noLeader =
  "rpc error: code = Unknown desc = The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.";

/** Refused before dockerd knows what form its answers have. */
class PlainError extends EngineError {}

/** What is no refusal of dockerd's is a mistake of ours, and says so to whoever sees it. */
function failed(error: unknown): Answer {
  if (error instanceof PlainError)
    return {
      status: error.status,
      text: `${error.message}\n`,
      headers: { 'Content-Type': 'text/plain; charset=utf-8' },
    };
  if (error instanceof EngineError) return { status: error.status, json: { message: error.message } };
  return { status: 500, json: { message: `a bug of the sandbox: ${error instanceof Error ? error.stack : error}` } };
}

/** The Docker Engine API of the model, over HTTP/1.1. */
export function engineServer({ model, apiVersion = '1.41', strike }: EngineServerNeeds): EngineServer {
  const { timeline } = model.store;
  const routes = makeRoutes();
  const calls: RecordedCall[] = [];
  let counted = 0;
  let leaderlessUntil = 0;

  const http = createServer(
    { keepAliveTimeout: 0, requestTimeout: 0 },
    (message, response) => void serve(message, response),
  );
  http.on('upgrade', (message: IncomingMessage, stream: Duplex, head: Buffer) => {
    void serve(message, undefined, { stream, head });
  });

  async function serve(
    message: IncomingMessage,
    response: ServerResponse | undefined,
    upgrading: Upgrading = { stream: message.socket, head: Buffer.alloc(0) },
  ): Promise<void> {
    const { stream } = upgrading;
    timeline.touch?.();
    if (!response) stream.on('error', () => undefined);
    const method = message.method ?? '';
    const [pathname = '/', search = ''] = (message.url ?? '/').split(/\?(.*)/s);
    const bytes = response ? await bodyBytes(message) : await upgradeBody(message, upgrading);
    const { path, version } = withoutVersion(pathname);
    counted += 1;
    const call: Call = { number: counted, method, path };
    const note = (status: number) => {
      const writes = method !== 'GET' && method !== 'HEAD' && !path.startsWith('/exec');
      calls.push({ ...call, query: search, status, writes, at: timeline.now() });
      if (calls.length > keptCalls) calls.shift();
    };
    const fault = server.faults(call);
    if (fault?.kind === 'delay') await pass(timeline, fault.ms);
    if (fault?.kind === 'reset-before') {
      note(0);
      return void stream.destroy();
    }
    if (fault?.kind === 'leader-lost') leaderlessUntil = timeline.now() + fault.ms;
    else if (fault) strike(fault);

    let answer: Answer;
    try {
      if (fault?.kind === 'error-500')
        throw new EngineError(500, 'rpc error: code = Unknown desc = context deadline exceeded');
      answer = await answerTo(
        {
          method,
          path,
          query: new URLSearchParams(search),
          body: bytes.toString('utf8'),
          bytes,
          headers: message.headers,
          upgrades: !response,
          parts: {},
        },
        version,
      );
    } catch (error) {
      answer = failed(error);
    }
    if (fault?.kind === 'reset-after') {
      note(0);
      return void stream.destroy();
    }
    note(answer.status);
    timeline.touch?.();
    if ('upgraded' in answer) return upgrade(stream, answer);
    if (response) return send(response, answer, fault, method);
    stream.end(plainAnswer(answer));
  }

  async function answerTo(request: EngineRequest, version: string | undefined): Promise<Answer> {
    const { method, path } = request;
    checkVersion(version, apiVersion);
    if (pathHasGap(request.path))
      return { status: 301, text: '', headers: { Location: request.path.replace(/\/\/+/g, '/') } };
    if (path === '/_ping' && (method === 'GET' || method === 'HEAD'))
      return { status: 200, text: 'OK', headers: pingHeaders };
    if (path === '/version' && method === 'GET') return { status: 200, json: versionFacts(apiVersion) };
    const leaderless = timeline.now() < leaderlessUntil;
    if (path === '/info' && method === 'GET')
      return { status: 200, json: infoFacts(model, apiVersion, leaderless ? noLeader : '') };
    const { route, parts } = routeOf(routes, method, path);
    if (leaderless && (route.ofSwarm || method !== 'GET')) throw new EngineError(500, noLeader);
    return route.handler({ ...request, parts }, model);
  }

  const identity = {
    'Api-Version': apiVersion,
    'Docker-Experimental': 'false',
    Ostype: 'linux',
    Server: `Docker/${engines[apiVersion].version} (linux)`,
  };
  const pingHeaders = {
    'Cache-Control': 'no-cache, no-store, must-revalidate',
    Pragma: 'no-cache',
    'Content-Type': 'text/plain; charset=utf-8',
    ...(apiVersion !== '1.41' && { Swarm: 'active/manager' }),
  };

  function send(
    response: ServerResponse,
    answer: Exclude<Answer, { upgraded: unknown }>,
    fault: Fault | undefined,
    method: string,
  ): void {
    // Who asks for a path that is none does not reach the part of dockerd that says who it is.
    const isKnown =
      !('json' in answer) || (answer.json as { message?: string } | undefined)?.message !== 'page not found';
    const headers: Record<string, string> = { ...(isKnown && identity), ...answer.headers };
    response.on('error', () => undefined);
    if ('open' in answer) {
      if (apiVersion !== '1.41' && !headers['Content-Type'])
        headers['Content-Type'] = 'application/vnd.docker.multiplexed-stream';
      response.writeHead(answer.status, headers).flushHeaders();
      answer.open({
        write: (chunk) => void response.write(chunk),
        end: () => void response.end(),
        onClose: (act) => void response.once('close', act),
      });
      return;
    }
    const bytes = fault?.kind === 'strange' ? Buffer.from('{"strange":true}') : bytesOf(answer);
    if (answer.json !== undefined) headers['Content-Type'] = 'application/json';
    if (answer.status !== 204) headers['Content-Length'] = String(method === 'HEAD' ? 0 : bytes.length);
    response.writeHead(answer.status, headers);
    if (method === 'HEAD' || answer.status === 204) return void response.end();
    if (fault?.kind === 'truncated') {
      response.write(bytes.subarray(0, Math.floor(bytes.length / 2)));
      return void setImmediate(() => response.socket?.destroy());
    }
    if (fault?.kind === 'slow') return void drip(response, bytes, fault.ms);
    response.end(bytes);
  }

  async function drip(response: ServerResponse, bytes: Buffer, ms: number): Promise<void> {
    const pieces = 8;
    const size = Math.max(1, Math.ceil(bytes.length / pieces));
    for (let at = 0; at < bytes.length; at += size) {
      await pass(timeline, ms / pieces);
      response.write(bytes.subarray(at, at + size));
    }
    response.end();
  }

  const server: EngineServer = {
    calls,
    faults: noFaults,
    forgetCalls: () => void calls.splice(0),
    accept: (stream) => void http.emit('connection', asSocket(stream)),
    http,
  };
  return server;
}

function withoutVersion(path: string): { path: string; version: string | undefined } {
  const found = /^\/v(\d+(?:\.\d+)*)(\/.*)$/.exec(path);
  return found ? { version: found[1], path: found[2] ?? '' } : { version: undefined, path };
}

function checkVersion(version: string | undefined, apiVersion: ApiVersion): void {
  if (version === undefined) return;
  const { minimum } = engines[apiVersion];
  if (isBelow(apiVersion, version))
    throw new EngineError(400, `client version ${version} is too new. Maximum supported API version is ${apiVersion}`);
  if (isBelow(version, minimum))
    throw new PlainError(
      400,
      `client version ${version} is too old. Minimum supported API version is ${minimum}, please upgrade your client to a newer version`,
    );
}

const pathHasGap = (path: string) => path.includes('//');

function isBelow(one: string, other: string): boolean {
  const [major = 0, minor = 0] = one.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}

async function bodyBytes(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    // the client left before it had said all
  }
  return Buffer.concat(chunks);
}

/** An upgrade's body is no part of the message any more: it is read from the connection as long as it was announced. */
async function upgradeBody({ headers }: IncomingMessage, { stream, head }: Upgrading): Promise<Buffer> {
  const length = Number(headers['content-length'] ?? 0);
  let bytes = head;
  while (bytes.length < length && !stream.destroyed)
    bytes = Buffer.concat([bytes, await new Promise<Buffer>((resolve) => stream.once('data', resolve))]);
  stream.pause();
  if (bytes.length > length) stream.unshift(bytes.subarray(length));
  return bytes.subarray(0, length);
}

function upgrade(stream: Duplex, { upgraded }: Extract<Answer, { upgraded: unknown }>): void {
  stream.write(
    'HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
  );
  upgraded(stream);
}

/** The answer to a client that offered to leave HTTP, and stays. */
function plainAnswer(answer: Exclude<Answer, { upgraded: unknown }>): Buffer {
  const bytes = 'open' in answer ? Buffer.alloc(0) : bytesOf(answer);
  const head = `HTTP/1.1 ${answer.status} -\r\nContent-Type: application/json\r\nContent-Length: ${bytes.length}\r\nConnection: close\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

function bytesOf({ json, bytes, text = '' }: Exclude<Answer, { upgraded: unknown } | { open: unknown }>): Buffer {
  if (json !== undefined) return Buffer.from(`${JSON.stringify(json)}\n`);
  return bytes ?? Buffer.from(text);
}
