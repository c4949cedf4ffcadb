import { describe, expect, it } from 'vitest';
import type { Booking } from '../../../../src/core/domain/booking.ts';
import {
  createTimetable,
  type Due,
  dueWork,
  type KeptData,
  type KeptStudy,
  lastNight,
  type StudyHistory,
  type Tried,
  timetableWarnings,
} from '../../../../src/core/operations/keeper/timetable.ts';
import { seededRandom } from '../../domain/generate.ts';

const berlin = createTimetable({ timeZone: 'Europe/Berlin' });
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const utc = createTimetable({ timeZone: 'UTC' });
/** In the middle of the quiet time, after every study's own minute. */
const night = new Date('2027-06-16T05:30:00Z');
const noon = new Date('2027-06-16T12:00:00Z');
const ago = (now: Date, hours: number) => new Date(now.getTime() - hours * hourMs).toISOString();

const backup = (takenAt: string, more: Partial<KeptData['backups'][number]> = {}) => ({
  id: takenAt,
  takenAt,
  verifiedAt: takenAt,
  nightly: true,
  ...more,
});

function study(now: Date, more: Partial<KeptStudy & KeptData & StudyHistory> = {}): KeptStudy & StudyHistory {
  const { lookedAt = now.toISOString(), backups = [backup(ago(now, 20))], archives = [], ...others } = more;
  return {
    stack: 'my-exp',
    state: 'running',
    changedAt: ago(now, 500),
    bookings: [],
    busy: false,
    data: { lookedAt, backups, archives },
    tried: {},
    ...others,
  };
}

const booking = (now: Date, fromHours: number, untilHours: number, type: Booking['type'] = 'slot'): Booking => ({
  format: 1,
  id: 'b',
  stack: 'my-exp',
  type,
  from: ago(now, -fromHours),
  until: ago(now, -untilHours),
  reason: 'checked',
  actor: { via: 'keeper' },
  createdAt: ago(now, 100),
});
const due = (now: Date, more: Parameters<typeof study>[1] = {}) => dueWork([study(now, more)], now, utc)[0];

describe('the nightly backup', () => {
  it('is due once a night, at the quiet time', () => {
    expect(due(night)).toEqual({ kind: 'backup', stack: 'my-exp' });
    expect(due(night, { backups: [backup(ago(night, 0.2))] })).toBeUndefined();
    expect(due(noon, { backups: [backup(ago(noon, 20))] })).toBeUndefined();
  });

  it('is made by day when a night was missed', () => {
    expect(due(noon, { backups: [backup(ago(noon, 29.9))] })).toBeUndefined();
    expect(due(noon, { backups: [backup(ago(noon, 30))] })).toMatchObject({ kind: 'backup' });
  });

  it('waits for the first night of a new study', () => {
    expect(due(noon, { backups: [], changedAt: ago(noon, 2) })).toBeUndefined();
    expect(due(night, { backups: [], changedAt: ago(night, 10) })).toMatchObject({ kind: 'backup' });
    expect(due(noon, { backups: [], changedAt: ago(noon, 31) })).toMatchObject({ kind: 'backup' });
  });

  it('waits for people in a session, but not for days: it disturbs nobody', () => {
    expect(due(night, { people: 3 })).toBeUndefined();
    expect(due(noon, { people: 3, backups: [backup(ago(noon, 47))] })).toBeUndefined();
    expect(due(noon, { people: 3, backups: [backup(ago(noon, 48))] })).toMatchObject({ kind: 'backup' });
  });

  it('of a stopped study is made once after it was stopped', () => {
    const stopped = { state: 'stopped', changedAt: ago(night, 100) } as const;
    expect(due(night, { ...stopped, backups: [backup(ago(night, 120))] })).toMatchObject({ kind: 'backup' });
    expect(due(night, { ...stopped, backups: [backup(ago(night, 99))] })).toBeUndefined();
    expect(due(night, { ...stopped, backups: [] })).toMatchObject({ kind: 'backup' });
  });
});

