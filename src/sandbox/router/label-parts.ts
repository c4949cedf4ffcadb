/** Options by their path in lower case: `loadbalancer.server.port`; the names of headers stay as they were written. */
export type Options = ReadonlyMap<string, string>;

/** What the labels of one service define, by name. */
export interface LabelParts {
  readonly routers: ReadonlyMap<string, Options>;
  readonly services: ReadonlyMap<string, Options>;
  readonly middlewares: ReadonlyMap<string, Options>;
}

/** Of Traefik's label reference what this router obeys, or may ignore where each service has one task; `*` is any name. */
const known: Readonly<Record<keyof LabelParts, readonly string[]>> = {
  routers: ['rule', 'priority', 'service', 'middlewares', 'entrypoints', 'tls', 'tls.certresolver', 'tls.options'],
  services: [
    'loadbalancer.server.port',
    'loadbalancer.server.scheme',
    'loadbalancer.passhostheader',
    'loadbalancer.sticky',
    'loadbalancer.sticky.cookie',
    'loadbalancer.sticky.cookie.name',
    'loadbalancer.sticky.cookie.secure',
    'loadbalancer.sticky.cookie.httponly',
    'loadbalancer.sticky.cookie.samesite',
  ],
  middlewares: [
    'headers.customrequestheaders.*',
    'headers.customresponseheaders.*',
    'ipallowlist.sourcerange',
    'redirectscheme.scheme',
    'redirectscheme.port',
    'redirectscheme.permanent',
  ],
};

/** The labels under `traefik.http`. Throws in Traefik's words at the first option that it does not know. */
export function labelParts(labels: Readonly<Record<string, string>>): LabelParts {
  const parts = {
    routers: new Map<string, Map<string, string>>(),
    services: new Map<string, Map<string, string>>(),
    middlewares: new Map<string, Map<string, string>>(),
  };
  for (const [label, value] of Object.entries(labels)) {
    const [root = '', http = '', kind = '', name = '', ...path] = label.split('.');
    if (`${root}.${http}`.toLowerCase() !== 'traefik.http') continue;
    const group = kind.toLowerCase();
    if (!isPart(group)) throw fieldNotFound(kind);
    const unknown = unknownNode(known[group], path);
    if (unknown !== undefined) throw fieldNotFound(unknown || name || kind);
    const isNamed = known[group].some((option) => option.endsWith('.*') && fits(option, path, path.length));
    const key = [...path.slice(0, -1).map((part) => part.toLowerCase()), lastOf(path, isNamed)].join('.');
    const options = parts[group].get(name) ?? new Map<string, string>();
    parts[group].set(name, options.set(key, value));
  }
  return parts;
}

function isPart(kind: string): kind is keyof LabelParts {
  return Object.hasOwn(known, kind);
}

function lastOf(path: readonly string[], isNamed: boolean): string {
  const last = path.at(-1) ?? '';
  return isNamed ? last : last.toLowerCase();
}

/** The first part of the path that leads nowhere; undefined where all of it is known. */
function unknownNode(options: readonly string[], path: readonly string[]): string | undefined {
  const lost = path.findIndex((_, at) => !options.some((option) => fits(option, path, at + 1)));
  if (lost >= 0) return path[lost];
  const isWhole = options.some((option) => option.split('.').length === path.length && fits(option, path, path.length));
  return isWhole ? undefined : (path.at(-1) ?? '');
}

function fits(option: string, path: readonly string[], length: number): boolean {
  const fields = option.split('.');
  if (fields.length < length) return false;
  return path.slice(0, length).every((part, at) => fields[at] === '*' || fields[at] === part.toLowerCase());
}

function fieldNotFound(node: string): Error {
  return new Error(`field not found, node: ${node}`);
}
