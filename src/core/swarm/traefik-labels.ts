import { publicNetwork } from '../domain/platform.ts';
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

const ownPriority = 1000;

/** All labels Traefik reads of a web service, checked against the allow-list. */
export function traefikLabels({ stack, host, port, release, tls, closedPaths }: Route): Labels {
  const router = `traefik.http.routers.${stack}`;
  const secured = {
    entrypoints: tls === 'none' ? 'web' : 'websecure',
    ...(tls !== 'none' && { tls: 'true' }),
    ...(tls === 'acme' && { 'tls.certresolver': 'oforest' }),
  };
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
