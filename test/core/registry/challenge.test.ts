import { expect, it } from 'vitest';
import { parseChallenges } from '../../../src/core/registry/challenge.ts';

it('reads where a token is made, for what', () => {
  const header = 'Bearer realm="https://gitlab.example.edu/jwt/auth",service="a, b",scope="repository:x:pull,push"';
  expect(parseChallenges(header)).toEqual([
    {
      scheme: 'bearer',
      parameters: { realm: 'https://gitlab.example.edu/jwt/auth', service: 'a, b', scope: 'repository:x:pull,push' },
    },
  ]);
});

it('reads several challenges of one header, quoted or not', () => {
  expect(parseChallenges('Basic realm=plain, Bearer realm="say \\"hi\\"" , Negotiate')).toEqual([
    { scheme: 'basic', parameters: { realm: 'plain' } },
    { scheme: 'bearer', parameters: { realm: 'say "hi"' } },
    { scheme: 'negotiate', parameters: {} },
  ]);
});

it('makes nothing of nonsense', () => {
  expect(parseChallenges('')).toEqual([]);
  expect(parseChallenges('realm="nobody asked"')).toEqual([]);
});
