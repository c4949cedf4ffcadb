import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export interface SeenRequest {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  body: string;
}

type Answer = (request: SeenRequest, response: ServerResponse, socket: Socket) => void;

export interface TinyDockerd extends AsyncDisposable {
  readonly requests: readonly SeenRequest[];
  /** Sockets that are open now. */
  connections(): number;
  /** Ends all sockets, as a restart of dockerd does. */
  dropAll(): void;
}

export interface TinyDockerdOptions {
  max?: string;
  min?: string;
  /** By method and path without version, `GET /info`; anything else is answered by `{"path": …}`. */
  answers?: Record<string, Answer>;
  /** For `Upgrade` requests; by default it echoes. */
  onUpgrade?: (request: IncomingMessage, socket: Socket) => void;
}

/** HTTP on a unix socket with dockerd's manners, and nothing behind it. */
export async function startTinyDockerd(path: string, options: TinyDockerdOptions = {}): Promise<TinyDockerd> {
  const { max = '1.41', min = '1.12', answers = {} } = options;
  const requests: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ keepAliveTimeout: 0 }, async (message, response) => {
    let body = '';
    for await (const chunk of message) body += chunk;
    const { method = '', url = '', headers } = message;
    const seen = { method, url, headers, body };
    requests.push(seen);
    response.setHeader('Api-Version', max);
    const pathname = url.replace(/\?.*$/, '').replace(/^\/v[\d.]+/, '');
    const answer = answers[`${method} ${pathname}`];
    if (answer) answer(seen, response, message.socket);
    else if (pathname === '/_ping') response.end('OK');
    else if (pathname === '/version') json(response, { ApiVersion: max, MinAPIVersion: min });
    else json(response, { path: pathname });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request: IncomingMessage, socket: Socket) => {
    socket.on('error', () => undefined);
    if (options.onUpgrade) return options.onUpgrade(request, socket);
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfirst ');
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    requests,
    connections: () => sockets.size,
    dropAll,
    [Symbol.asyncDispose]: async () => {
      dropAll();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(value)}\n`);
}
