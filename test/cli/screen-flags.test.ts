import { expect, it } from 'vitest';
import { screenFlags } from '../../src/cli/screen-flags.ts';
import { noFlags } from '../../src/cli/this-terminal.ts';

it.each([
  [[], {}],
  [['--server', 'sandbox'], {}],
  [['--server=sandbox', '--ascii', '--env', 'staging'], { ascii: true }],
  [['--color', 'never', '--verbose'], { color: 'never' }],
  [['--color=always'], { color: 'always' }],
  [['--accessible'], { accessible: true }],
  [['--no-input'], { input: false }],
])('opens the screen at once for %j', (words, more) => {
  expect(screenFlags(words)).toEqual({ ...noFlags, ...more });
});

it.each([
  [['list']],
  [['--server']],
  [['--server', 'lab', 'list']],
  [['--color', 'green']],
  [['--json']],
  [['--help']],
])('leaves the terminal as it is for %j', (words) => {
  expect(screenFlags(words)).toBeUndefined();
});
