import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type BackupFiles, BackupManifest, ExpectedError } from '../core/index.ts';

type Progress = (done: number, total: number) => void;

/**
 * Fetches a backup and its manifest into a folder, and compares its hash while it comes; returns the path of the dump.
 * What is there under the final name is whole. Throws `backup-not-found`, `backup-damaged`; an interrupted transfer
 * leaves only a file that ends in `.partial`.
 */
export async function downloadBackup(
  id: string,
  folder: string,
  files: BackupFiles,
  progress: Progress,
): Promise<string> {
  const what = `downloading the backup ${id}`;
  const manifestFile = await files.read(`${id}.json`);
  if (!manifestFile) throw notThere(what);
  const manifestText = await textOf(manifestFile.content);
  const manifest = BackupManifest.parse(JSON.parse(manifestText));
  const dump = await files.read(`${id}.dump`);
  if (!dump) throw notThere(what);

  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `${id}.dump`);
  const partial = `${path}.partial`;
  const hash = createHash('sha256');
  let done = 0;
  const counted = async function* () {
    for await (const chunk of dump.content) {
      hash.update(chunk);
      done += chunk.length;
      progress(done, dump.bytes);
      yield chunk;
    }
  };
  await pipeline(counted(), createWriteStream(partial, { mode: 0o600 }));
  if (done !== manifest.bytes || hash.digest('hex') !== manifest.sha256) {
    await rm(partial, { force: true });
    throw new ExpectedError('backup-damaged', what, {
      why: 'What came is not what its manifest says.',
      now: 'Nothing was kept.',
      hint: 'Try again; if it stays, choose another backup.',
    });
  }
  await using manifestOut = await open(join(folder, `${id}.json`), 'w', 0o600);
  await manifestOut.writeFile(manifestText);
  await rename(partial, path);
  return path;
}

/**
 * Puts a downloaded dump, with its manifest beside it, among the backups of a study; returns its id. Nothing is sent where
 * the study has this very backup. Throws `backup-damaged` before anything is sent, `file-unreadable`.
 */
export async function uploadBackup(path: string, files: BackupFiles, progress: Progress): Promise<string> {
  const { manifest, text } = await readManifest(path);
  const { size } = await stat(path);
  const what = `uploading ${path}`;
  if (size !== manifest.bytes)
    throw new ExpectedError('backup-damaged', what, {
      why: `It has ${size} bytes, and its manifest says ${manifest.bytes}.`,
      now: 'Nothing was changed.',
      hint: 'Download the backup again.',
    });
  if ((await sha256Of(path)) !== manifest.sha256)
    throw new ExpectedError('backup-damaged', what, {
      why: 'It is not what its manifest says: some of its bytes were changed.',
      now: 'Nothing was changed.',
      hint: 'Download the backup again.',
    });
  const kept = await files.read(`${manifest.id}.json`);
  if (kept && (await textOf(kept.content)).includes(manifest.sha256)) return manifest.id;

  let done = 0;
  const content = async function* () {
    for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
      done += chunk.length;
      progress(done, size);
      yield chunk;
    }
  };
  // Partial until it was restored and compared there: only then it counts as a backup.
  await files.write(`${manifest.id}.dump.partial`, { bytes: size, content: content() });
  const bytes = Buffer.from(text);
  const once = async function* () {
    yield bytes;
  };
  await files.write(`${manifest.id}.json.partial`, { bytes: bytes.length, content: once() });
  return manifest.id;
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

async function readManifest(path: string) {
  const manifestPath = path.replace(/\.dump$/, '.json');
  try {
    const text = await readFile(manifestPath, 'utf8');
    return { manifest: BackupManifest.parse(JSON.parse(text)), text };
  } catch (cause) {
    throw new ExpectedError('file-unreadable', `reading the manifest of ${path}`, {
      why: `There is no ${manifestPath}, or it is not the manifest of a backup.`,
      now: 'Nothing was changed.',
      hint: 'Keep the two files that `oforest backups EXP --download` made side by side.',
      cause,
    });
  }
}

async function textOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function notThere(what: string): ExpectedError {
  return new ExpectedError('backup-not-found', what, {
    why: 'The study has no such backup.',
    now: 'Nothing was changed.',
    hint: 'Run `oforest backups EXP` to see those there are.',
  });
}