describe('what keeps the timetable from a study', () => {
  it.each<[string, Parameters<typeof study>[1]]>([
    ['a lab session', { bookings: [booking(night, -1, 1)] }],
    ['a lab session within half an hour', { bookings: [booking(night, 0.49, 1)] }],
    ['a hold', { bookings: [booking(night, -200, 200, 'hold')] }],
    ['an operation', { busy: true }],
    ['retirement', { state: 'deleted' }],
  ])('%s', (_, more) => {
    const everything = { backups: [backup(ago(night, 300))], archives: [{ database: 'a', at: ago(night, 900) }] };
    expect(due(night, everything)).toBeDefined();
    expect(due(night, { ...everything, ...more })).toBeUndefined();
    expect(due(night, { ...everything, ...more, data: undefined })).toBeUndefined();
  });

  it('is over when the session is', () => {
    expect(due(night, { bookings: [booking(night, -2, -0.01)] })).toMatchObject({ kind: 'backup' });
    expect(due(night, { bookings: [booking(night, 0.51, 2)] })).toMatchObject({ kind: 'backup' });
  });

  it('a failure keeps it away for an hour, from that one thing', () => {
    const failed = (hours: number) => ({ tried: { backup: { at: ago(night, hours), ok: false } } });
    const archives = [{ database: 'otree_old_a', at: ago(night, 900) }];
    expect(due(night, failed(0.9))).toBeUndefined();
    expect(due(night, failed(1))).toMatchObject({ kind: 'backup' });
    expect(due(night, { ...failed(0.9), archives })).toMatchObject({ kind: 'drop-data', archives: ['otree_old_a'] });
  });

  it('what ended well and seems due again is not done in a circle', () => {
    expect(due(night, { tried: { backup: { at: ago(night, 0.1), ok: true } } })).toBeUndefined();
  });
});

describe('looking', () => {
  it('comes before anything is done on what was seen too long ago', () => {
    expect(due(night, { data: undefined })).toEqual({ kind: 'look', stack: 'my-exp' });
    expect(due(night, { lookedAt: ago(night, 0.3) })).toEqual({ kind: 'look', stack: 'my-exp' });
    expect(due(noon, { lookedAt: ago(noon, 11) })).toBeUndefined();
    expect(due(noon, { lookedAt: ago(noon, 12) })).toEqual({ kind: 'look', stack: 'my-exp' });
  });

  it('that failed is tried again after an hour', () => {
    const tried = (hours: number) => ({ data: undefined, tried: { look: { at: ago(noon, hours), ok: false } } });
    expect(due(noon, tried(0.5))).toBeUndefined();
    expect(due(noon, tried(1))).toMatchObject({ kind: 'look' });
  });
});

describe('the restore drill', () => {
  const young = backup(ago(night, 0.2));
  const rested = backup(ago(night, 27));

  it('is of the newest backup that has lain for half a day, each week', () => {
    const first = backup(ago(night, 24 * 7));
    expect(due(night, { backups: [young, rested, first] })).toEqual({
      kind: 'drill',
      stack: 'my-exp',
      backup: rested.id,
    });
    expect(due(night, { backups: [young, rested] })).toBeUndefined();
    const drilled = backup(ago(night, 24 * 7), { verifiedAt: ago(night, 24 * 6) });
    expect(due(night, { backups: [young, rested, drilled] })).toBeUndefined();
  });

  it('keeps to the quiet time, and to nobody being in a session, until it is overdue', () => {
    const since = (now: Date, days: number) => [backup(ago(now, 3)), backup(ago(now, 27)), backup(ago(now, 24 * days))];
    expect(due(noon, { backups: since(noon, 8.9) })).toBeUndefined();
    expect(due(noon, { backups: since(noon, 9) })).toMatchObject({ kind: 'drill' });
    expect(due(noon, { backups: since(noon, 9), people: 1 })).toBeUndefined();
  });
});

