import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { archiveOf, onlyFileOf } from '../../../src/core/swarm/file-archive.ts';

async function* piecesOf(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const bytesOf = async (content: AsyncIterable<Uint8Array>) => await buffer(Readable.from(content));

describe('a file in an archive', () => {
  it.each([0, 1, 512, 200_000])('of %d bytes comes out as it went in, and says its size first', async (size) => {
    const bytes = Buffer.alloc(size, 'dump');
    const archive = archiveOf({ name: 'a.dump', bytes: size, content: piecesOf(bytes, 777) });

    const file = await onlyFileOf(archive);

    expect(file?.bytes).toBe(size);
    expect((await bytesOf(file?.content ?? piecesOf(bytes, 1))).equals(bytes)).toBe(true);
  });

  it('is found behind folders, and is nothing in an archive without one', async () => {
    const withFolder = pack();
    withFolder.entry({ name: 'backups', type: 'directory' });
    withFolder.entry({ name: 'backups/a.json' }, '{}');
    withFolder.finalize();
    const file = await onlyFileOf(Readable.from(withFolder));
    expect(file?.bytes).toBe(2);

    const empty = pack();
    empty.finalize();
    expect(await onlyFileOf(Readable.from(empty))).toBeUndefined();
  });

  it('that is shorter than it said fails the archive instead of ending it', async () => {
    const archive = archiveOf({ name: 'a.dump', bytes: 100, content: piecesOf(Buffer.alloc(40), 40) });

    await expect(buffer(archive)).rejects.toThrow();
  });

  it('whose source breaks fails the archive', async () => {
    const broken = async function* () {
      yield Buffer.alloc(10);
      throw new Error('the disk is gone');
    };

    await expect(buffer(archiveOf({ name: 'a.dump', bytes: 100, content: broken() }))).rejects.toThrow();
  });

  it('that is cut off on the way fails its reader', async () => {
    const whole = await buffer(archiveOf({ name: 'a', bytes: 5000, content: piecesOf(Buffer.alloc(5000), 500) }));
    const cut = async function* () {
      yield whole.subarray(0, 3000);
      throw new Error('connection lost');
    };
    const file = await onlyFileOf(Readable.from(cut()));

    await expect(bytesOf(file?.content ?? piecesOf(whole, 1))).rejects.toThrow();
  });
});
