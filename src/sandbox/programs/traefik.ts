import { createServer, type IncomingMessage, type ServerResponse, request as sendRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { parse } from 'yaml';
import { asSocket } from '../doors/as-socket.ts';
import { type Route, routesOf } from '../router/routes-of.ts';
import type { Container, Program } from './program.ts';

const throttleMs = 100;
const visitorAddress = '127.0.0.1';

interface StaticConfig {
  entryPoints?: Record<
    string,
    { address?: string; http?: { redirections?: { entryPoint?: { to?: string; scheme?: string } } } }
  >;
  providers?: { file?: { filename?: string } };
}

interface EntryPoint {
  readonly name: string;
  readonly port: number;
  readonly secure: boolean;
  /** `:443`: where everything is sent instead. */
  readonly redirect: { scheme: string; port: string } | undefined;
}

/** Traefik as far as oForest uses it: entry points, the Swarm's labels looked at once a second, certificates from files. */
export const traefikProgram: Program = (container) => {
  const config = staticConfig(container);
  const entryPoints = entryPointsOf(config);
  const certificate = certificateOf(container, config);
  let routes: readonly Route[] = [];
  let stop: () => void = () => undefined;
  const look = () => {
    const found = routesOf(container.manager?.services() ?? []);
    for (const { service, why } of found.skipped)
      container.print(JSON.stringify({ level: 'error', providerName: 'swarm', serviceName: service, error: why }));
    stop = container.timeline.after(throttleMs, () => {
      routes = found.routes;
      stop = container.timeline.after(1_000 - throttleMs, look);
    });
  };
  stop = container.timeline.after(200, look);
  container.print(JSON.stringify({ level: 'info', message: 'Traefik version 3.7 (sandbox)' }));

  const servers = new Map(
    entryPoints.map((entry) => {
      const server = createServer((visit, answer) => {
        container.timeline.touch?.();
        if (entry.redirect) redirect(entry.redirect, visit, answer);
        else forward(visit, answer, routeOf(routes, visit, entry), entry.secure);
      });
      server.on('upgrade', (visit: IncomingMessage, stream: Duplex, head: Buffer) =>
        passThrough(visit, stream, head, routeOf(routes, visit, entry)),
      );
      return [entry.port, { entry, server }] as const;
    }),
  );

  return {
    accept(port, stream) {
      const found = servers.get(port);
      if (!found) return false;
      asSocket(stream).on('error', () => undefined);
      if (!found.entry.secure) found.server.emit('connection', stream);
      else if (certificate) found.server.emit('connection', secured(stream, certificate));
      else stream.destroy();
      return true;
    },
    terminate: () => void container.timeline.after(200, () => container.exit(0)),
    end: () => stop(),
  };
};

function staticConfig({ words, files }: Container): StaticConfig {
  const named = words.map((word) => /^--configFile=(.*)$/i.exec(word)?.[1]).find(Boolean);
  const places = [named, '/etc/traefik/traefik.yml', '/run/secrets/traefik.yml'];
  const text = places.map((place) => (place === undefined ? undefined : files.get(place))).find(Boolean);
  return (text ? parse(text.toString('utf8')) : {}) as StaticConfig;
}

function entryPointsOf({ entryPoints = {} }: StaticConfig): EntryPoint[] {
  return Object.entries(entryPoints).map(([name, { address = ':80', http }]) => {
    const to = http?.redirections?.entryPoint;
    return {
      name,
      port: Number(address.split(':').at(-1)),
      secure: name === 'websecure',
      redirect: to && { scheme: to.scheme ?? 'https', port: (to.to ?? ':443').replace(/^:/, '') },
    };
  });
}

interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

interface TlsFiles {
  tls?: { certificates?: CertificateFiles[]; stores?: { default?: { defaultCertificate?: CertificateFiles } } };
}

/** The one certificate of the platform: the default, or the first of a list. */
function certificateOf({ files }: Container, { providers }: StaticConfig): tls.SecureContext | undefined {
  const dynamic = files.get(providers?.file?.filename ?? '');
  const found = ((dynamic && parse(dynamic.toString('utf8'))) as TlsFiles | undefined)?.tls;
  const given = found?.stores?.default?.defaultCertificate ?? found?.certificates?.[0];
  const cert = files.get(given?.certFile ?? '');
  const key = files.get(given?.keyFile ?? '');
  return cert && key && tls.createSecureContext({ cert, key });
}

function secured(stream: Duplex, secureContext: tls.SecureContext): tls.TLSSocket {
  const socket = new tls.TLSSocket(stream as Socket, { isServer: true, secureContext });
  socket.on('error', () => stream.destroy());
  return socket;
}

function routeOf(
  routes: readonly Route[],
  { headers, url = '/' }: IncomingMessage,
  entry: EntryPoint,
): Route | undefined {
  const visit = { host: (headers.host ?? '').replace(/:\d+$/, '').toLowerCase(), path: url.split('?')[0] ?? '/' };
  return routes.find(
    ({ rule, entryPoints, tls: isTls }) =>
      isTls === entry.secure && (entryPoints.length === 0 || entryPoints.includes(entry.name)) && rule(visit),
  );
}

function redirect(
  { scheme, port }: { scheme: string; port: string },
  visit: IncomingMessage,
  answer: ServerResponse,
): void {
  const host = (visit.headers.host ?? '').replace(/:\d+$/, '');
  const shown = port === '443' || port === '' ? '' : `:${port}`;
  answer.writeHead(302, { Location: `${scheme}://${host}${shown}${visit.url}` }).end('Found');
}

function forward(visit: IncomingMessage, answer: ServerResponse, route: Route | undefined, secure: boolean): void {
  const plain = (status: number, text: string) =>
    void answer.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
  visit.on('error', () => undefined);
  const way = route && isAllowed(route) ? dial(route) : undefined;
  if (!route || !way) {
    if (!route) plain(404, '404 page not found\n');
    else if (!isAllowed(route)) plain(403, 'Forbidden');
    else plain(502, 'Bad Gateway');
    return;
  }
  const headers = requestHeaders(visit, route, secure);
  const sent = sendRequest({
    method: visit.method,
    path: visit.url,
    headers,
    createConnection: () => asSocket(way) as Socket,
  });
  sent.on('error', () => (answer.headersSent ? answer.destroy() : plain(502, 'Bad Gateway')));
  sent.on('response', (inner) => {
    const given = { ...inner.headers };
    for (const { responseHeaders } of route.middlewares) Object.assign(given, responseHeaders);
    answer.writeHead(inner.statusCode ?? 502, given);
    inner.on('error', () => answer.destroy());
    inner.pipe(answer);
  });
  answer.on('close', () => way.destroy());
  visit.pipe(sent);
}

function dial({ service, port }: Route): Duplex | undefined {
  return service.tasks[0]?.dial(port);
}

function isAllowed({ middlewares }: Route): boolean {
  return middlewares.every(
    ({ allowed }) => allowed === undefined || allowed.some((range) => covers(range, visitorAddress)),
  );
}

/** Ranges of whole bytes and single addresses are all that is needed of CIDR here. */
function covers(range: string, address: string): boolean {
  const [base = '', bits = '32'] = range.split('/');
  const bytes = Math.floor(Number(bits) / 8);
  return base.split('.').slice(0, bytes).join('.') === address.split('.').slice(0, bytes).join('.');
}

/** What Traefik tells the study of its visitor, changed by the headers middleware: an empty value takes a header away. */
function requestHeaders(
  { headers }: IncomingMessage,
  { middlewares }: Route,
  secure: boolean,
): Record<string, string | string[]> {
  const all = new Map<string, string | string[]>();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) all.set(name, value);
  all.set('x-forwarded-for', visitorAddress);
  all.set('x-real-ip', visitorAddress);
  all.set('x-forwarded-proto', secure ? 'https' : 'http');
  all.set('x-forwarded-host', headers.host ?? '');
  for (const { requestHeaders: changes } of middlewares)
    for (const [name, value] of Object.entries(changes)) {
      if (value === '') all.delete(name);
      else all.set(name, value);
    }
  return Object.fromEntries(all);
}

/** A websocket: the same bytes both ways. */
function passThrough(visit: IncomingMessage, stream: Duplex, head: Buffer, route: Route | undefined): void {
  stream.on('error', () => undefined);
  const way = route && isAllowed(route) ? dial(route) : undefined;
  if (!way) return void stream.end('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  way.on('error', () => stream.destroy());
  way.write(`${visit.method} ${visit.url} HTTP/1.1\r\n${rawHeaders(visit)}\r\n`);
  way.write(head);
  stream.on('close', () => way.destroy());
  way.on('close', () => stream.destroy());
  stream.pipe(way).pipe(stream);
}

function rawHeaders({ rawHeaders: raw }: IncomingMessage): string {
  let text = '';
  for (let at = 0; at < raw.length; at += 2) text += `${raw[at]}: ${raw[at + 1]}\r\n`;
  return text;
}
