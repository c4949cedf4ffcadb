import {
  Agent,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
  request as sendRequest,
} from 'node:http';
import { type Duplex, pipeline, type Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { ExpectedError } from '../errors.ts';
import { destroyOnAbort, withinTime } from '../ssh/within-time.ts';
import { asLost, asStream, parseJson, readBody, reasonOf } from './engine-answer.ts';
import { EngineFailure } from './engine-failure.ts';
import { needsMinimum, negotiateApiVersion } from './engine-negotiation.ts';
import { readAs } from './engine-refusals.ts';
import { EngineSocket } from './engine-socket.ts';

export interface EngineRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD';
  /** Without the version, not encoded: `/services/create`. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  body?: unknown;
  /** A body that is sent as it comes, instead of JSON: a tar archive. */
  upload?: Readable;
  headers?: Record<string, string>;
  signal: AbortSignal;
  /** For all of it, retries included; of a stream until it begins. Default 30,000. */
  timeoutMs?: number;
  /** Asked after an answer 5xx: why it will stay, or undefined where it may pass. Without it, none is taken to pass. */
  explain?: (failure: EngineFailure) => Promise<Error | undefined>;
}

/** The way to one dockerd. */
export interface EngineWay {
  /** A fresh stream to dockerd; connects anew where the connection was lost. Throws an `ExpectedError`. */
  dial(options: { signal: AbortSignal }): Promise<Duplex>;
  /** How many streams to keep for ordinary requests. */
  readonly maxSockets: number;
}

export interface EngineClientOptions {
  signal: AbortSignal;
  /** The waits before a read is tried again: all of them after an answer 5xx, the first three where nobody answers. */
  retryDelaysMs?: readonly number[];
}

const apiVersion = z.string().regex(/^\d+\.\d+$/);
const EngineVersion = z.object({ ApiVersion: apiVersion, MinAPIVersion: apiVersion.optional() });

const defaultTimeoutMs = 30_000;
const defaultRetryDelaysMs = [250, 1_000, 2_000, 4_000, 8_000];
const maxBodyBytes = 64 * 1024 * 1024;
const maxReasonBytes = 64 * 1024;
/** Less is parsed in a millisecond. */
const longBodyBytes = 64 * 1024;

/**
 * Speaks HTTP with dockerd over kept streams. Reads survive a lost connection and a dockerd that cannot answer for a
 * moment; a write is sent once, and where its answer is lost the failure is `connection-lost`: look whether it was done.
 * Every call throws `EngineFailure`, `connection-lost`, `timed-out`, `cancelled`, and what dialing throws.
 */
export class EngineClient implements Disposable {
  #apiVersion: string | undefined;
  readonly #way: EngineWay;
  readonly #retryDelaysMs: readonly number[];
  readonly #agent: Agent;
  /**
   * The last long answer at each path. Those are few: lists of everything. Asked for over and over, one is mostly what it was,
   * and to parse it costs more than all else.
   */
  readonly #long = new Map<string, { readonly body: Buffer; readonly value: unknown }>();

  private constructor(way: EngineWay, retryDelaysMs: readonly number[]) {
    this.#way = way;
    this.#retryDelaysMs = retryDelaysMs;
    this.#agent = new PoolingAgent(way);
  }

  /** Dials, and agrees on a version of the API. Throws what dialing throws, and `engine-unsupported`. */
  static async connect(way: EngineWay, options: EngineClientOptions): Promise<EngineClient> {
    const { signal, retryDelaysMs = defaultRetryDelaysMs } = options;
    const client = new EngineClient(way, retryDelaysMs);
    try {
      client.#apiVersion = await client.#negotiate(signal);
      return client;
    } catch (error) {
      client[Symbol.dispose]();
      throw error;
    }
  }

  /** As negotiated: `1.41`. */
  get apiVersion(): string {
    return this.#apiVersion ?? '';
  }

