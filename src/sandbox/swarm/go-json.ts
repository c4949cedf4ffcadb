import { EngineError } from './engine-error.ts';
import type { Json } from './objects.ts';

/** What Go's parser says of text that is no JSON; its own words reach dockerd's clients. */
export function goSyntaxError(text: string): string {
  const trimmed = text.trim();
  const [first = '', second = ''] = trimmed;
  const literal = ({ n: 'null', t: 'true', f: 'false' } as Record<string, string>)[first];
  if (literal !== undefined && second !== literal[1])
    return `invalid character '${second}' in literal ${literal} (expecting '${literal[1]}')`;
  if (!'{["-0123456789'.includes(first) && literal === undefined)
    return `invalid character '${first}' looking for beginning of value`;
  return 'unexpected EOF';
}

type Kind = 'string' | 'uint64' | 'int64' | 'bytes' | 'texts' | 'labels' | 'template' | 'mode';
/** Where a client's mistake is common enough to be worth dockerd's own words: path, type, and Go's name of the field. */
export type GoFields = readonly (readonly [path: string, kind: Kind, name: string])[];

const goTypes: Readonly<Record<Kind, string>> = {
  string: 'string',
  uint64: 'uint64',
  int64: 'int64',
  bytes: '[]uint8',
  texts: '[]string',
  labels: 'map[string]string',
  template: 'swarm.TaskSpec',
  mode: 'swarm.ServiceMode',
};

/** Throws dockerd's 400 for a field of another type than Go wants. */
export function checkGoTypes(body: Json, fields: GoFields): void {
  for (const [path, kind, name] of fields) {
    let value: unknown = body;
    for (const key of path.split('.'))
      value = typeof value === 'object' && value !== null ? (value as Json)[key] : undefined;
    if (value === undefined || value === null) continue;
    const said = mismatch(value, kind);
    if (said) throw wrongType(said, name, goTypes[kind]);
    const odd = kind === 'labels' ? Object.values(value as Json).find((one) => typeof one !== 'string') : undefined;
    if (odd !== undefined) throw wrongType(goKind(odd), name, 'string');
  }
}

function wrongType(said: string, name: string, type: string): EngineError {
  return new EngineError(400, `json: cannot unmarshal ${said} into Go struct field ${name} of type ${type}`);
}

function mismatch(value: unknown, kind: Kind): string | undefined {
  if (kind === 'texts') return Array.isArray(value) ? undefined : goKind(value);
  if (kind === 'labels' || kind === 'template' || kind === 'mode')
    return typeof value === 'object' && !Array.isArray(value) ? undefined : goKind(value);
  const isText = kind === 'string' || kind === 'bytes';
  if (isText) return typeof value === 'string' ? undefined : goKind(value);
  if (typeof value !== 'number') return goKind(value);
  const isWhole = Number.isInteger(value);
  if (isWhole && (kind === 'int64' || value >= 0)) return undefined;
  return `number ${value}`;
}

function goKind(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Where base64 stops being base64; undefined where it does not. */
export function badBase64(text: string): number | undefined {
  const at = text.search(/[^A-Za-z0-9+/=]/);
  return at < 0 ? undefined : at;
}
