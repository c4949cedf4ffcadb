import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ExpectedError, type StudyExport } from '../core/index.ts';

type Progress = (done: number, total: number) => void;

/** Throws `usage-wrong` unless the folder is new or empty: files of two exports must not mix. */
export async function checkExportFolder(folder: string): Promise<void> {
  try {
    if ((await readdir(folder)).length === 0) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw unusable(folder, 'It cannot be read, or is no folder.', error);
  }
  throw unusable(folder, 'There is something in it already.');
}

/**
 * Writes an export into a folder that only its owner can enter. It appears under its name when all of it is there and
 * was compared with its hashes; until then it is `FOLDER.partial-…`, which goes when anything fails.
 */
export async function writeExport(
  study: StudyExport,
  folder: string,
  { progress, signal }: { progress: Progress; signal: AbortSignal },
): Promise<void> {
  const { read, ...facts } = study;
  await mkdir(dirname(folder), { recursive: true });
  const partial = await mkdtemp(`${folder}.partial-`);
  try {
    const total = facts.files.reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    for (const { name, bytes, sha256 } of facts.files) {
      const hash = createHash('sha256');
      const { content } = await read(name);
      let written = 0;
      const counted = async function* () {
        for await (const chunk of content) {
          hash.update(chunk);
          written += chunk.length;
          done += chunk.length;
          progress(done, total);
          yield chunk;
        }
      };
      await pipeline(counted(), createWriteStream(join(partial, name), { mode: 0o600, flags: 'wx' }), { signal });
      if (written !== bytes || hash.digest('hex') !== sha256) throw damaged(facts.stack, name);
    }
    await writeFile(join(partial, 'export.json'), `${JSON.stringify({ format: 1, ...indexOf(facts) }, null, 2)}\n`, {
      mode: 0o600,
    });
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

function indexOf({ format, ...facts }: Omit<StudyExport, 'read'>) {
  return { ...facts, fileFormat: format };
}

function unusable(folder: string, why: string, cause?: unknown): ExpectedError {
  return new ExpectedError('usage-wrong', `exporting to ${folder}`, {
    why,
    now: 'Nothing was changed.',
    hint: 'Name a new folder with --out.',
    cause,
  });
}

function damaged(stack: string, name: string): ExpectedError {
  return new ExpectedError('job-failed', `fetching ${name} of ${stack}`, {
    why: 'What came is not what was written.',
    now: 'Nothing was kept.',
    hint: 'Try again.',
  });
}
