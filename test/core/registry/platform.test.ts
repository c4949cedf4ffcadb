import { describe, expect, it } from 'vitest';
import { normalizeArchitecture, samePlatform } from '../../../src/core/registry/platform.ts';

describe('normalizeArchitecture', () => {
  it.each([
    ['x86_64', 'amd64'],
    ['aarch64', 'arm64'],
    ['armv7l', 'arm'],
    ['i686', '386'],
    ['amd64', 'amd64'],
    ['s390x', 's390x'],
  ])('calls %s %s', (machine, image) => {
    expect(normalizeArchitecture(machine)).toBe(image);
  });
});

describe('samePlatform', () => {
  it('knows a machine by either of its names', () => {
    expect(samePlatform({ os: 'linux', architecture: 'amd64' }, { os: 'linux', architecture: 'x86_64' })).toBe(true);
  });

  it('tells architectures and systems apart', () => {
    expect(samePlatform({ os: 'linux', architecture: 'arm64' }, { os: 'linux', architecture: 'x86_64' })).toBe(false);
    expect(samePlatform({ os: 'windows', architecture: 'amd64' }, { os: 'linux', architecture: 'amd64' })).toBe(false);
  });

  it('counts the variant where both name one', () => {
    const v7 = { os: 'linux', architecture: 'arm', variant: 'v7' };
    expect(samePlatform(v7, { os: 'linux', architecture: 'armv7l' })).toBe(true);
    expect(samePlatform(v7, { ...v7, variant: 'v6' })).toBe(false);
  });
});