  /**
   * The parsed body of the answer; undefined for an empty one, the text where it is not JSON. A long one that is the same as
   * the time before is the same object: nobody may change it.
   */
  async json(request: EngineRequest): Promise<unknown> {
    return this.#retrying(request, async (signal, socket) => {
      const path = this.#pathOf(request);
      const before = this.#long.get(path);
      const response = await this.#send(request, { signal, socket });
      const body = await readBody(response, { maxBytes: maxBodyBytes, before: before?.body });
      if (before?.body === body) return before.value;
      if (body.length === 0) return undefined;
      if (!response.headers['content-type']?.includes('json')) return body.toString('utf8');
      const value = parseJson(body, whatIsDone(request));
      if (body.length >= longBodyBytes) this.#long.set(path, { body, value });
      return value;
    });
  }

  /** The body of the answer as it comes, for logs and events. When it falls silent is the caller's business. */
  async stream(request: EngineRequest): Promise<Readable> {
    const response = await this.#retrying(request, (signal) => this.#send(request, { signal, socket: 'own' }));
    return destroyOnAbort(asStream(response, whatIsDone(request)), { signal: request.signal, what: request.path });
  }

  /** The raw connection after dockerd agreed to leave HTTP, for exec. Ending it ends the input of the program. */
  async upgrade(request: EngineRequest): Promise<Duplex> {
    const headers = { ...request.headers, Connection: 'Upgrade', Upgrade: 'tcp' };
    const socket = await this.#retrying(request, async (signal) => {
      const way = await this.#way.dial({ signal });
      const sent = this.#begin({ ...request, headers }, { signal, createConnection: () => way });
      const upgraded = new Promise<Duplex>((resolve) =>
        sent.once('upgrade', (_response, socket, head) => {
          if (head.length > 0) socket.unshift(head);
          resolve(socket);
        }),
      );
      return Promise.race([upgraded, refusedUpgrade(sent, request)]);
    });
    return destroyOnAbort(socket, { signal: request.signal, what: request.path });
  }

  /** Closes the streams that wait for a next request. */
  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  async #negotiate(signal: AbortSignal): Promise<string> {
    const ping = await withinTime(
      { what: 'asking dockerd for its version', timeoutMs: defaultTimeoutMs, signal },
      (inner) => this.#send({ method: 'GET', path: '/_ping', signal }, { signal: inner, socket: 'pooled' }),
    );
    await readBody(ping, { maxBytes: maxReasonBytes });
    const max = ping.headers['api-version'];
    if (typeof max === 'string' && !needsMinimum(max)) return negotiateApiVersion({ max });
    const answer = await this.json({ method: 'GET', path: '/version', signal });
    const version = readAs(EngineVersion, answer, 'asking dockerd for its version');
    return negotiateApiVersion({ max: version.ApiVersion, min: version.MinAPIVersion });
  }

  /**
   * A stream that was kept can have ended without our knowing: a read is then sent again at once, on one of its own.
   * After that a lost connection is waited for, and longer a dockerd that answers and cannot for now: under load Swarm
   * says 500 for seconds, and a poll that took it for a failure would take back what already serves.
   */
  async #retrying<T>(
    request: EngineRequest,
    attempt: (signal: AbortSignal, socket: 'pooled' | 'own') => Promise<T>,
  ): Promise<T> {
    const { method, signal, timeoutMs = defaultTimeoutMs } = request;
    const isRead = method === 'GET' || method === 'HEAD';
    let refused: EngineFailure | undefined;
    const limits = { what: whatIsDone(request), timeoutMs, signal, onTimeout: () => refused };
    return withinTime(limits, async (inner) => {
      for (let tries = 0; ; tries += 1) {
        try {
          return await attempt(inner, tries === 0 ? 'pooled' : 'own');
        } catch (error) {
          const delayMs = isRead ? this.#delaysAfter(error, request)[tries] : undefined;
          if (delayMs === undefined) throw error;
          refused = error instanceof EngineFailure ? error : undefined;
          if (delayMs > 0) await sleep(delayMs, undefined, { signal: inner });
        }
      }
    });
  }

  #delaysAfter(error: unknown, { explain }: EngineRequest): readonly number[] {
    if (error instanceof EngineFailure) return explain && error.status >= 500 ? this.#retryDelaysMs : [];
    return isLost(error) ? [0, ...this.#retryDelaysMs.slice(0, 3)] : [];
  }

  /** The answer of dockerd once its headers are there; an error status is an `EngineFailure`. */
  async #send(
    request: EngineRequest,
    { signal, socket }: { signal: AbortSignal; socket: 'pooled' | 'own' },
  ): Promise<IncomingMessage> {
    const way: RequestOptions =
      socket === 'pooled'
        ? { agent: this.#agent }
        : { createConnection: () => new EngineSocket((options) => this.#way.dial(options)) };
    return answerTo(this.#begin(request, { signal, ...way }), request);
  }

  #begin(request: EngineRequest, options: RequestOptions): ClientRequest {
    const { method, headers, body, upload } = request;
    const json = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const sent = sendRequest({
      ...options,
      host: 'docker',
      method,
      path: this.#pathOf(request),
      headers: {
        ...(json && { 'Content-Type': 'application/json', 'Content-Length': json.length }),
        ...(upload && { 'Content-Type': 'application/x-tar' }),
        ...headers,
      },
    });
    if (upload) pipeline(upload, sent, (error) => error && sent.destroy(error));
    else sent.end(json);
    return sent;
  }

  #pathOf({ path, query = {} }: EngineRequest): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
    const version = this.#apiVersion === undefined ? '' : `/v${this.#apiVersion}`;
    const search = parameters.size > 0 ? `?${parameters}` : '';
    return `${version}${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}${search}`;
  }
}

class PoolingAgent extends Agent {
  readonly #way: EngineWay;
  #isClosed = false;

  constructor(way: EngineWay) {
    super({ keepAlive: true, maxSockets: way.maxSockets, maxFreeSockets: way.maxSockets });
    this.#way = way;
  }

  override createConnection(): EngineSocket {
    this.maxSockets = this.#way.maxSockets; // it shrinks where streams turn out to be scarce
    return new EngineSocket((options) => this.#way.dial(options));
  }

  /** Node opens a stream for a cancelled request that waited for one, and would keep it for the next. */
  override keepSocketAlive(): boolean {
    return !this.#isClosed;
  }

  override destroy(): void {
    this.#isClosed = true;
    super.destroy();
  }
}

function whatIsDone({ method, path }: EngineRequest): string {
  return `asking dockerd: ${method} ${path}`;
}

async function answerTo(sent: ClientRequest, request: EngineRequest): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  sent.once('response', resolve);
  sent.on('error', (error) => reject(asLost(error, whatIsDone(request))));
  const response = await promise;
  const status = response.statusCode ?? 0;
  if (status < 400) return response;
  const reason = reasonOf((await readBody(response, { maxBytes: maxReasonBytes })).toString('utf8'));
  const failure = new EngineFailure(`${request.method} ${request.path}`, { status, reason });
  throw (status >= 500 && (await request.explain?.(failure))) || failure;
}

async function refusedUpgrade(sent: ClientRequest, request: EngineRequest): Promise<never> {
  const { statusCode: status = 0 } = await answerTo(sent, request);
  sent.destroy();
  throw new EngineFailure(`${request.method} ${request.path}`, { status, reason: 'the connection was not upgraded' });
}

const lost: readonly string[] = ['connection-lost', 'host-refused', 'host-unreachable', 'docker-unreachable'];

function isLost(error: unknown): boolean {
  return error instanceof ExpectedError && lost.includes(error.code);
}
