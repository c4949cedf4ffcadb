import type { Document, LineCounter } from 'yaml';
import { isMap, isNode, isScalar } from 'yaml';
import type { z } from 'zod';
import { didYouMean } from '../domain/did-you-mean.ts';
import { configSchema } from './config.ts';

/** One thing that is wrong with a config file. */
export interface Problem {
  /** Counted from 1. */
  line?: number | undefined;
  /** `servers.lab.port` */
  key?: string;
  message: string;
}

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What zod found, at the place in the file and in words for a person. */
export function configProblems(
  error: z.ZodError,
  { document, lines }: { document: Document; lines: LineCounter },
): Problem[] {
  return error.issues
    .flatMap((issue) => plainIssues(issue, document))
    .flatMap((issue) => problemsOf(issue))
    .map(({ path, message }) => ({
      line: lineOf(path, { document, lines }),
      key: path.map(String).join('.'),
      message,
    }));
}

/** A server is one of two shapes: of the failed attempts the one that the keys speak for counts. */
function plainIssues(issue: Issue, document: Document): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const isLocal = document.hasIn([...issue.path, 'socket']);
  const [remote = [], local = []] = issue.errors;
  const chosen = isLocal ? local : remote;
  return chosen.flatMap((inner) => plainIssues({ ...inner, path: [...issue.path, ...inner.path] }, document));
}

function problemsOf(issue: Issue): { path: Path; message: string }[] {
  if (issue.code !== 'unrecognized_keys') return [{ path: issue.path, message: issue.message }];
  return issue.keys.map((key) => {
    const meant = didYouMean(key, keysAt(issue.path));
    return {
      path: [...issue.path, key],
      message: `unknown key${meant === undefined ? '' : `; did you mean "${meant}"?`}`,
    };
  });
}

/** The keys that the schema knows at a place; for a server those of both shapes. */
function keysAt(path: Path): string[] {
  return keysOf(path.reduce<Schema | undefined>((schema, key) => schema && descend(schema, String(key)), configSchema));
}

type Schema = z.core.$ZodType;

function keysOf(schema: Schema | undefined): string[] {
  return schema ? optionsOf(schema).flatMap((option) => Object.keys(shapeOf(option) ?? {})) : [];
}

function descend(schema: Schema, key: string): Schema | undefined {
  for (const option of optionsOf(schema)) {
    const inner = shapeOf(option)?.[key] ?? (option._zod.def as { valueType?: Schema }).valueType;
    if (inner) return inner;
  }
  return undefined;
}

/** A union's members, or the schema itself, without `optional` and `default`. */
function optionsOf(schema: Schema): Schema[] {
  const { innerType, options } = schema._zod.def as { innerType?: Schema; options?: Schema[] };
  if (innerType) return optionsOf(innerType);
  return options ? options.flatMap(optionsOf) : [schema];
}

function shapeOf(schema: Schema): Record<string, Schema> | undefined {
  return (schema._zod.def as { shape?: Record<string, Schema> }).shape;
}

/** The line of a key, or of the nearest thing around it that is there. */
function lineOf(path: Path, place: { document: Document; lines: LineCounter }): number | undefined {
  const { document, lines } = place;
  if (path.length === 0) return undefined;
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = String(path.at(-1));
  const pair = isMap(parent) && parent.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  const node = pair ? pair.key : undefined;
  const start = isNode(node) ? node.range?.[0] : undefined;
  return start === undefined ? lineOf(path.slice(0, -1), place) : lines.linePos(start).line;
}
