import { describe, expect, it } from 'vitest';
import {
  archivesToDrop,
  backupsToDrop,
  endOfArchive,
  endOfRetirement,
  type VerifiedBackup,
} from '../../../src/core/domain/retention.ts';
import { seededRandom } from './generate.ts';

const dayMs = 86_400_000;
const now = new Date('2027-06-16T03:00:00Z');
const backup = (takenAt: string, nightly = true): VerifiedBackup => ({ id: takenAt, takenAt, nightly });
const daysAgo = (days: number) => new Date(now.getTime() - days * dayMs).toISOString();
const keptOf = (backups: readonly VerifiedBackup[], at = now) => {
  const dropped = new Set(backupsToDrop(backups, at));
  return backups.filter(({ id }) => !dropped.has(id)).map(({ id }) => id);
};

describe('which backups are kept', () => {
  it('of a year of nights: 7 days, 4 weeks and 6 months', () => {
    const nights = Array.from({ length: 365 }, (_, days) => backup(daysAgo(days)));

    expect(keptOf(nights).map((id) => id.slice(0, 10))).toEqual([
      '2027-06-16',
      '2027-06-15',
      '2027-06-14',
      '2027-06-13',
      '2027-06-12',
      '2027-06-11',
      '2027-06-10',
      '2027-06-06',
      '2027-05-31',
      '2027-05-30',
      '2027-04-30',
      '2027-03-31',
      '2027-02-28',
      '2027-01-31',
    ]);
  });

  it('counts weeks from Monday, over the end of a year as well', () => {
    const days = ['2027-01-03', '2027-01-02', '2026-12-28', '2026-12-27', '2026-12-21', '2026-12-20'];
    const others = Array.from({ length: 7 }, (_, day) => `2027-01-${String(20 - day).padStart(2, '0')}`);
    const at = (day: string) => `${day}T02:00:00.000Z`;

    const kept = keptOf([...others, ...days].map((day) => backup(at(day))));

    // Weeks: from 18 January, 11 January, 28 December and 21 December. The 28th is the last of its month.
    expect(kept).toEqual([...others, '2027-01-03', '2026-12-28', '2026-12-27'].map(at));
  });

  it('keeps one that somebody asked for, however many nights follow on the same day or later', () => {
    const beforeReset = backup('2027-06-10T00:30:00.000Z', false);
    const nights = Array.from({ length: 20 }, (_, days) => backup(daysAgo(days)));

    expect(keptOf([...nights, beforeReset])).toContain(beforeReset.id);
  });

  it('keeps all of the last 24 hours', () => {
    const today = ['2027-06-16T02:59:00.000Z', '2027-06-16T02:58:00.000Z', '2027-06-15T03:00:01.000Z'];

    expect(keptOf(today.map((at) => backup(at)))).toEqual(today);
  });

  it('keeps the last one, however old, and one whose time cannot be read', () => {
    expect(backupsToDrop([backup('2019-01-01T00:00:00.000Z')], now)).toEqual([]);
    expect(backupsToDrop([{ id: 'odd', takenAt: 'yesterday', nightly: true }], now)).toEqual([]);
  });

  it('names the oldest first', () => {
    const [first, second] = ['2027-06-01T01:00:00.000Z', '2027-06-01T02:00:00.000Z'];
    const newer = '2027-06-01T03:00:00.000Z';

    expect(
      backupsToDrop(
        [second, newer, first].map((at) => backup(at!)),
        now,
      ),
    ).toEqual([first, second]);
  });

  it('holds what it promises for any history', () => {
    for (let seed = 1; seed <= 500; seed += 1) {
      const random = seededRandom(seed);
      const span = [2, 20, 200, 800][seed % 4]! * dayMs;
      const backups = Array.from({ length: Math.floor(random() * 80) }, (_, index) => ({
        ...backup(new Date(now.getTime() - random() * span + random() * dayMs).toISOString(), random() < 0.6),
        id: `b${index}`,
      }));
      const dropped = backupsToDrop(backups, now);
      const kept = backups.filter(({ id }) => !dropped.includes(id));
      const newest = [...backups].sort((a, b) => b.takenAt.localeCompare(a.takenAt))[0];
      const is = `of seed ${seed}`;

      expect(new Set(dropped).size, `no id twice, ${is}`).toBe(dropped.length);
      if (newest) expect(kept, `the newest, ${is}`).toContainEqual(newest);
      for (const { id, takenAt } of backups)
        if (now.getTime() - Date.parse(takenAt) < dayMs) expect(dropped, `young, ${is}`).not.toContain(id);
      for (const nightly of [true, false]) {
        const days = (list: readonly VerifiedBackup[]) => [
          ...new Set(list.filter((one) => one.nightly === nightly).map(({ takenAt }) => takenAt.slice(0, 10))),
        ];
        const months = (list: readonly VerifiedBackup[]) => [...new Set(days(list).map((day) => day.slice(0, 7)))];
        const newestDays = days(backups).sort().reverse().slice(0, 7);
        expect(days(kept), `the last 7 days, ${is}`).toEqual(expect.arrayContaining(newestDays));
        const newestMonths = months(backups).sort().reverse().slice(0, 6);
        expect(months(kept), `the last 6 months, ${is}`).toEqual(expect.arrayContaining(newestMonths));
        const old = kept.filter((one) => one.nightly === nightly && now.getTime() - Date.parse(one.takenAt) >= dayMs);
        expect(old.length, `no more than the rule says, ${is}`).toBeLessThanOrEqual(7 + 4 + 6 + 1);
      }
      expect(backupsToDrop(kept, now), `a second time drops nothing, ${is}`).toEqual([]);
      expect(backupsToDrop([...backups].reverse(), now).toSorted(), `in any order, ${is}`).toEqual(dropped.toSorted());
    }
  });
});

describe('what was set aside', () => {
  it('stays for 14 days', () => {
    const archives = [
      { database: 'otree_old_a', at: daysAgo(13.99) },
      { database: 'otree_old_b', at: daysAgo(14.01) },
      { database: 'otree_old_c', at: 'unknown' },
    ];

    expect(archivesToDrop(archives, now)).toEqual(['otree_old_b']);
    expect(endOfArchive('2027-06-01T10:00:00Z').toISOString()).toBe('2027-06-15T10:00:00.000Z');
  });

  it('a deleted study can be brought back for 30 days', () => {
    expect(endOfRetirement('2027-06-01T10:00:00Z').toISOString()).toBe('2027-07-01T10:00:00.000Z');
  });
});
