import { describe, expect, it } from 'vitest';
import { dispensable } from '../../../../src/core/operations/steps/tidy.ts';
import { aRelease } from '../../../support/builders.ts';

const newestFirst = (from: number, outcomeOf: (number: number) => 'proven' | 'failed' | 'stored' = () => 'proven') =>
  Array.from({ length: from }, (_, index) => aRelease(from - index, { outcome: outcomeOf(from - index) }));
const numbers = (releases: readonly { number: number }[]) => releases.map(({ number }) => number);

describe('releases that can go', () => {
  it('are none among the newest ten that were proven', () => {
    expect(dispensable(newestFirst(10), 10)).toEqual([]);
  });

  it('are those before', () => {
    expect(numbers(dispensable(newestFirst(13), 13))).toEqual([3, 2, 1]);
  });

  it('never are the one that serves, however old it is', () => {
    expect(numbers(dispensable(newestFirst(13), 2))).toEqual([3, 1]);
  });

  it('are failed ones, except for the last five', () => {
    const releases = newestFirst(9, (number) => (number === 1 ? 'proven' : 'failed'));

    expect(numbers(dispensable(releases, 1))).toEqual([4, 3, 2]);
  });

  it('never are the newest, so that its number is not used again', () => {
    const releases = [aRelease(30, { outcome: 'failed' }), ...newestFirst(12)];

    expect(numbers(dispensable(releases, 12))).toEqual([2, 1]);
  });

  it('does not count failures against those that were proven', () => {
    const releases = newestFirst(20, (number) => (number % 2 === 0 ? 'proven' : 'failed'));

    expect(numbers(dispensable(releases, 20))).toEqual([9, 7, 5, 3, 1]);
  });
});
