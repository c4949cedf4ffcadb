import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import https, { type RequestOptions } from 'node:https';
import type { Duplex } from 'node:stream';
import { containerOf, type Lab } from './lab.ts';

/** People at their browsers, without the browsers: they ask through Traefik, and hold the websockets that a page opens. */
export interface Players extends AsyncDisposable {
  /** Paths of the participants of a new session. */
  createSession(config: string, people: number, options?: { isDemo?: boolean }): Promise<Session>;
  /** One bot of oTree's own in a session of its own, on its first page. */
  openBot(config: string): Promise<Tab>;
  open(path: string, cookies?: Cookies): Promise<Tab>;
  /** A tab of the researcher, logged in to oTree. */
  openAsAdmin(path: string): Promise<Tab>;
  closeAll(): void;
}

export interface Session {
  readonly code: string;
  readonly links: readonly string[];
}

export interface Tab {
  /** `/p/code/survey/Questions/1` shows `Questions`. */
  readonly page: string;
  readonly body: string;
  /** How many websockets the page keeps open, as its scripts would. */
  readonly sockets: readonly Duplex[];
  /** Posts the form; this tab is closed, and the page that comes next is open in another. */
  answer(values?: Record<string, string>): Promise<Tab>;
  /** What a live page sends. */
  say(text: string): void;
  close(): void;
}

type Cookies = Map<string, string>;
interface Answer {
  readonly path: string;
  readonly status: number;
  readonly body: string;
}

const socketUrls = /(?:data-socket-url="|socketUrl = "|makeReconnectingWebSocket\("(?!\{))([^"]+)/g;

export async function openPlayers(lab: Lab, stack: string): Promise<Players> {
  const host = `${stack}.${lab.bed.domain}`;
  const ca = await readFile(lab.bed.tls.caFile, 'utf8');
  const container = await containerOf(lab, `${stack}_web`);
  const secret = async (slot: string) => (await lab.docker(['exec', container, 'cat', `/run/secrets/${slot}`])).trim();
  const restKey = await secret('OTREE_REST_KEY');
  const open = new Set<Duplex>();

  const to = (path: string, cookies: Cookies, headers: Record<string, string> = {}): RequestOptions => ({
    host: '127.0.0.1',
    port: 443,
    servername: host,
    ca,
    path,
    agent: false,
    headers: { host, cookie: [...cookies].map((pair) => pair.join('=')).join('; '), ...headers },
  });

  /** Follows redirects, as a browser does. */
  async function ask(path: string, cookies: Cookies, form?: Record<string, string>): Promise<Answer> {
    const body = form && new URLSearchParams(form).toString();
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    const { location, ...answer } = await exchange(to(path, cookies, body === undefined ? {} : type), cookies, body);
    return location === undefined ? { ...answer, path } : ask(pathOf(location), cookies);
  }

  async function rest<T>(path: string, body?: unknown): Promise<T> {
    const headers = { 'otree-rest-key': restKey, 'content-type': 'application/json' };
    const text = body === undefined ? undefined : JSON.stringify(body);
    const { status, body: answer } = await exchange(to(path, new Map(), headers), new Map(), text);
    if (status !== 200) throw new Error(`${path} answers ${status}: ${answer}`);
    return JSON.parse(answer) as T;
  }

  async function openTab(path: string, cookies: Cookies, form?: Record<string, string>): Promise<Tab> {
    const answer = await ask(path, cookies, form);
    const urls = [...answer.body.matchAll(socketUrls)].map(([, url]) => pathOf((url ?? '').replaceAll('&amp;', '&')));
    const sockets = await Promise.all(urls.map((url) => openSocket(to(url, cookies))));
    for (const socket of sockets) open.add(socket.once('close', () => open.delete(socket)));
    const close = () => sockets.map((socket) => socket.destroy());
    return {
      page: /\/p\/[^/]+\/[^/]+\/([^/]+)\//.exec(answer.path)?.[1] ?? answer.path,
      body: answer.body,
      sockets,
      close,
      say: (text) => sockets.at(-1)?.write(masked(0x81, Buffer.from(JSON.stringify(text)))),
      async answer(values = {}) {
        close();
        return await openTab(answer.path, cookies, values);
      },
    };
  }

  return {
    open: (path, cookies = new Map()) => openTab(path, cookies),
    async createSession(config, people, { isDemo = false } = {}) {
      const wanted = { session_config_name: config, num_participants: people, is_demo: isDemo };
      const { code } = await rest<{ code: string }>('/api/sessions', wanted);
      const path = `/api/get_session/${code}`;
      const { participants } = await rest<{ participants: { code: string }[] }>(path, {});
      return { code, links: participants.map((participant) => `/InitializeParticipant/${participant.code}`) };
    },
    async openBot(config) {
      const wanted = { session_config_name: config, num_participants: 1, case_number: 0 };
      const headers = { 'otree-rest-key': restKey, 'content-type': 'application/json' };
      const made = await exchange(
        to('/create_browser_bots_session', new Map(), headers),
        new Map(),
        JSON.stringify(wanted),
      );
      const { participants } = await rest<{ participants: { code: string }[] }>(`/api/get_session/${made.body}`, {});
      return await openTab(`/InitializeParticipant/${participants[0]?.code}`, new Map());
    },
    async openAsAdmin(path) {
      const cookies: Cookies = new Map();
      const { body } = await ask('/login', cookies);
      const csrftoken = /csrftoken[^>]*value="([^"]+)/.exec(body)?.[1] ?? '';
      await ask('/login', cookies, { username: 'admin', password: await secret('OTREE_ADMIN_PASSWORD'), csrftoken });
      return await openTab(path, cookies);
    },
    closeAll() {
      for (const socket of open) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
    },
  };
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url, 'http://study.invalid');
  return `${pathname}${search}`;
}

