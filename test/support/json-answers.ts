import type { z } from 'zod';
import { lines } from '../../src/cli/json/lines.ts';
import { type AnsweringCommand, answers, answersOf, failure } from '../../src/cli/json-schema.ts';

/**
 * What is wrong with an object that a command printed with `--json`, one line each; fields that are not published are
 * wrong as well. With a command, the answers of that command alone are right.
 */
export function validateAnswer(value: unknown, command?: AnsweringCommand): readonly string[] {
  if (isObject(value) && 'kind' in value) return ['kind: belongs to --json=lines'];
  return nearestViolations(value, [...(command === undefined ? answers : answersOf[command]), failure]);
}

/** The same for one line of `--json=lines`: an event, a line of a log, or the answer at the end. */
export function validateEventLine(value: unknown): readonly string[] {
  if (!isObject(value) || typeof value.kind !== 'string') return ['kind: is missing'];
  return nearestViolations(value, value.kind === 'result' ? [...answers, failure] : lines);
}

/** Of several schemas the one that fits best tells what is wrong. */
function nearestViolations(value: unknown, schemas: readonly z.ZodType[]): readonly string[] {
  const found = schemas.map((schema) => {
    const read = schema.safeParse(value);
    return read.success ? [] : read.error.issues.flatMap((issue) => violationsOf(issue));
  });
  return found.sort((a, b) => a.length - b.length)[0] ?? ['nothing fits'];
}

function violationsOf(issue: z.core.$ZodIssue): readonly string[] {
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => `${[...issue.path, key].join('.')}: is not published`);
  return [`${path || 'the whole'}: ${issue.message}`];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
