import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { quoteWords } from '../../../src/core/ssh/quote.ts';

it('leaves plain words alone', () => {
  expect(quoteWords(['docker', '--host', 'unix:///var/run/docker.sock', 'a=b,c@d%e+f-g_h'])).toBe(
    'docker --host unix:///var/run/docker.sock a=b,c@d%e+f-g_h',
  );
});

it.each([
  [''],
  [' '],
  ["it's"],
  ["''"],
  ['$HOME `id` $(id)'],
  ['a\\b'],
  ['a;b|c&d>e<f'],
  ['*?[a-z]{x,y}~'],
  ['!history #comment'],
  ['"double"'],
  ['é 日本 🌲'],
  ['tab\there'],
])('brings %j through a shell unchanged', (word) => {
  expect(execFileSync('/bin/sh', ['-c', quoteWords(['printf', '%s', word])], { encoding: 'utf8' })).toBe(word);
});

it('refuses a NUL byte, which would end the command line', () => {
  expect(() => quoteWords(['a\0b'])).toThrow('NUL');
});
