import type { RoutedService } from '../programs/program.ts';
import { parseRule, type Rule } from './rule.ts';

export interface Middleware {
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly responseHeaders: Readonly<Record<string, string>>;
  /** Addresses that may pass; undefined: all. */
  readonly allowed: readonly string[] | undefined;
}

export interface Route {
  readonly name: string;
  readonly rule: Rule;
  readonly priority: number;
  readonly entryPoints: readonly string[];
  readonly tls: boolean;
  readonly middlewares: readonly Middleware[];
  readonly service: RoutedService;
  readonly port: number;
}

interface Parts {
  routers: Map<string, Map<string, string>>;
  services: Map<string, Map<string, string>>;
  middlewares: Map<string, Map<string, string>>;
}

/** Options that Traefik's label reference knows; `*` stands for a header's name. */
const known: Readonly<Record<keyof Parts, readonly RegExp[]>> = {
  routers: [/^(rule|priority|service|middlewares|entrypoints|tls|tls\.certresolver|tls\.options)$/],
  services: [/^loadbalancer\.(server\.(port|scheme)|passhostheader|sticky(\.cookie(\.\w+)?)?|healthcheck\.\w+)$/],
  middlewares: [
    /^headers\.(customrequestheaders|customresponseheaders)\.[\w-]+$/,
    /^ipallowlist\.(sourcerange|ipstrategy\.depth)$/,
    /^redirectscheme\.(scheme|permanent|port)$/,
    /^basicauth\.(users|realm|removeheader)$/,
  ],
};

/**
 * The routers that services ask for by their labels, highest priority first, and the services that Traefik leaves out
 * with its reason. One option it does not know costs a service all its routers; no running task, too.
 */
export function routesOf(services: readonly RoutedService[]): {
  routes: readonly Route[];
  skipped: readonly { service: string; why: string }[];
} {
  const found: Route[] = [];
  const skipped: { service: string; why: string }[] = [];
  for (const service of services) {
    const labels = new Map(Object.entries(service.labels).map(([key, value]) => [key.toLowerCase(), value]));
    if (labels.get('traefik.enable') !== 'true' || service.tasks.length === 0) continue;
    try {
      found.push(...routersOf(service, labels));
    } catch (error) {
      skipped.push({ service: service.name, why: (error as Error).message });
    }
  }
  const routes = withoutConflicts(found).sort((a, b) => b.priority - a.priority);
  return { routes, skipped };
}

function routersOf(service: RoutedService, labels: ReadonlyMap<string, string>): Route[] {
  const names = [...labels.keys()];
  if (
    names.some((name) => name.startsWith('traefik.docker.')) &&
    names.some((name) => name.startsWith('traefik.swarm.'))
  )
    throw new Error('both Docker and Swarm labels are defined');
  const network = labels.get('traefik.swarm.network');
  if (network !== undefined && !service.networks.includes(network)) throw new Error(`no network named ${network}`);
  const parts = partsOf(labels);
  return [...parts.routers].flatMap(([name, options]) => {
    const rule = options.get('rule');
    const target = options.get('service') ?? [...parts.services.keys()][0] ?? '';
    const port = Number(parts.services.get(target)?.get('loadbalancer.server.port'));
    if (rule === undefined || !(port > 0)) return [];
    let parsed: Rule;
    try {
      parsed = parseRule(rule);
    } catch {
      return []; // Traefik logs it and goes on without this router
    }
    const entryPoints = list(options.get('entrypoints'));
    return [
      {
        name,
        rule: parsed,
        priority: Number(options.get('priority') ?? rule.length),
        entryPoints,
        tls: options.get('tls') === 'true' || options.has('tls.certresolver'),
        middlewares: list(options.get('middlewares')).map((one) =>
          middlewareOf(parts.middlewares.get(one.toLowerCase())),
        ),
        service,
        port,
      },
    ];
  });
}

function partsOf(labels: ReadonlyMap<string, string>): Parts {
  const parts: Parts = { routers: new Map(), services: new Map(), middlewares: new Map() };
  for (const [key, value] of labels) {
    if (!key.startsWith('traefik.http.')) continue;
    const [, kind = '', name = '', option = ''] = /^traefik\.http\.([^.]+)\.([^.]+)\.(.+)$/.exec(key) ?? [];
    const isKnown = kind in known && known[kind as keyof Parts].some((pattern) => pattern.test(option));
    if (!isKnown) throw new Error(`field not found, node: ${option.split('.').at(-1) || kind}`);
    const group = parts[kind as keyof Parts];
    group.set(name, (group.get(name) ?? new Map()).set(option, value));
  }
  return parts;
}

function middlewareOf(options: ReadonlyMap<string, string> | undefined): Middleware {
  const under = (prefix: string) =>
    Object.fromEntries(
      [...(options ?? [])]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, value]) => [key.slice(prefix.length), value]),
    );
  const range = options?.get('ipallowlist.sourcerange');
  return {
    requestHeaders: under('headers.customrequestheaders.'),
    responseHeaders: under('headers.customresponseheaders.'),
    allowed: range === undefined ? undefined : list(range),
  };
}

/** The same name on two services: Traefik drops it for both. */
function withoutConflicts(routes: readonly Route[]): Route[] {
  return routes.filter(
    ({ name, service }) => !routes.some((other) => other.name === name && other.service.id !== service.id),
  );
}

const list = (text = ''): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
