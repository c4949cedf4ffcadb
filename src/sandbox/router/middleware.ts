import { BlockList, isIP } from 'node:net';
import type { Options } from './label-parts.ts';

/** Something between a router and its service; one of these is of one kind. */
export type Middleware =
  /** An empty value takes the header away. */
  | {
      kind: 'headers';
      request: Readonly<Record<string, string>>;
      response: Readonly<Record<string, string>>;
    }
  | { kind: 'allow-list'; allows(address: string): boolean }
  | { kind: 'redirect'; redirect: SchemeRedirect };

export interface SchemeRedirect {
  readonly scheme: string;
  /** Undefined: the usual one of the scheme. */
  readonly port: string | undefined;
  readonly permanent: boolean;
}

/** What the options of a middleware ask for. Throws for values that Traefik refuses. */
export function middlewareOf(options: Options): Middleware {
  const kinds = new Set([...options.keys()].map((key) => key.split('.')[0]));
  if (kinds.size > 1)
    throw new Error(
      'cannot create middleware: multi-types middleware not supported, consider declaring two different pieces of middleware instead',
    );
  const range = options.get('ipallowlist.sourcerange');
  if (range !== undefined) return { kind: 'allow-list', allows: allowList(wordsOf(range)) };
  if (kinds.has('redirectscheme')) return { kind: 'redirect', redirect: redirectOf(options) };
  return {
    kind: 'headers',
    request: under('headers.customrequestheaders.', options),
    response: under('headers.customresponseheaders.', options),
  };
}

function redirectOf(options: Options): SchemeRedirect {
  const scheme = options.get('redirectscheme.scheme') ?? '';
  if (scheme === '') throw new Error('you must provide a target scheme');
  const permanent = options.get('redirectscheme.permanent') === 'true';
  return { scheme, port: options.get('redirectscheme.port'), permanent };
}

function allowList(ranges: readonly string[]): (address: string) => boolean {
  if (ranges.length === 0) throw new Error('sourceRange is empty, IPAllowLister not created');
  const list = new BlockList();
  for (const range of ranges) {
    const [base = '', bits] = range.split('/');
    const family = familyOf(base);
    const longest = family === 'ipv4' ? 32 : 128;
    const prefix = Number(bits ?? longest);
    if (family === undefined || !(prefix >= 0 && prefix <= longest))
      throw new Error(`cannot parse CIDRs [${ranges.join(' ')}]: invalid CIDR address: ${range}`);
    list.addSubnet(base, prefix, family);
  }
  return (address) => {
    const family = familyOf(address);
    return family !== undefined && list.check(address, family);
  };
}

function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6';
}

function under(prefix: string, options: Options): Record<string, string> {
  const found = [...options].filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(found.map(([key, value]) => [key.slice(prefix.length), value]));
}

/** Traefik's lists in labels: `a, b`. */
export function wordsOf(text = ''): string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
