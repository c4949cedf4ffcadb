import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { downloadBackup, uploadBackup } from '../../src/cli/backup-transfer.ts';
import type { BackupFiles } from '../../src/core/index.ts';
import { failureOf } from '../support/failure-of.ts';

const id = '20261121T123000Z-abcde12345';
const dump = Buffer.from('a dump, as far as anybody here looks into it');
const manifest = {
  ...{ format: 1, id, takenAt: '2026-11-21T12:30:00Z', database: 'otree', postgres: '17.2' },
  ...{ bytes: dump.length, sha256: createHash('sha256').update(dump).digest('hex') },
  ...{ tables: {}, rows: 0, participants: 0, sessions: 0 },
};

/** The volume of a study's backups, in memory. */
function volumeOf(files: Map<string, Buffer>): BackupFiles {
  const once = async function* (bytes: Buffer) {
    yield bytes;
  };
  return {
    async read(name) {
      const found = files.get(name);
      return found && { bytes: found.length, content: once(found) };
    },
    async write(name, { content }) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk);
      files.set(name, Buffer.concat(chunks));
    },
  };
}

describe('a backup on its way', () => {
  let folder = '';
  const path = () => join(folder, `${id}.dump`);
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oforest-transfer-'));
    await writeFile(path(), dump);
    await writeFile(join(folder, `${id}.json`), JSON.stringify(manifest));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is put beside the backups under names that do not count until it was proven there', async () => {
    const there = new Map<string, Buffer>();
    expect(await uploadBackup(path(), volumeOf(there), () => {})).toBe(id);
    expect([...there.keys()]).toEqual([`${id}.dump.partial`, `${id}.json.partial`]);
    expect(there.get(`${id}.dump.partial`)).toEqual(dump);
  });

  it('is refused before anything is sent when one of its bytes was changed, though the study has it whole', async () => {
    await writeFile(path(), Buffer.from(dump).fill('x', 7, 8));
    const there = new Map([[`${id}.json`, Buffer.from(JSON.stringify(manifest))]]);
    const failure = await failureOf(uploadBackup(path(), volumeOf(there), () => {}));
    expect(failure).toMatchObject({ code: 'backup-damaged', now: 'Nothing was changed.' });
    expect(there.size).toBe(1);
  });

  it('is refused when a part of it is missing', async () => {
    await writeFile(path(), dump.subarray(0, 9));
    expect((await failureOf(uploadBackup(path(), volumeOf(new Map()), () => {}))).why).toBe(
      `It has 9 bytes, and its manifest says ${dump.length}.`,
    );
  });

  it('is not sent to a study that has this very backup', async () => {
    const there = new Map([[`${id}.json`, Buffer.from(JSON.stringify({ ...manifest, verifiedAt: manifest.takenAt }))]]);
    expect(await uploadBackup(path(), volumeOf(there), () => {})).toBe(id);
    expect(there.size).toBe(1);
  });

  it('leaves nothing in the folder when what came is not what its manifest says', async () => {
    const there = new Map([
      [`${id}.json`, Buffer.from(JSON.stringify(manifest))],
      [`${id}.dump`, Buffer.from(dump).fill('x', 7, 8)],
    ]);
    const into = join(folder, 'fetched');
    expect((await failureOf(downloadBackup(id, into, volumeOf(there), () => {}))).code).toBe('backup-damaged');
    expect(await readdir(into)).toEqual([]);
    there.set(`${id}.dump`, dump);
    expect(await readFile(await downloadBackup(id, into, volumeOf(there), () => {}))).toEqual(dump);
  });
});
