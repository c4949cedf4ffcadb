import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCodes, errorFacts, exitCodeOf } from '../../src/core/index.ts';

const page = readFileSync(`${import.meta.dirname}/../../docs/exit-codes.md`, 'utf8');

describe('docs/exit-codes.md', () => {
  it('has every error code with its exit code, in the order of the source, and no other', () => {
    const rows = [...page.matchAll(/^\| `([a-z-]+)` \| (\d+) \| \S/gm)].map(([, code, exit]) => [code, Number(exit)]);

    expect(rows).toEqual(Object.entries(errorCodes));
  });

  it('explains every exit code', () => {
    const explained = [...page.matchAll(/^\| (\d+) \| /gm)].map(([, exit]) => Number(exit));

    expect(explained).toEqual(expect.arrayContaining([0, 70, ...Object.values(errorCodes)]));
  });
});

describe('the exit code', () => {
  it('of a release that failed is 8 while an earlier one serves, and 1 when nothing does', () => {
    expect(exitCodeOf({ code: 'image-crashed', what: 'trying v2', details: { serves: 'v1' } })).toBe(8);
    expect(exitCodeOf({ code: 'image-crashed', what: 'trying v1', details: { serves: 'nothing' } })).toBe(1);
    expect(exitCodeOf({ code: 'registry-unreachable', what: 'asking', details: { serves: 'nothing' } })).toBe(6);
  });

  it('of anything unforeseen is 70', () => {
    expect(exitCodeOf(errorFacts(new TypeError('x is undefined')))).toBe(70);
    expect(exitCodeOf(errorFacts('a text that somebody threw'))).toBe(70);
  });
});
