import { expect } from 'vitest';
import type { Bench } from '../bench.ts';
import type { Answer } from '../http-client.ts';

export interface ContractCase {
  /** A sentence whose subject is the Engine. */
  readonly name: string;
  run(bench: Bench): Promise<void>;
}

export interface CaseGroup {
  readonly subject: string;
  readonly cases: readonly ContractCase[];
}

/** What dockerd answers when it does not do it: JSON with one message. */
export function expectRefusal({ status, json, headers }: Answer, expected: number, message: string): void {
  expect({ status, json, type: headers['content-type'] }).toEqual({
    status: expected,
    json: { message },
    type: 'application/json',
  });
}

export const invalid = (text: string) => `rpc error: code = InvalidArgument desc = ${text}`;
export const unknown = (text: string) => `rpc error: code = Unknown desc = ${text}`;
export const exists = (text: string) => `rpc error: code = AlreadyExists desc = ${text}`;

export const anId: unknown = expect.stringMatching(/^[a-z0-9]{25}$/);
export const aTime: unknown = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
