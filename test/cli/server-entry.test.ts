import { expect, it } from 'vitest';
import { serverEntry } from '../../src/cli/server-entry.ts';

it.each([
  ['lab.test', { host: 'lab.test' }],
  ['ada@lab.test', { host: 'lab.test', user: 'ada' }],
  ['ada@lab.test:2222', { host: 'lab.test', user: 'ada', port: 2222 }],
  ['fd00::1', { host: 'fd00::1' }],
  ['ada@[fd00::1]:2222', { host: 'fd00::1', user: 'ada', port: 2222 }],
])('reads the address %s', (given, entry) => {
  expect(serverEntry(given, {})).toEqual(entry);
});

it('lets an option win over the address', () => {
  expect(serverEntry('lab.test:2222', { port: 22 })).toEqual({ host: 'lab.test', port: 22 });
});

it('refuses a port that there is not', () => {
  expect(() => serverEntry('lab.test:70000', {})).toThrow(expect.objectContaining({ code: 'usage-wrong' }));
});
