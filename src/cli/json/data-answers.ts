import * as z from 'zod';
import { Archive, BackupManifest } from '../../core/index.ts';
import { answer, backupId, release, stack, time } from './schema-parts.ts';

export const backupList = answer('backups', 'backups', {
  stack,
  backups: z.array(z.looseObject(BackupManifest.shape)).describe('Newest first; each was restored and compared.'),
  archives: z
    .array(z.strictObject(Archive.shape))
    .describe('Databases that were set aside, newest first: `oforest undo` brings the first one back.'),
  freeBytes: z.number().describe('On the disk with the backups.'),
  live: z.strictObject({ bytes: z.number() }).nullish().describe('The database itself; not there while it is stopped.'),
});

export const downloaded = answer('downloaded', 'backups --download', {
  stack,
  outcome: z.literal('downloaded'),
  backup: backupId,
  path: z.string().describe('Of the dump; its manifest lies beside it.'),
});

export const exported = answer(
  'exported',
  'export: ok is false, and the exit code 1, when a file could not be written',
  {
    ok: z.boolean(),
    stack,
    outcome: z.enum(['exported', 'incomplete']),
    path: z.string().describe('Of the folder; export.json in it says the same.'),
    release,
    image: z.string().describe('Whose code wrote the files.'),
    otree: z.string().describe('The version of oTree that wrote them.'),
    takenAt: time.describe('The moment of the database that all files show.'),
    format: z.enum(['csv', 'excel']),
    anonymous: z.boolean(),
    files: z.array(z.strictObject({ name: z.string(), rows: z.int(), bytes: z.int() })),
    failed: z
      .array(z.strictObject({ name: z.string(), error: z.string(), at: z.string() }))
      .describe("Files that the study's code could not write: the kind of error, and its line."),
    notFiltered: z.array(z.string()).describe('Of an anonymous one: what may name people all the same.'),
    pageTimesKept: z.boolean().describe('False when the page times of the last minutes may be missing.'),
  },
);