describe('several studies', () => {
  it('are saved before anything else is done', () => {
    const named = (stack: string, more: Parameters<typeof study>[1]) => ({ ...study(night, more), stack });
    const fresh = [backup(ago(night, 0.2))];
    const studies = [
      named('unknown', { data: undefined }),
      named('old-archive', { backups: fresh, archives: [{ database: 'a', at: ago(night, 900) }] }),
      named('due', {}),
      named('nothing', { backups: fresh }),
    ];
    expect(dueWork(studies, night, utc).map(({ kind, stack }) => `${kind} ${stack}`)).toEqual([
      'backup due',
      'drop-data old-archive',
      'look unknown',
    ]);
  });

  it('have their own minutes, spread over the quiet time but its last hour', () => {
    const minutes = Array.from({ length: 500 }, (_, index) => {
      const at = lastNight(`study-${index}`, night, utc);
      return (at.getTime() - Date.parse('2027-06-16T02:00:00Z')) / 60_000;
    });
    expect(Math.min(...minutes)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...minutes)).toBeLessThan(180);
    for (const third of [0, 60, 120])
      expect(minutes.filter((minute) => minute >= third && minute < third + 60).length).toBeGreaterThan(100);
  });

  it('are quiet by the clock of the lab', () => {
    const at = (zone: string, now: string) =>
      lastNight('my-exp', new Date(now), createTimetable({ timeZone: zone })).getTime();
    const inUtc = at('UTC', '2027-06-16T12:00:00Z');
    expect(at('Europe/Berlin', '2027-06-16T12:00:00Z')).toBe(inUtc - 2 * hourMs);
    expect(at('Asia/Kolkata', '2027-06-16T12:00:00Z')).toBe(inUtc - 5.5 * hourMs);
    expect(at('America/New_York', '2027-06-16T12:00:00Z')).toBe(inUtc + 4 * hourMs);
    expect(at('UTC', '2027-06-16T01:00:00Z')).toBe(inUtc - dayMs);
  });
});

describe('warnings', () => {
  it('say that a purge is due, and never do it', () => {
    const deleted = { state: 'deleted', deletedUntil: ago(noon, 1) } as const;
    expect(timetableWarnings([study(noon, deleted)], noon, utc)).toEqual([
      { code: 'purge-due', stack: 'my-exp', since: ago(noon, 1) },
    ]);
    expect(timetableWarnings([study(noon, { ...deleted, deletedUntil: ago(noon, -1) })], noon, utc)).toEqual([]);
    expect(dueWork([study(noon, deleted)], noon, utc)).toEqual([]);
  });

  it('say that a study has no backup for three days, also when a hold is the reason', () => {
    const failed = { tried: { backup: { at: ago(noon, 0.5), ok: false } } };
    const since = (hours: number, more: Parameters<typeof study>[1] = failed) =>
      timetableWarnings([study(noon, { backups: [backup(ago(noon, hours))], ...more })], noon, utc).map(
        ({ code }) => code,
      );
    expect(since(71)).toEqual([]);
    expect(since(72)).toEqual(['backup-overdue']);
    expect(since(72, { bookings: [booking(noon, -100, 100, 'hold')] })).toEqual(['backup-overdue']);
    expect(since(72, { busy: true })).toEqual(['backup-overdue']);
    expect(since(200, { ...failed, state: 'stopped', changedAt: ago(noon, 300) })).toEqual([]);
    expect(since(200, { ...failed, data: undefined })).toEqual([]);
  });

  it('wait for a backup that is about to be made', () => {
    expect(timetableWarnings([study(noon, { backups: [backup(ago(noon, 100))] })], noon, utc)).toEqual([]);
  });
});

