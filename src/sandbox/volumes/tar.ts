import { buffer } from 'node:stream/consumers';
import { pack } from 'tar-stream';

/** What of a tar archive Docker's archive API needs here: a regular file, or a folder. */
export interface TarEntry {
  readonly name: string;
  readonly bytes: Buffer;
  /** Unix milliseconds. */
  readonly modifiedAt: number;
  /** Permission bits. */
  readonly mode: number;
  readonly isFolder?: boolean;
}

const block = 512;

export async function writeTar(entries: readonly TarEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { name, bytes, modifiedAt, mode, isFolder = false } of entries) {
    const type = isFolder ? 'directory' : 'file';
    archive.entry({ name, size: bytes.length, mode, mtime: new Date(modifiedAt), type }, bytes);
  }
  archive.finalize();
  return buffer(archive);
}

/** In Go's words. */
export class TarError extends Error {}

/**
 * The entries one by one; read by ourselves, because dockerd unpacks a broken archive as far as it goes and says in Go's
 * words where it ends. Of an archive that is cut, the last one comes as far as it goes, and then a TarError is thrown.
 * Long names (pax, GNU) are understood.
 */
export function* readTar(archive: Buffer): Generator<TarEntry, void, void> {
  let longName: string | undefined;
  for (let at = 0; at < archive.length; ) {
    const header = archive.subarray(at, at + block);
    if (header.length < block) throw new TarError('unexpected EOF');
    if (header.every((byte) => byte === 0)) return;
    if (!hasItsChecksum(header)) throw new TarError('archive/tar: invalid tar header');
    const size = octal(header, 124, 12);
    const bytes = Buffer.from(archive.subarray(at + block, at + block + size));
    at += block + size + padding(size);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'x') longName = /\d+ path=(.+)\n/.exec(bytes.toString())?.[1] ?? longName;
    else if (type === 'L') longName = text(bytes, 0, bytes.length);
    else if (type === '0' || type === '\0' || type === '5') {
      const prefix = text(header, 345, 155);
      const short = text(header, 0, 100);
      const name = longName ?? (prefix === '' ? short : `${prefix}/${short}`);
      longName = undefined;
      const mode = octal(header, 100, 8) & 0o7777;
      yield { name, bytes, modifiedAt: octal(header, 136, 12) * 1000, mode, isFolder: type === '5' };
    }
    if (bytes.length < size) throw new TarError('unexpected EOF');
  }
}

/** All bytes of the header, with its own eight as spaces. */
function sumOf(header: Buffer): number {
  let sum = 8 * 32;
  for (const [at, byte] of header.entries()) if (at < 148 || at >= 156) sum += byte;
  return sum;
}

const hasItsChecksum = (header: Buffer) => octal(header, 148, 8) === sumOf(header);
const padding = (size: number) => (block - (size % block)) % block;
const octal = (bytes: Buffer, at: number, length: number) => Number.parseInt(text(bytes, at, length).trim(), 8) || 0;

function text(bytes: Buffer, at: number, length: number): string {
  const part = bytes.subarray(at, at + length);
  const end = part.indexOf(0);
  return part.subarray(0, end < 0 ? length : end).toString();
}
