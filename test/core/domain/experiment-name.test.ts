import { describe, expect, it } from 'vitest';
import { parseExperimentName } from '../../../src/core/domain/experiment-name.ts';
import { hostileNames } from '../../support/hostile.ts';
import { failureOf, parsedOrRefused, texts } from './generate.ts';

describe('the name of an experiment', () => {
  it.each(['abc', 'my-exp', 'trust-game-2', 'a1b', 'x-1-y', 'a'.repeat(24)])('accepts %s as it is', (name) => {
    expect(parseExperimentName(name)).toBe(name);
  });

  it('refuses every hostile name, and says nothing a terminal would obey', () => {
    for (const name of hostileNames) {
      expect(parsedOrRefused(parseExperimentName, name), JSON.stringify(name.slice(0, 60))).toBeUndefined();
      expect(failureOf(() => parseExperimentName(name)).code).toBe('name-invalid');
    }
  });

  it.each([
    ['My Exp', 'my-exp'],
    ['my_exp', 'my-exp'],
    ['-my--exp-', 'my-exp'],
    ['Öko Spiel', 'oko-spiel'],
    ['2nd trust game', 'nd-trust-game'],
    ['admin', 'admin-study'],
    ['The very long name of a study', 'the-very-long-name-of-a'],
  ])('proposes for "%s" the name %s', (text, proposal) => {
    const { hint } = failureOf(() => parseExperimentName(text));
    expect(hint).toBe(`Write it as ${proposal}.`);
    expect(parseExperimentName(proposal)).toBe(proposal);
  });

  it('proposes only names that it would accept, of whatever was typed', () => {
    for (const text of texts(['a', 'Z', '9', '-', '_', ' ', 'ä', '.', '$(', 'www', '\u202e', 'long'], {
      maxLength: 30,
    })) {
      if (parsedOrRefused(parseExperimentName, text) !== undefined) expect(text).toMatch(/^[a-z0-9-]{3,24}$/);
      else {
        const { proposal } = failureOf(() => parseExperimentName(text)).details;
        if (proposal !== undefined) expect(parseExperimentName(String(proposal))).toBe(proposal);
      }
    }
  });

  it('gives an example where no name can be told', () => {
    expect(failureOf(() => parseExperimentName('研究')).hint).toContain('my-exp');
  });

  it('decides about a text of 100 kB at once', () => {
    const start = performance.now();
    parsedOrRefused(parseExperimentName, `${'a-'.repeat(50_000)}!`);
    expect(performance.now() - start).toBeLessThan(100);
  });
});
