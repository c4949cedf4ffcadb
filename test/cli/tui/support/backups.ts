import type { BackupList, BackupManifest } from '../../../../src/core/index.ts';

/** What a test does not care about. Whatever matters in a test is given by the test. */
export function aBackup(more: Partial<BackupManifest> = {}): BackupManifest {
  return {
    format: 1,
    id: '20261120T110000Z-abcde12345',
    takenAt: '2026-11-20T11:00:00Z',
    verifiedAt: '2026-11-20T11:00:05Z',
    database: 'otree',
    bytes: 2_200_000,
    sha256: 'a'.repeat(64),
    postgres: '17.5',
    tables: {},
    rows: 4812,
    participants: 24,
    sessions: 1,
    release: 3,
    reason: 'nightly',
    ...more,
  };
}

export function aBackupList(more: Partial<BackupList> = {}): BackupList {
  return { backups: [aBackup()], archives: [], freeBytes: 3_400_000_000, ...more };
}