/** Weeks of a study, a look of the keeper every 15 minutes, and at once after it did something; what is due is done at once and takes no time. */
function live(seed: number, days: number) {
  const random = seededRandom(seed);
  const start = Date.parse('2027-03-01T12:00:00Z');
  const bookings: Booking[] = [];
  for (let day = 0; day < days && seed % 3 > 0; day += 1)
    if (random() < 0.3) {
      const from = start + day * dayMs + random() * dayMs;
      const until = new Date(from + random() * (seed % 3 === 2 ? 30 : 4) * hourMs).toISOString();
      bookings.push({ ...booking(noon, 0, 0), id: `${day}`, from: new Date(from).toISOString(), until });
    }
  let there: KeptData['backups'] = [];
  let archives = [{ database: 'otree_old_a', at: new Date(start).toISOString() }];
  let data: KeptData | undefined;
  const tried: Partial<Record<Due['kind'], Tried>> = {};
  let hasMore = false;
  const nextTick = (time: number) => start + (Math.floor((time - start) / 900_000) + 1) * 900_000;
  const done: { due: Due; at: Date; newestAge: number }[] = [];
  for (let time = start; time < start + days * dayMs; time = hasMore ? time + 1000 : nextTick(time)) {
    const now = new Date(time);
    const at = now.toISOString();
    const known: KeptStudy & StudyHistory = {
      ...study(now, { changedAt: new Date(start).toISOString() }),
      bookings,
      data,
      tried,
    };
    const [next] = dueWork([known], now, berlin);
    hasMore = next !== undefined;
    if (!next) continue;
    const newest = there.at(-1)?.takenAt ?? new Date(start).toISOString();
    done.push({ due: next, at: now, newestAge: time - Date.parse(newest) });
    tried[next.kind] = { at, ok: true };
    if (next.kind === 'backup') there = [...there, backup(at)];
    if (next.kind === 'drill') there = there.map((one) => (one.id === next.backup ? { ...one, verifiedAt: at } : one));
    if (next.kind === 'drop-data') {
      there = there.filter(({ id }) => !next.backups.includes(id));
      archives = archives.filter(({ database }) => !next.archives.includes(database));
    }
    // As the keeper does: after its own work it looks at once.
    data = { lookedAt: at, backups: there, archives };
  }
  return { done, there, archives, bookings };
}

describe('the timetable over months', () => {
  const of = (done: ReturnType<typeof live>['done'], kind: Due['kind']) => done.filter(({ due }) => due.kind === kind);

  it('saves an undisturbed study every night at its minute, drills it weekly, and keeps what the retention says', () => {
    const { done, there, archives } = live(3, 120);
    const backups = of(done, 'backup');
    expect(backups.length).toBe(120);
    const minutes = new Set(backups.map(({ at }) => at.toISOString().slice(11, 16)));
    // Before the change to summer time and after.
    expect(minutes.size).toBe(2);
    expect(of(done, 'drill').length).toBeGreaterThanOrEqual(15);
    expect(of(done, 'drill').length).toBeLessThanOrEqual(20);
    expect(archives).toEqual([]);
    expect(there.length).toBeLessThanOrEqual(19);
    expect(of(done, 'look').length).toBeLessThan(120 * 4);
  });

  it('never works in a booked time or half an hour before, and always catches up', () => {
    for (let seed = 1; seed <= 8; seed += 1) {
      const { done, bookings } = live(seed, 45);
      for (const { at } of done)
        for (const { from, until } of bookings) {
          const isInside = at.getTime() > Date.parse(from) - 1_800_000 && at.getTime() < Date.parse(until);
          expect(isInside, `of seed ${seed}: ${at.toISOString()} in ${from} to ${until}`).toBe(false);
        }
      const longest = bookings.reduce((sum, { from, until }) => sum + Date.parse(until) - Date.parse(from), 0);
      for (const { newestAge } of of(done, 'backup')) expect(newestAge).toBeLessThan(31 * hourMs + longest);
      expect(of(done, 'backup').length, `of seed ${seed}`).toBeGreaterThan(20);
    }
  });
});
