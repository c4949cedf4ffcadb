import { type Platform, publicNetwork } from '../domain/platform.ts';
import { ExpectedError } from '../errors.ts';
import type { Labels } from './engine-types.ts';

export interface Route {
  /** Prefix of every router, service and middleware name (same names on two services make Traefik drop both); `_` follows it, which no stack name holds. */
  stack: string;
  host: string;
  port: number;
  release: number;
  tls: 'none' | 'given' | 'acme';
  /** Paths that this oTree leaves open without a login, to be closed here. */
  closedPaths: readonly string[];
}

/** A study that is stopped or retired: its address leads to the page that says so. */
export interface ClosedRoute {
  readonly stack: string;
  readonly host: string;
}

const ownPriority = 1000;
/** A study that runs wins at its address, whatever is still written here. */
const closedPriority = 10;

export const closedPageService = 'oforest_closed';
export const closedPagePort = 8080;

/** All labels Traefik reads of a web service, checked against the allow-list. */
export function traefikLabels({ stack, host, port, release, tls, closedPaths }: Route): Labels {
  const router = `traefik.http.routers.${stack}`;
  const secured = entryOf(tls);
  const headers = `traefik.http.middlewares.${stack}_headers.headers`;
  const labels: Record<string, string> = {
    'traefik.enable': 'true',
    'traefik.swarm.network': publicNetwork,
    [`${router}.rule`]: `Host(\`${host}\`)`,
    [`${router}.priority`]: String(ownPriority),
    [`${router}.service`]: stack,
    [`${router}.middlewares`]: `${stack}_headers`,
    ...prefixed(router, secured),
    [`traefik.http.services.${stack}.loadbalancer.server.port`]: String(port),
    [`${headers}.customresponseheaders.X-OForest-Release`]: `v${release}`,
    // oTree logs the visitor's address when it is told; an empty value makes Traefik drop the header.
    [`${headers}.customrequestheaders.X-Forwarded-For`]: '',
    [`${headers}.customrequestheaders.X-Real-Ip`]: '',
  };
  if (closedPaths.length > 0) {
    const closed = `traefik.http.routers.${stack}_closed`;
    const paths = closedPaths.map((path) => `Path(\`${path}\`)`).join(' || ');
    Object.assign(labels, {
      [`${closed}.rule`]: `Host(\`${host}\`) && (${paths})`,
      [`${closed}.priority`]: String(ownPriority + 1),
      [`${closed}.service`]: stack,
      [`${closed}.middlewares`]: `${stack}_nobody`,
      ...prefixed(closed, secured),
      // No visitor has this address: everyone gets 403.
      [`traefik.http.middlewares.${stack}_nobody.ipallowlist.sourcerange`]: '255.255.255.255/32',
    });
  }
  checkTraefikLabels(labels);
  return labels;
}

/** All labels Traefik reads of the page for closed studies: one router for each, none at all without any. */
export function closedRouteLabels(routes: readonly ClosedRoute[], tls: Route['tls']): Labels {
  if (routes.length === 0) return {};
  const labels: Record<string, string> = {
    'traefik.enable': 'true',
    'traefik.swarm.network': publicNetwork,
    [`traefik.http.services.${closedPageService}.loadbalancer.server.port`]: String(closedPagePort),
  };
  for (const { stack, host } of routes)
    Object.assign(
      labels,
      prefixed(`traefik.http.routers.${stack}_gone`, {
        rule: `Host(\`${host}\`)`,
        priority: String(closedPriority),
        service: closedPageService,
        ...entryOf(tls),
      }),
    );
  checkTraefikLabels(labels);
  return labels;
}

/** The studies that the labels of that page name, in the order of their names. */
export function closedRoutesOf(labels: Labels): readonly ClosedRoute[] {
  return Object.entries(labels)
    .flatMap(([key, value]) => {
      const stack = /^traefik\.http\.routers\.([^.]+)_gone\.rule$/.exec(key)?.[1];
      const host = /^Host\(`([^`]+)`\)$/.exec(value)?.[1];
      return stack !== undefined && host !== undefined ? [{ stack, host }] : [];
    })
    .sort((a, b) => (a.stack < b.stack ? -1 : 1));
}

export function routeTlsOf({ tls: { mode } }: Pick<Platform, 'tls'>): Route['tls'] {
  return mode === 'files' ? 'given' : mode;
}

/** How visitors come in, the same for every router of the platform. */
function entryOf(tls: Route['tls']): Record<string, string> {
  return {
    entrypoints: tls === 'none' ? 'web' : 'websecure',
    ...(tls !== 'none' && { tls: 'true' }),
    ...(tls === 'acme' && { 'tls.certresolver': 'oforest' }),
  };
}

function prefixed(prefix: string, values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${prefix}.${key}`, value]));
}

const name = '[a-z0-9_-]+';
/** From Traefik's label reference: the options we write, and no other. */
const allowed = new RegExp(
  `^traefik\\.(?:enable|swarm\\.network|http\\.(?:${[
    `routers\\.${name}\\.(?:rule|priority|service|middlewares|entrypoints|tls|tls\\.certresolver)`,
    `services\\.${name}\\.loadbalancer\\.server\\.port`,
    `middlewares\\.${name}\\.headers\\.customresponseheaders\\.X-OForest-Release`,
    `middlewares\\.${name}\\.headers\\.customrequestheaders\\.X-(?:Forwarded-For|Real-Ip)`,
    `middlewares\\.${name}\\.ipallowlist\\.sourcerange`,
  ].join('|')}))$`,
);
const plainValue = /^[\x20-\x7e]*$/;

/**
 * One unknown label makes Traefik skip the whole service with nothing but a log line of its own, so nothing else is
 * ever written. Throws `label-refused`.
 */
export function checkTraefikLabels(labels: Labels): void {
  for (const [key, value] of Object.entries(labels)) {
    if (!key.startsWith('traefik.')) continue;
    if (allowed.test(key) && plainValue.test(value)) continue;
    throw new ExpectedError('label-refused', `writing the label ${JSON.stringify(key)}`, {
      why: 'Traefik would drop the whole service over a label it does not know.',
      now: 'Nothing was changed.',
      hint: 'Report this: oForest built a label that its own check refuses.',
    });
  }
}
