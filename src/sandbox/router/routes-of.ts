import type { Duplex } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import type { RoutedService } from '../programs/program.ts';
import { labelParts, type Options } from './label-parts.ts';
import { type Middleware, middlewareOf, wordsOf } from './middleware.ts';
import { parseRule, type Rule } from './rule.ts';

export interface Route {
  readonly name: string;
  readonly rule: Rule;
  readonly priority: number;
  /** Empty: all. */
  readonly entryPoints: readonly string[];
  readonly tls: boolean;
  /** In the order in which a request meets them. */
  readonly middlewares: readonly Middleware[];
  readonly servers: readonly Server[];
}

/** A task of a service at the port that its labels name. */
export interface Server {
  dial(): Duplex | undefined;
}

export interface Skipped {
  readonly service: string;
  readonly why: string;
}

/**
 * The routers that services ask for by their labels, highest priority first, and what Traefik leaves out, with its
 * reason. One option it does not know costs a service all its routers; so does, without a word, having no running task.
 */
export function routesOf(services: readonly RoutedService[]): {
  routes: readonly Route[];
  skipped: readonly Skipped[];
} {
  const skipped: Skipped[] = [];
  const attempt = <T>(service: string, act: () => T): T | undefined => {
    try {
      return act();
    } catch (error) {
      skipped.push({ service, why: (error as Error).message });
      return undefined;
    }
  };
  const declared = services
    .filter(({ tasks }) => tasks.length > 0)
    .flatMap((service) => attempt(service.name, () => declarationOf(service)) ?? []);

  const conflict = (owners: readonly string[], what: string) => {
    for (const service of owners)
      skipped.push({ service, why: `${what} defined multiple times with different configurations` });
  };
  const routers = merged(declared, 'routers', (owners) => conflict(owners, 'Router'));
  const middlewares = merged(declared, 'middlewares', (owners) => conflict(owners, 'Middleware'));
  const backends = merged(declared, 'services', (owners) => conflict(owners, 'Service'));

  const routes = [...routers].flatMap(
    ([
      name,
      {
        content,
        owners: [owner = ''],
      },
    ]) => attempt(owner, () => routeOf({ name, options: content, middlewares, backends, declared })) ?? [],
  );
  return { routes: routes.sort((one, other) => other.priority - one.priority), skipped };
}

interface Declaration {
  readonly service: RoutedService;
  readonly routers: ReadonlyMap<string, Options>;
  readonly middlewares: ReadonlyMap<string, Options>;
  /** Without the port, which two services may have each their own. */
  readonly services: ReadonlyMap<string, Options>;
  readonly servers: ReadonlyMap<string, readonly Server[]>;
}

const portOption = 'loadbalancer.server.port';

/** What one service adds; undefined where it does not want to be seen. Throws with the reason why Traefik skips it. */
function declarationOf(service: RoutedService): Declaration | undefined {
  const { enabled, network } = swarmLabels(service);
  if (!enabled) return undefined;
  const parts = labelParts(service.labels);
  const { name, networks, tasks } = service;
  if (network !== undefined && !networks.includes(network))
    throw new Error(`Could not find network named ${JSON.stringify(network)} for container ${JSON.stringify(name)}`);
  const services = parts.services.size > 0 ? parts.services : new Map([[name, new Map<string, string>()]]);
  const servers = new Map<string, Server[]>();
  for (const [called, options] of services) {
    const port = Number(options.get(portOption) ?? '');
    if (!(port > 0)) throw new Error(`service ${JSON.stringify(called)} error: port is missing`);
    servers.set(
      called,
      tasks.map((task) => ({ dial: () => task.dial(port) })),
    );
  }
  const withoutPort = (options: Options) => new Map([...options].filter(([key]) => key !== portOption));
  return {
    service,
    routers: routersOf(service, parts.routers, [...services.keys()]),
    middlewares: parts.middlewares,
    services: new Map([...services].map(([called, options]) => [called, withoutPort(options)])),
    servers,
  };
}

