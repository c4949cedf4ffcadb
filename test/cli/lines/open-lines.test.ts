import { expect, it } from 'vitest';
import { whyUnreached } from '../../../src/cli/lines/open-lines.ts';
import { failed } from './support/talks.ts';

const offline = (nextTryAt: number | 'now' | 'when-asked') =>
  ({ kind: 'offline', since: 0, error: failed, nextTryAt }) as const;

it('a script gives a server up once an attempt has failed, and not while one takes its time', () => {
  expect(whyUnreached({ studies: undefined, link: offline('now') })).toBeUndefined();
  expect(whyUnreached({ studies: undefined, link: offline(2_000) })).toBe(failed);
  expect(whyUnreached({ studies: undefined, link: offline('when-asked') })).toBe(failed);
});

it('a script that has heard of the studies waits until the server answers again', () => {
  expect(whyUnreached({ studies: [], link: offline(2_000) })).toBeUndefined();
});
