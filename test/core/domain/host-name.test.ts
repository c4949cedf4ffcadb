import { describe, expect, it } from 'vitest';
import { defaultHost, parseHostName } from '../../../src/core/domain/host-name.ts';
import { parseStackName } from '../../../src/core/domain/stack-name.ts';
import { hostileHosts } from '../../support/hostile.ts';
import { failureOf, parsedOrRefused, texts } from './generate.ts';

describe('a host', () => {
  it.each(['a.b', 'my-exp.lab.example.edu', 'xn--kln-sna.example.edu', '4.example.edu', `${'a'.repeat(63)}.edu`])(
    'accepts %s as it is',
    (host) => {
      expect(parseHostName(host)).toBe(host);
    },
  );

  it('refuses every hostile host', () => {
    for (const host of hostileHosts) {
      expect(parsedOrRefused(parseHostName, host), JSON.stringify(host.slice(0, 60))).toBeUndefined();
      expect(failureOf(() => parseHostName(host)).code).toBe('host-name-invalid');
    }
  });

  it.each([
    ['https://a.example.edu', 'scheme'],
    ['a.example.edu:443', 'port'],
    ['A.example.edu', 'lower case'],
    ['köln.example.edu', 'xn--'],
    ['a.example.edu.', 'last dot'],
    ['*.example.edu', 'one host'],
    ['10.0.0.1', 'DNS name'],
  ])('says of %s what to do: %s', (host, word) => {
    expect(failureOf(() => parseHostName(host)).hint).toContain(word);
  });

  it('lets nothing through that could end a rule, whatever is typed', () => {
    for (const text of texts(['a', 'b', '1', '-', '.', '.', '`', '*', ':', 'A', 'ä', '_'], { count: 5000 })) {
      const host = parsedOrRefused(parseHostName, text);
      if (host === undefined) continue;
      expect(host).toBe(text);
      expect(host).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
      expect(new URL(`http://${host}`).hostname).toBe(host);
    }
  });

  it('is made of the stack and the domain unless a study has its own', () => {
    expect(defaultHost(parseStackName('my-exp--staging'), parseHostName('lab.example.edu'))).toBe(
      'my-exp--staging.lab.example.edu',
    );
  });

  it('decides about a text of 100 kB at once', () => {
    const start = performance.now();
    for (const text of ['a.'.repeat(50_000), 'a-'.repeat(50_000), ':'.repeat(100_000)])
      parsedOrRefused(parseHostName, text);
    expect(performance.now() - start).toBeLessThan(100);
  });
});