function swarmLabels({ labels }: RoutedService): { enabled: boolean; network: string | undefined } {
  const lowered = new Map(Object.entries(labels).map(([key, value]) => [key.toLowerCase(), value]));
  const has = (prefix: string) => [...lowered.keys()].some((key) => key.startsWith(prefix));
  if (has('traefik.docker.') && has('traefik.swarm.')) throw new Error('both Docker and Swarm labels are defined');
  return {
    enabled: /^(1|t|true)$/i.test(lowered.get('traefik.enable') ?? ''),
    network: lowered.get('traefik.swarm.network') ?? lowered.get('traefik.docker.network'),
  };
}

/** With what Traefik adds by itself: a router where there is none, its rule, and the only service there is. */
function routersOf(
  { name }: RoutedService,
  routers: ReadonlyMap<string, Options>,
  services: readonly string[],
): ReadonlyMap<string, Options> {
  const all: ReadonlyMap<string, Options> = routers.size > 0 ? routers : new Map([[name, new Map()]]);
  const [only = ''] = services;
  return new Map(
    [...all].map(([router, options]) => [
      router,
      new Map([
        [
          'rule',
          `Host(\`${name
            .split(/[^\p{L}\p{N}]+/u)
            .filter(Boolean)
            .join('-')}\`)`,
        ],
        ...(services.length === 1 ? [['service', only] as const] : []),
        ...options,
      ]),
    ]),
  );
}

type Merged = ReadonlyMap<string, { content: Options; owners: readonly string[] }>;

/** All services together: what two of them define with different content is gone for both. */
function merged(
  declared: readonly Declaration[],
  part: 'routers' | 'middlewares' | 'services',
  onConflict: (owners: readonly string[]) => void,
): Merged {
  const all = new Map<string, { contents: Options[]; owners: string[] }>();
  for (const declaration of declared)
    for (const [name, content] of declaration[part]) {
      const found = all.get(name) ?? { contents: [], owners: [] };
      all.set(name, found);
      found.contents.push(content);
      found.owners.push(declaration.service.name);
    }
  const kept = new Map<string, { content: Options; owners: readonly string[] }>();
  for (const [name, { contents, owners }] of all) {
    const [content] = contents;
    if (content && contents.every((other) => isDeepStrictEqual(other, content))) kept.set(name, { content, owners });
    else onConflict(owners);
  }
  return kept;
}

function routeOf({
  name,
  options,
  middlewares,
  backends,
  declared,
}: {
  name: string;
  options: Options;
  middlewares: Merged;
  backends: Merged;
  declared: readonly Declaration[];
}): Route {
  const text = options.get('rule') ?? '';
  const target = options.get('service');
  if (target === undefined) throw new Error(`Router ${name} cannot be linked automatically with multiple Services`);
  const service = localName(target);
  if (!backends.has(service)) throw new Error(`the service ${JSON.stringify(`${service}@swarm`)} does not exist`);
  return {
    name,
    rule: ruleOf(text),
    priority: Number(options.get('priority') ?? 0) || text.length,
    entryPoints: wordsOf(options.get('entrypoints')),
    tls: options.get('tls') === 'true' || options.has('tls.certresolver') || options.has('tls.options'),
    middlewares: wordsOf(options.get('middlewares')).map((word) => {
      const found = middlewares.get(localName(word));
      if (!found) throw new Error(`middleware ${JSON.stringify(`${localName(word)}@swarm`)} does not exist`);
      return middlewareOf(found.content);
    }),
    servers: declared.flatMap(({ servers }) => servers.get(service) ?? []),
  };
}

function ruleOf(text: string): Rule {
  try {
    return parseRule(text);
  } catch (error) {
    throw new Error(`error while parsing rule ${text}: ${(error as Error).message}`);
  }
}

/** A name may say that it comes from the labels. */
function localName(name: string): string {
  return name.replace(/@swarm$/, '');
}
