import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { SchemeRedirect } from './middleware.ts';
import type { Route } from './routes-of.ts';
import type { EntryPoint } from './traefik-config.ts';

export type Headers = Record<string, string | string[]>;

/** What Traefik does with a request: answers it, or hands it on. */
export type Answer = OwnAnswer | PassOn;

export interface OwnAnswer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface PassOn {
  readonly kind: 'pass-on';
  readonly connection: Duplex;
  /** What the study is told, in lower case. */
  readonly headers: Headers;
  /** Header changes for whatever comes back; an empty value takes one away. */
  readonly changes: Readonly<Record<string, string>>;
}

export interface Visit {
  readonly request: IncomingMessage;
  readonly entry: EntryPoint;
  /** The address of the visitor. */
  readonly address: string;
}

/** Decides about a request by the routes of this moment; `turn` is a number that grows with each request. */
export function answerFor(visit: Visit, routes: readonly Route[], turn: number): Answer {
  const { entry, address } = visit;
  if (entry.redirect) return redirection(entry.redirect, visit);
  const route = routeOf(visit, routes);
  if (!route) return notFound;
  const headers = forwardedHeaders(visit);
  const changes: Record<string, string> = {};
  for (const middleware of route.middlewares) {
    if (middleware.kind === 'redirect') return withChanges(redirection(middleware.redirect, visit), changes);
    if (middleware.kind === 'headers') {
      changeHeaders(headers, middleware.request);
      Object.assign(changes, middleware.response);
    } else if (!middleware.allows(address)) return withChanges(plain(403, 'Forbidden'), changes);
  }
  const connection = route.servers[turn % route.servers.length]?.dial();
  if (!connection) return withChanges(badGateway, changes);
  return { kind: 'pass-on', connection, headers, changes };
}

/** No server, or one that does not answer. */
export const badGateway = plain(502, 'Bad Gateway');

const notFound: OwnAnswer = {
  kind: 'answer',
  status: 404,
  headers: { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
  text: '404 page not found\n',
};

/** Puts header changes of the middlewares into effect; names in any case. */
export function changeHeaders(headers: Headers, changes: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(changes)) {
    if (value === '') delete headers[name.toLowerCase()];
    else headers[name.toLowerCase()] = value;
  }
}

function plain(status: number, text: string): OwnAnswer {
  return { kind: 'answer', status, headers: { 'content-type': 'text/plain; charset=utf-8' }, text };
}

/** The same answer with the header changes of the middlewares it went through. */
export function withChanges(answer: OwnAnswer, changes: Readonly<Record<string, string>>): OwnAnswer {
  const headers = { ...answer.headers };
  changeHeaders(headers, changes);
  return { ...answer, headers };
}

/** A router takes visitors with TLS or those without, never both. */
function routeOf({ request, entry }: Visit, routes: readonly Route[]): Route | undefined {
  const visit = { host: hostOf(request).toLowerCase(), path: request.url?.split('?')[0] ?? '/' };
  return routes.find(
    ({ rule, entryPoints, tls }) =>
      tls === entry.secure && (entryPoints.length === 0 || entryPoints.includes(entry.name)) && rule(visit),
  );
}

function redirection({ scheme, port, permanent }: SchemeRedirect, { request }: Visit): OwnAnswer {
  const usual = { http: '80', https: '443' }[scheme];
  const shown = port === undefined || port === '' || port === usual ? '' : `:${port}`;
  const isRead = request.method === 'GET';
  const [status, text] = permanent
    ? isRead
      ? ([301, 'Moved Permanently'] as const)
      : ([308, 'Permanent Redirect'] as const)
    : isRead
      ? ([302, 'Found'] as const)
      : ([307, 'Temporary Redirect'] as const);
  return {
    kind: 'answer',
    status,
    headers: { location: `${scheme}://${hostOf(request)}${shown}${request.url}` },
    text,
  };
}

function hostOf({ headers }: IncomingMessage): string {
  return (headers.host ?? '').replace(/:\d+$/, '');
}

/** They concern one connection, not the request. */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'upgrade',
];

export function withoutHopHeaders(headers: NodeJS.Dict<string | string[]>): Headers {
  const kept: Headers = {};
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !hopByHop.includes(name)) kept[name] = value;
  return kept;
}

/** What visitors say of themselves is not believed. */
function forwardedHeaders({ request, entry, address }: Visit): Headers {
  const { headers } = request;
  const isUpgrade = headers.upgrade !== undefined;
  const scheme = headers.upgrade?.toLowerCase() === 'websocket' ? 'ws' : 'http';
  return {
    ...withoutHopHeaders(headers),
    ...(isUpgrade && { connection: 'Upgrade', upgrade: headers.upgrade }),
    'x-forwarded-for': address,
    'x-forwarded-host': headers.host ?? '',
    'x-forwarded-port': /:(\d+)$/.exec(headers.host ?? '')?.[1] ?? (entry.secure ? '443' : '80'),
    'x-forwarded-proto': entry.secure ? `${scheme}s` : scheme,
    'x-forwarded-server': 'traefik',
    'x-real-ip': address,
  };
}
