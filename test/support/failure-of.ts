import { expect } from 'vitest';
import { ExpectedError } from '../../src/core/errors.ts';

/** What it fails with, which must be a failure that we foresaw. */
export async function failureOf(promise: Promise<unknown>): Promise<ExpectedError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ExpectedError);
  return error as ExpectedError;
}
