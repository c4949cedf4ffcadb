import { describe, expect, it } from 'vitest';
import { environmentSuffix, parseEnvironment } from '../../../src/core/domain/environment.ts';
import { hostileNames } from '../../support/hostile.ts';
import { parsedOrRefused, texts } from './generate.ts';

const suffixOf = (branch: string) => environmentSuffix(parseEnvironment(`review-${branch}`));

describe('an environment', () => {
  it('is production, staging or the review copy of a branch', () => {
    expect(environmentSuffix(parseEnvironment('production'))).toBeUndefined();
    expect(environmentSuffix(parseEnvironment('staging'))).toBe('staging');
    expect(suffixOf('fix-3')).toBe('r-fix-3');
  });

  it.each(['', 'Production', 'prod', 'review', 'review-', 'review--x', 'review-a b', 'review-$(id)', 'review-ä'])(
    'refuses "%s"',
    (text) => {
      expect(parsedOrRefused(parseEnvironment, text)).toBeUndefined();
    },
  );

  it('never shares a suffix between branches that look alike', () => {
    const branches = ['main', 'Main', 'MAIN', 'ma-in', 'ma_in', 'ma/in', 'ma.in', 'main.', 'main-', 'ma--in'];
    const long = [
      'feature/payment',
      'feature/payoffs',
      'feature-payment',
      'a'.repeat(10),
      'a'.repeat(11),
      'a'.repeat(190),
    ];
    const all = [...branches, ...long];
    expect(new Set(all.map(suffixOf)).size).toBe(all.length);
  });

  it('never shares a suffix between a cut branch and a branch called like its suffix', () => {
    const cut = suffixOf('feature/payment')!;
    expect(cut).toMatch(/^r-fea-[0-9a-z]{6}$/);
    expect(suffixOf(cut.slice('r-'.length))).not.toBe(cut);
  });

  it('makes suffixes of at most 12 characters that may stand in a host name, each branch its own', () => {
    const alphabet = ['a', 'b', 'B', '1', '-', '/', '_', '.', '#', 'feature/'];
    const seen = new Map<string, string>();
    for (const text of texts(alphabet, { count: 5000, maxLength: 20 })) {
      if (parsedOrRefused(parseEnvironment, `review-${text}`) === undefined) continue;
      const suffix = suffixOf(text)!;
      expect(suffix).toMatch(/^r(-[a-z0-9]+)+$/);
      expect(suffix.length).toBeLessThanOrEqual(12);
      expect(seen.get(suffix) ?? text).toBe(text);
      seen.set(suffix, text);
    }
    expect(seen.size).toBeGreaterThan(1000);
  });

  it('takes hostile branches, where it takes them at all, as letters of a hash', () => {
    for (const name of hostileNames) {
      const environment = parsedOrRefused(parseEnvironment, `review-${name}`);
      if (environment !== undefined) expect(environmentSuffix(environment)).toMatch(/^r-[a-z0-9-]{1,10}$/);
    }
  });
});
