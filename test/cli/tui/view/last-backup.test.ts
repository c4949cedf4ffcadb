import { describe, expect, it } from 'vitest';
import { anActivity } from '../support/activities.ts';
import { aBackup, aBackupList } from '../support/backups.ts';
import { shownLines } from '../support/press.ts';
import { aStudy, aTuiState, someNow } from '../support/states.ts';
import { effectsOf, walkFrom } from '../support/walk.ts';

const { people: _people, busy: _busy, backedUpAt: _backup, ...summary } = aStudy();
const made = (at: string, operation: string) =>
  anActivity({ operation, verb: 'reset', backup: { id: `backup-${operation}`, at, rows: 15 } });
const listed = (columns: number, rows: number) =>
  walkFrom(aTuiState({ studies: undefined, size: { columns, rows } })).hear({
    kind: 'compared',
    studies: [summary],
    activity: [made('2026-11-20T11:02:11Z', 'op2'), made('2026-11-17T11:02:11Z', 'op1')],
    at: someNow,
  });
const text = ({ state }: ReturnType<typeof listed>) => shownLines(state).join('\n');

describe('the last backup', () => {
  it.each([
    [80, 24],
    [120, 40],
    [200, 50],
  ])('is a column beside when it changed, at %i columns and %i rows', (columns, rows) => {
    expect(text(listed(columns, rows))).toMatch(/Changed +Backup/);
    expect(text(listed(columns, rows))).toMatch(/trust-game .* 2 d +3 h/);
  });

  it('is what operations did, which is known without another call', () => {
    expect(listed(80, 24).effects).toEqual([]);
    expect(text(listed(80, 24).press('Enter'))).toContain('Last backup  3 h ago, checked by a');
    expect(text(listed(120, 40))).toContain('Last backup 3 h ago, checked by a');
  });

  it('is what was found where its backups were looked into', () => {
    const looked = listed(80, 24).press('v');
    const list = aBackupList({ backups: [aBackup({ takenAt: '2026-11-20T13:02:11Z' })] });
    const read = looked.hear({ kind: 'backups-read', stack: 'trust-game', list }).press('Esc');

    expect(effectsOf(looked, 'read-backups')).toHaveLength(1);
    expect(text(read)).toMatch(/trust-game .* 2 d +60 min/);
  });

  it('is said to be unknown rather than missing', () => {
    const none = walkFrom(aTuiState({ studies: [aStudy()] }));

    expect(text(none)).toMatch(/trust-game .* 2 d +–/);
    expect(text(none.press('Enter'))).toContain('Last backup  none known');
  });
});
