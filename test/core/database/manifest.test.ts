import { describe, expect, it } from 'vitest';
import { BackupManifest } from '../../../src/core/database/manifest.ts';
import { manifestFormat } from '../../../src/core/database/scripts/backup-scripts.ts';

const manifest = {
  format: 1,
  id: '20261121T123000Z-abcde12345',
  takenAt: '2026-11-21T12:30:00Z',
  database: 'otree',
  bytes: 2740998,
  sha256: 'f'.repeat(64),
  postgres: '15.18',
  tables: { otree_participant: { rows: 30, digest: 'ab' } },
  sequences: { player_id_seq: ['9223372036854775808', '9223372036854775808'] },
  rows: 30,
  participants: 30,
  sessions: 1,
  stack: 'trust',
};

describe('the manifest of a backup', () => {
  it('is read as the job wrote it, without what a later version may have added', () => {
    expect(BackupManifest.parse({ ...manifest, later: true })).toEqual(manifest);
  });

  it('may lack what was not known: who made it, and when it was last proved', () => {
    const { stack: _, ...unknown } = manifest;
    expect(BackupManifest.parse(unknown)).not.toHaveProperty('verifiedAt');
  });

  it.each([
    ['a newer format', { format: 2 }],
    ['an id that leads elsewhere', { id: '../20261121T123000Z' }],
    ['a hash that is none', { sha256: 'F'.repeat(64) }],
    ['a count below zero', { rows: -1 }],
    ['a time that is none', { takenAt: 'yesterday' }],
    ['a table without a digest', { tables: { otree_session: { rows: 1 } } }],
  ])('is refused with %s', (_, wrong) => {
    expect(BackupManifest.safeParse({ ...manifest, ...wrong }).success).toBe(false);
  });

  it('is of the format that the scripts write', () => {
    expect(BackupManifest.safeParse({ ...manifest, format: manifestFormat }).success).toBe(true);
  });
});
