import { describe, expect, it } from 'vitest';
import { readTar, writeTar } from '../../../src/sandbox/volumes/tar.ts';

const file = { bytes: Buffer.from('rows'), modifiedAt: Date.UTC(2026, 10, 22), mode: 0o600, isFolder: false };

describe('a tar archive', () => {
  it.each([
    ['of a hundred characters', 'a'.repeat(100)],
    ['that is longer', 'b'.repeat(180)],
    ['deep in folders', `${'folder/'.repeat(30)}${'c'.repeat(120)}`],
    ['in other letters', 'größe-数据.bin'],
  ])('gives back a name %s', async (_case, name) => {
    const folder = { ...file, name: 'store/', bytes: Buffer.alloc(0), isFolder: true };
    const archive = await writeTar([folder, { ...file, name }]);
    expect([...readTar(archive)]).toEqual([folder, { ...file, name }]);
  });
});
