import { pipeline, Readable } from 'node:stream';
import { type Extract, extract, pack } from 'tar-stream';
import type { FileStream } from './gateway.ts';

/** dockerd gives and takes files of a container as tar archives. This is the first file of one; undefined in an empty one. */
export async function onlyFileOf(archive: Readable): Promise<FileStream | undefined> {
  const entries = extract();
  // Its end, good or bad, is told to whoever reads the entries.
  pipeline(archive, entries, () => undefined);
  const files = entries[Symbol.asyncIterator]();
  for (;;) {
    const { done, value: entry } = await files.next();
    if (done) return undefined;
    if (entry.header.type === 'file') return { bytes: entry.header.size ?? 0, content: contentOf(entry, files) };
    entry.resume();
  }
}

type Entry = Extract extends AsyncIterable<infer Item> ? Item : never;

/** The bytes of an entry, and then the end of its archive. */
async function* contentOf(entry: Entry, rest: AsyncIterator<Entry>): AsyncGenerator<Uint8Array, void, void> {
  // Without encoding a stream gives bytes; its types cannot say so.
  yield* entry as AsyncIterable<unknown> as AsyncIterable<Uint8Array>;
  await rest.next();
}

/** An archive with one file that only root may read. */
export function archiveOf({ name, bytes, content }: FileStream & { name: string }): Readable {
  const archive = pack();
  const entry = archive.entry({ name, size: bytes, mode: 0o600 }, (error) => {
    if (error) archive.destroy(error);
    else archive.finalize();
  });
  pipeline(content, entry, (error) => {
    if (error) archive.destroy(error);
  });
  return Readable.from(archive, { objectMode: false });
}
