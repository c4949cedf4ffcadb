import { expect, it } from 'vitest';
import { serverEntry } from '../../src/cli/server-entry.ts';

it.each([
  ['lab.test', { host: 'lab.test' }],
  ['ada@lab.test', { host: 'lab.test', user: 'ada' }],
  ['ada@lab.test:2222', { host: 'lab.test', user: 'ada', port: 2222 }],
  ['fd00::1', { host: 'fd00::1' }],
  ['ada@[fd00::1]:2222', { host: 'fd00::1', user: 'ada', port: 2222 }],
  ['ssh ada@lab.test', { host: 'lab.test', user: 'ada' }],
  ['ssh ada@lab.test -p 2222', { host: 'lab.test', user: 'ada', port: 2222 }],
  [' ssh -p2222 lab.test ', { host: 'lab.test', port: 2222 }],
  ['ada@lab.test -p 2222', { host: 'lab.test', user: 'ada', port: 2222 }],
  ['ssh://ada@lab.test:2222/', { host: 'lab.test', user: 'ada', port: 2222 }],
])('reads the address %s', (given, entry) => {
  expect(serverEntry(given, {})).toEqual(entry);
});

it('lets an option win over the address', () => {
  expect(serverEntry('lab.test:2222', { port: 22 })).toEqual({ host: 'lab.test', port: 22 });
});

it.each(['lab.test:70000', 'lab.test -p', 'lab.test -p many', 'ada@lab.test -p 0'])(
  'refuses the port of %s',
  (given) => {
    expect(() => serverEntry(given, {})).toThrow(
      expect.objectContaining({ code: 'usage-wrong', why: 'A port is a number from 1 to 65535.' }),
    );
  },
);

it.each(['ada@lab.test uptime', 'ssh -J jump lab.test', '-v', 'ada @lab.test'])(
  'refuses %s: it is more than an address',
  (given) => {
    expect(() => serverEntry(given, {})).toThrow(
      expect.objectContaining({ code: 'usage-wrong', why: 'There is more in it than user, host and port.' }),
    );
  },
);
