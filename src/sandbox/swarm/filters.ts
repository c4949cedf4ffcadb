import { EngineError } from './engine-error.ts';
import { goSyntaxError } from './go-json.ts';
import type { Labels } from './objects.ts';

export type Filters = ReadonlyMap<string, readonly string[]>;

/** Both forms dockerd takes: lists of values, and the older maps to true. */
export function parseFilters(text: string | null, accepted: readonly string[], badStatus = 500): Filters {
  if (text === null || text === '') return new Map();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new EngineError(badStatus, goSyntaxError(text));
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw wrongType(parsed, badStatus);
  const filters = new Map<string, readonly string[]>();
  for (const [name, values] of Object.entries(parsed)) {
    if (!accepted.includes(name)) throw new EngineError(400, `Invalid filter '${name}'`);
    if (typeof values !== 'object' || values === null) throw wrongType(values, badStatus);
    filters.set(name, Array.isArray(values) ? values.map(String) : Object.keys(values));
  }
  return filters;
}

function wrongType(value: unknown, status: number): EngineError {
  const kind = Array.isArray(value) ? 'array' : typeof value;
  return new EngineError(status, `json: cannot unmarshal ${kind} into Go value of type map[string]bool`);
}

/** A filter meets thousands of objects, and is read once. */
const wantedLabels = new WeakMap<readonly string[], readonly (readonly [string, string | undefined])[]>();

/** dockerd turns the values into a map first: of several with the same key the last counts (it answers at random). */
export function matchesLabels(labels: Labels, wanted: readonly string[] | undefined): boolean {
  if (wanted === undefined) return true;
  const pairs = wantedLabels.get(wanted) ?? [...new Map(wanted.map((one) => splitOnce(one, '=')))];
  wantedLabels.set(wanted, pairs);
  return pairs.every(
    ([key, value]) => labels[key] !== undefined && (value === undefined || value === '' || labels[key] === value),
  );
}

/** Ids and names match from their beginning. */
export function matchesStart(text: string, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || wanted.some((one) => text.toLowerCase().startsWith(one.toLowerCase()));
}

export function matchesOne(text: string, wanted: readonly string[] | undefined): boolean {
  return wanted === undefined || wanted.includes(text);
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
