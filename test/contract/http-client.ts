import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

export type Dial = () => Duplex;

export interface RequestOptions {
  /** What is no text is sent as JSON: `{ filters: { label: ['a'] } }`. */
  readonly query?: Readonly<Record<string, unknown>>;
  /** The same: a text goes out as it stands, and bytes as a tar archive. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly bytes: Buffer;
  /** Undefined where the body is none. */
  readonly json: unknown;
}

/** A body that goes on: what came until now, and the end of it. */
export interface AnswerStream {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  received(): Buffer;
  ended(): boolean;
  close(): void;
}

/** One request on a connection of its own, with the body read to its end. */
export async function request(dial: Dial, method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  const message = await send(dial, method, path, options);
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString();
  return { status: message.statusCode ?? 0, headers: message.headers, text, bytes, json: parsed(text) };
}

/** One request whose answer need not end. */
export async function stream(dial: Dial, path: string, options: RequestOptions = {}): Promise<AnswerStream> {
  const message = await send(dial, 'GET', path, options);
  return {
    status: message.statusCode ?? 0,
    headers: message.headers,
    ...gathered(message),
    close: () => message.destroy(),
  };
}

/** `POST` with `Upgrade: tcp`, as `docker exec` does it: the connection itself afterwards, in both directions. */
export function upgrade(
  dial: Dial,
  path: string,
  body: unknown,
): Promise<AnswerStream & { write(text: string): void; finish(): void }> {
  return new Promise((done, failed) => {
    const sent = open(dial, 'POST', path, { body, headers: { connection: 'Upgrade', upgrade: 'tcp' } });
    sent.once('upgrade', ({ statusCode = 0, headers }, socket, head) => {
      if (head.length > 0) socket.unshift(head);
      done({
        status: statusCode,
        headers,
        ...gathered(socket),
        write: (text) => void socket.write(text),
        finish: () => void socket.end(),
        close: () => void socket.destroy(),
      });
    });
    sent.once('response', ({ statusCode }) => failed(new Error(`no upgrade of ${path}: ${statusCode}`)));
    sent.once('error', failed);
  });
}

function send(dial: Dial, method: string, path: string, options: RequestOptions): Promise<IncomingMessage> {
  return new Promise((done, failed) => {
    const sent = open(dial, method, path, options);
    sent.once('response', done);
    sent.once('error', failed);
  });
}

function open(dial: Dial, method: string, path: string, { query = {}, body, headers = {} }: RequestOptions) {
  const words = Object.entries(query).map(([key, value]) => `${key}=${encodeURIComponent(asText(value))}`);
  const payload = body === undefined || Buffer.isBuffer(body) ? body : asText(body);
  const sent = httpRequest({
    method,
    path: words.length > 0 ? `${path}?${words.join('&')}` : path,
    createConnection: dial,
    headers: {
      host: 'docker',
      ...(payload !== undefined && {
        'content-type': Buffer.isBuffer(payload) ? 'application/x-tar' : 'application/json',
        'content-length': Buffer.byteLength(payload),
      }),
      ...headers,
    },
  });
  sent.end(payload);
  return sent;
}

function gathered(source: Duplex | IncomingMessage): { received(): Buffer; ended(): boolean } {
  const chunks: Buffer[] = [];
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  source.on('data', (chunk: Buffer) => chunks.push(chunk));
  source.once('end', over).once('close', over).on('error', over);
  return { received: () => Buffer.concat(chunks), ended: () => isOver };
}

const asText = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
