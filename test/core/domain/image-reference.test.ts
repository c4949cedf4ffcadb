import { describe, expect, it } from 'vitest';
import { formatImageReference, parseImageReference, pinned } from '../../../src/core/domain/image-reference.ts';
import { hostileImages } from '../../support/hostile.ts';
import { failureOf, parsedOrRefused, texts } from './generate.ts';

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;

describe('an image', () => {
  it.each([
    ['python', 'docker.io/library/python:latest'],
    ['python:3.12', 'docker.io/library/python:3.12'],
    ['otree/otree', 'docker.io/otree/otree:latest'],
    ['docker.io/python', 'docker.io/library/python:latest'],
    ['index.docker.io/otree/otree', 'docker.io/otree/otree:latest'],
    ['localhost/my-exp', 'localhost/my-exp:latest'],
    ['localhost:5000/my-exp:v1', 'localhost:5000/my-exp:v1'],
    ['registry:5000/my-exp', 'registry:5000/my-exp:latest'],
    ['Registry.Example.edu/a/b/c:p7-0a1b2c3d', 'registry.example.edu/a/b/c:p7-0a1b2c3d'],
    ['10.0.0.5:5050/group/my_exp', '10.0.0.5:5050/group/my_exp:latest'],
    ['group/my__exp--x.y', 'docker.io/group/my__exp--x.y:latest'],
    [`my-exp@${digest}`, `docker.io/library/my-exp@${digest}`],
    [`registry.example.edu:5050/a:v1@${digest}`, `registry.example.edu:5050/a:v1@${digest}`],
  ])('reads %s as %s', (text, spelledOut) => {
    const reference = parseImageReference(text);
    expect(formatImageReference(reference)).toBe(spelledOut);
    expect(parseImageReference(spelledOut)).toEqual(reference);
  });

  it('refuses every hostile image', () => {
    for (const text of hostileImages) {
      expect(parsedOrRefused(parseImageReference, text), JSON.stringify(text.slice(0, 60))).toBeUndefined();
      expect(failureOf(() => parseImageReference(text)).code).toBe('image-reference-invalid');
    }
  });

  it('reads back what it writes, of whatever was typed', () => {
    const alphabet = [
      'a',
      'b',
      '1',
      '.',
      '-',
      '_',
      '/',
      ':',
      '@',
      'localhost',
      ':5000',
      'A',
      ' ',
      `@${digest}`,
      ':tag',
    ];
    let accepted = 0;
    for (const text of texts(alphabet, { count: 20_000, maxLength: 8 })) {
      const reference = parsedOrRefused(parseImageReference, text);
      if (!reference) continue;
      accepted += 1;
      const spelledOut = formatImageReference(reference);
      expect(spelledOut).toMatch(
        /^[a-z0-9][a-z0-9.-]*(:[0-9]+)?\/[a-z0-9][a-z0-9._/-]*(:[\w.-]+)?(@sha256:[0-9a-f]{64})?$/i,
      );
      expect(parseImageReference(spelledOut)).toEqual(reference);
    }
    expect(accepted).toBeGreaterThan(500);
  });

  it('keeps its tag when it is pinned to a digest', () => {
    expect(formatImageReference(pinned(parseImageReference('a/b:v1'), digest))).toBe(`docker.io/a/b:v1@${digest}`);
  });

  it('decides about a text of 100 kB at once', () => {
    const start = performance.now();
    for (const piece of ['a-', 'a/', 'a.', '-', ':', '@', '_'])
      parsedOrRefused(parseImageReference, piece.repeat(50_000));
    expect(performance.now() - start).toBeLessThan(100);
  });
});
