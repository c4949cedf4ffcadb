import { expect, it } from 'vitest';
import { freeSubnet, usableAddresses } from '../../../src/core/swarm/free-subnet.ts';

const nodeAddresses = ['192.0.2.10'];

it('is 10.200.0.0/20 where nothing is in the way', () => {
  expect(freeSubnet({ taken: ['10.0.0.0/24', '172.17.0.0/16'], nodeAddresses })).toBe('10.200.0.0/20');
});

it('is the next one where a network overlaps, be it smaller or larger', () => {
  expect(freeSubnet({ taken: ['10.200.3.0/24', '10.200.16.0/29'], nodeAddresses })).toBe('10.200.32.0/20');
  expect(freeSubnet({ taken: ['10.200.0.0/14'], nodeAddresses })).toBe('10.204.0.0/20');
});

it('keeps away from the network of the nodes themselves', () => {
  expect(freeSubnet({ taken: [], nodeAddresses: ['10.200.77.5'] })).toBe('10.201.0.0/20');
  expect(freeSubnet({ taken: ['10.0.0.0/8'], nodeAddresses })).toBe('172.24.0.0/20');
});

it('is not chosen by force', () => {
  const taken = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];
  expect(() => freeSubnet({ taken, nodeAddresses })).toThrow(expect.objectContaining({ code: 'prepare-refused' }));
});

it('has no opinion about IPv6', () => {
  expect(freeSubnet({ taken: ['fd00::/8'], nodeAddresses: ['fd00::1'] })).toBe('10.200.0.0/20');
  expect(usableAddresses('10.200.0.0/20')).toBe(4093);
});
