import { expect, it } from 'vitest';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import type { BackupList } from '../../../../src/core/index.ts';
import { aBackup, aBackupList } from '../support/backups.ts';
import { pressed, shownLines } from '../support/press.ts';
import { aStudy, aTuiState, someNow } from '../support/states.ts';

const asking = (columns = 80, rows = 24) =>
  pressed(aTuiState({ studies: [aStudy({ experiment: 'market' })], size: { columns, rows } }), 'v');

function showing(list: BackupList, columns = 80, rows = 24) {
  const read = { kind: 'backups-read', stack: 'market', list } as const;
  return shownLines(reduce(asking(columns, rows), read, someNow).state);
}

const { verifiedAt: _never, ...unverified } = aBackup({ id: 'b2', takenAt: '2026-11-18T11:00:00Z', reason: 'asked' });
const two = aBackupList({
  backups: [aBackup(), unverified],
  archives: [{ database: 'otree_a', operation: 'op1', reason: 'reset', at: '2026-11-20T10:02:11Z', bytes: 9 }],
});

it('shows age, reason, rows, size, and whether it was verified, on 80x24', () => {
  const lines = showing(two).map((line) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, 'YYYY-MM-DD HH:MM'));

  expect(lines.slice(3, 6)).toEqual([
    '   Taken                Age↓ Made               Rows     Size  Verified',
    '❯  YYYY-MM-DD HH:MM     3 h  nightly            4812   2.2 MB  ✔ 3 h',
    '   YYYY-MM-DD HH:MM     2 d  asked              4812   2.2 MB  ! never',
  ]);
  expect(lines.at(-3)).toBe(' 2 backups · 3.4 GB free · set aside by the reset 4 h ago: undo');
});

it('leaves out age and rows on 60x15', () => {
  const lines = showing(two, 60, 15);

  expect(lines[1]).toMatch(/^ {3}Taken +Made +Size +Verified$/);
  expect(lines[2]).toMatch(/nightly +2.2 MB +✔ 3 h$/);
});

it('tells all of the one under the cursor on 120x40', () => {
  const text = showing(two, 120, 40).join('\n');

  expect(text).toContain('│ market');
  expect(text).toMatch(/Participants +24 in 1 sessions?/);
  expect(text).toMatch(/Postgres +17\.5/);
});

it('says that it looks, that there is none, and why nothing is known', () => {
  const error = { code: 'job-failed', what: 'listing the backups of market', why: 'Its job ended.' } as const;
  const failed = reduce(asking(), { kind: 'backups-unread', stack: 'market', error }, someNow).state;

  expect(shownLines(asking()).join('\n')).toContain('Looking for the backups of market');
  expect(showing(aBackupList({ backups: [] })).join('\n')).toContain('There is no backup of market yet.');
  const all = pressed(aTuiState({ studies: [] }), '2', 'Tab');
  expect(shownLines(all).join('\n')).toContain('No experiment has a backup yet.');
  expect(shownLines(failed).join('\n')).toMatch(/Failed: listing the backups of market\n +Why +Its job ended\./);
});
