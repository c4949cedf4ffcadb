import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import { EngineError } from '../swarm/engine-error.ts';
import { goSyntaxError } from '../swarm/go-json.ts';
import type { Json } from '../swarm/objects.ts';
import type { SwarmModel } from '../swarm/swarm-model.ts';

/** A request once it is read. */
export interface EngineRequest {
  readonly method: string;
  /** Without the version. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
  /** The same, where it is no text. */
  readonly bytes: Buffer;
  readonly headers: IncomingHttpHeaders;
  /** The client offers to leave HTTP. */
  readonly upgrades: boolean;
  /** Parts of the path that the route names. */
  readonly parts: Readonly<Record<string, string>>;
}

/** A body that goes on: it is written to until the client leaves; ending it is up to who makes it. */
export interface OpenBody {
  write(chunk: Buffer | string): void;
  end(): void;
  /** Called once the client is gone. */
  onClose(act: () => void): void;
}

export type Answer =
  | { status: number; json?: unknown; text?: string; bytes?: Buffer; headers?: Record<string, string> }
  | { status: 200; headers?: Record<string, string>; open: (body: OpenBody) => void }
  /** The connection leaves HTTP. */
  | { status: 101; upgraded: (stream: Duplex) => void };

export type Handler = (request: EngineRequest, model: SwarmModel) => Answer | Promise<Answer>;

/** The body as an object, read as leniently as dockerd reads it: keys match whatever their case, what follows is ignored. */
export function bodyOf({ body }: EngineRequest, goType = 'swarm.ServiceSpec'): Json {
  if (body.trim() === '') throw new EngineError(400, 'got EOF while reading request body');
  const parsed = parseFirst(body);
  const kind = Array.isArray(parsed) ? 'array' : typeof parsed;
  if (kind !== 'object') throw new EngineError(400, `json: cannot unmarshal ${kind} into Go value of type ${goType}`);
  return withKnownCase((parsed ?? {}) as Json);
}

/** dockerd cares for the type of some bodies, and not of others. */
export function checkJsonType({ headers, body }: EngineRequest): void {
  const type = headers['content-type'] ?? '';
  if (body !== '' && !type.startsWith('application/json'))
    throw new EngineError(400, `Content-Type specified (${type}) must be 'application/json'`);
}

/** Go reads one value and leaves the rest alone. */
function parseFirst(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const end = text.lastIndexOf('}');
    for (let at = text.indexOf('}'); at >= 0 && at <= end; at = text.indexOf('}', at + 1))
      try {
        return JSON.parse(text.slice(0, at + 1));
      } catch {
        // a longer piece may be whole
      }
    throw new EngineError(400, goSyntaxError(text));
  }
}

const knownKeys = new Map(
  [
    'Name',
    'Labels',
    'Data',
    'TaskTemplate',
    'ContainerSpec',
    'Image',
    'Mode',
    'Driver',
    'Internal',
    'Attachable',
    'IPAM',
    'Cmd',
  ].map((key) => [key.toLowerCase(), key]),
);

/** Go matches the keys of JSON whatever their case; we do so for those that matter, at the top and below. */
function withKnownCase(value: Json): Json {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const name = knownKeys.get(key.toLowerCase()) ?? key;
      const isPlain = typeof inner === 'object' && inner !== null && !Array.isArray(inner) && name !== 'Labels';
      return [name, isPlain ? withKnownCase(inner as Json) : inner];
    }),
  );
}

/** The version a writer read. */
export function versionOf({ query }: EngineRequest, sort: string): number {
  const text = query.get('version') ?? '';
  const version = Number(text);
  if (text !== '' && Number.isInteger(version) && version >= 0) return version;
  const isObject = sort === 'config' || sort === 'secret';
  const why = isObject ? '' : ` '${text}': strconv.ParseUint: parsing "${text}": invalid syntax`;
  throw new EngineError(400, `invalid ${sort} version${why}`);
}
