import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { decodeFrames, readFrames, readLogLines } from '../../../src/core/swarm/frames.ts';

function frame(stream: 1 | 2, text: string): Buffer {
  const payload = Buffer.from(text);
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(payload.length, 4);
  return Buffer.concat([header, payload]);
}

async function* cutEvery(bytes: number, whole: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < whole.length; at += bytes) yield whole.subarray(at, at + bytes);
}

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of source) found.push(one);
  return found;
}

const at = (second: number) => `2027-01-01T09:00:0${second}.000000000Z`;

describe('frames', () => {
  const whole = Buffer.concat([frame(1, 'grün'), frame(2, ''), frame(2, 'an error'), frame(1, 'end')]);

  it.each(Array.from({ length: whole.length }, (_, index) => index + 1))(
    'cut every %i bytes come out whole',
    async (bytes) => {
      const frames = await all(decodeFrames(cutEvery(bytes, whole)));

      expect(frames.map(({ stream, payload }) => `${stream}: ${payload}`)).toEqual([
        'stdout: grün',
        'stderr: ',
        'stderr: an error',
        'stdout: end',
      ]);
    },
  );

  it('that end in the middle are left out', async () => {
    expect(await all(decodeFrames(cutEvery(5, whole.subarray(0, whole.length - 1))))).toHaveLength(3);
  });

  it('are read as two texts', async () => {
    expect(await readFrames(Readable.from(cutEvery(7, whole)), { maxBytes: 1024 })).toEqual({
      stdout: 'grünend',
      stderr: 'an error',
    });
  });

  it('put letters together that a frame cuts in two', async () => {
    const letter = Buffer.from('ü');
    const halves = [letter.subarray(0, 1), letter.subarray(1)].map((half) =>
      Buffer.concat([frame(1, 'x').subarray(0, 7), Buffer.from([half.length]), half]),
    );

    expect((await readFrames(Readable.from(halves), { maxBytes: 1024 })).stdout).toBe('ü');
  });

  it('beyond the cap are dropped', async () => {
    const many = Buffer.concat(Array.from({ length: 100 }, () => frame(1, '0123456789')));

    expect((await readFrames(Readable.from([many]), { maxBytes: 50 })).stdout).toHaveLength(50);
  });
});

describe('lines of a log', () => {
  const lines = (...frames: Buffer[]) => all(readLogLines(cutEvery(11, Buffer.concat(frames))));

  it('come with stream and time', async () => {
    expect(await lines(frame(1, `${at(1)} hello\n`), frame(2, `${at(2)} INFO: a b\n`))).toEqual([
      { stream: 'stdout', at: at(1), text: 'hello' },
      { stream: 'stderr', at: at(2), text: 'INFO: a b' },
    ]);
  });

  it('may be empty', async () => {
    expect(await lines(frame(1, `${at(1)} \n`), frame(1, `${at(2)} after\n`))).toEqual([
      { stream: 'stdout', at: at(1), text: '' },
      { stream: 'stdout', at: at(2), text: 'after' },
    ]);
  });

  it('that dockerd cut are one line again, also when the other stream writes in between', async () => {
    expect(
      await lines(
        frame(1, `${at(1)} the first half, `),
        frame(2, `${at(2)} an error\n`),
        frame(1, `${at(3)} the second half\n`),
      ),
    ).toEqual([
      { stream: 'stderr', at: at(2), text: 'an error' },
      { stream: 'stdout', at: at(1), text: 'the first half, the second half' },
    ]);
  });

  it('without an end are shown when the log ends', async () => {
    expect(await lines(frame(2, `${at(1)} Traceback`))).toEqual([{ stream: 'stderr', at: at(1), text: 'Traceback' }]);
  });
});