/** One request; the cookies it sets are kept. */
function exchange(
  options: RequestOptions,
  cookies: Cookies,
  body?: string,
): Promise<{ status: number; body: string; location: string | undefined }> {
  return new Promise((done, failed) => {
    const request = https.request({ ...options, method: body === undefined ? 'GET' : 'POST', timeout: 30_000 });
    request.once('error', failed);
    request.once('timeout', () => request.destroy(new Error(`no answer to ${options.path}`)));
    request.once('response', async (answer) => {
      for (const line of answer.headers['set-cookie'] ?? []) {
        const [name = '', value = ''] = line.split(';')[0]?.split(/=(.*)/) ?? [];
        cookies.set(name, value);
      }
      let text = '';
      for await (const chunk of answer) text += chunk;
      const { statusCode = 0, headers } = answer;
      done({
        status: statusCode,
        body: text,
        location: statusCode >= 300 && statusCode < 400 ? headers.location : undefined,
      });
    });
    request.end(body);
  });
}

/** A websocket that answers pings, as a browser does by itself: oTree closes the others after 40 s. */
function openSocket(options: RequestOptions): Promise<Duplex> {
  const key = randomBytes(16).toString('base64');
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
  };
  return new Promise((done, failed) => {
    const request = https.request({ ...options, headers: { ...options.headers, ...upgrade } });
    request.once('error', failed);
    request.once('response', ({ statusCode }) => failed(new Error(`no websocket at ${options.path}: ${statusCode}`)));
    request.once('upgrade', (_answer, socket: Duplex, head) => {
      let unread = head;
      socket.on('data', (chunk: Buffer) => {
        unread = Buffer.concat([unread, chunk]);
        for (let frame = firstFrame(unread); frame; frame = firstFrame(unread)) {
          if (frame.opcode === 9) socket.write(masked(0x8a, frame.payload));
          unread = unread.subarray(frame.bytes);
        }
      });
      socket.on('error', () => {});
      done(socket);
    });
    request.end();
  });
}

function firstFrame(data: Buffer): { opcode: number; payload: Buffer; bytes: number } | undefined {
  const short = (data[1] ?? 0) & 0x7f;
  const start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (data.length < start) return undefined;
  const length = short === 126 ? data.readUInt16BE(2) : short === 127 ? Number(data.readBigUInt64BE(2)) : short;
  if (data.length < start + length) return undefined;
  const payload = data.subarray(start, start + length);
  return { opcode: (data[0] ?? 0) & 0x0f, payload, bytes: start + length };
}

/** A short frame as a client has to send it. */
function masked(first: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const hidden = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.from([first, 0x80 | payload.length]), mask, hidden]);
}
