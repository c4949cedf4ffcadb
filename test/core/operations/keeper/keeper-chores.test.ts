import { describe, expect, it } from 'vitest';
import type { Booking } from '../../../../src/core/domain/booking.ts';
import { ExpectedError } from '../../../../src/core/errors.ts';
import { createChoreRunner } from '../../../../src/core/operations/keeper/keeper-chores.ts';
import {
  createReporter,
  describeKeeperLine,
  type KeeperLine,
} from '../../../../src/core/operations/keeper/keeper-report.ts';
import {
  createTimetable,
  type Due,
  type KeptData,
  type KeptStudy,
} from '../../../../src/core/operations/keeper/timetable.ts';
import { createBooking } from '../../../../src/core/records/booking-record.ts';
import { aManager } from '../../../support/builders.ts';
import { openRecordLab, type RecordLab } from '../../../support/record-lab.ts';
import { swarmOf } from '../../../support/showing-swarm.ts';

const stack = 'my-exp';

/** The chores of one study, a look every 20 s, from 1 January 2027 at 9:00 on. */
function aLab({ studies = [stack], records }: { studies?: string[]; records?: RecordLab } = {}) {
  const swarm = records?.swarm ?? swarmOf({ manager: aManager });
  let now = Date.parse('2027-01-01T09:00:00Z');
  const clock = { now: () => new Date(now), sleep: async () => undefined };
  const lines: KeeperLine[] = [];
  const mails: string[] = [];
  const done: { due: Due; at: Date }[] = [];
  const world = {
    backups: [] as KeptData['backups'],
    archives: [] as KeptData['archives'],
    bookings: [] as Booking[],
    busy: false,
    state: 'running' as KeptStudy['state'],
    /** Thrown by whatever is started. */
    refuses: undefined as Error | undefined,
    /** Operations that are run end badly. */
    fails: false,
    unreachable: false,
  };
  const report = createReporter({
    say: (line) => lines.push(line),
    mail: async ({ text }) => void mails.push(text),
    name: 'a:1',
    clock,
  });
  let current: Due | undefined;
  const runner = createChoreRunner(
    {
      timetable: createTimetable({ timeZone: 'UTC' }),
      async studies() {
        if (world.unreachable) throw new ExpectedError('connection-lost', 'asking the manager');
        const { bookings, busy, state } = world;
        return studies.map((name) => ({ stack: name, state, changedAt: '2027-01-01T09:00:00.000Z', bookings, busy }));
      },
      async look(name) {
        done.push({ due: { kind: 'look', stack: name }, at: clock.now() });
        const backups = world.backups.filter(({ id }) => id.startsWith(`${name}@`));
        return { backups, archives: world.archives };
      },
      async start(due) {
        if (world.refuses) throw world.refuses;
        current = due;
        return 'operation1';
      },
    },
    {
      swarm,
      clock,
      report,
      async run() {
        const at = clock.now();
        const due = current!;
        done.push({ due, at });
        if (world.fails) return false;
        const takenAt = at.toISOString();
        const made = { id: `${due.stack}@${takenAt}`, takenAt, verifiedAt: takenAt, nightly: true };
        if (due.kind === 'backup') world.backups = [...world.backups, made];
        if (due.kind === 'drill')
          world.backups = world.backups.map((one) => (one.id === due.backup ? { ...one, verifiedAt: takenAt } : one));
        if (due.kind === 'drop-data') {
          world.archives = world.archives.filter(({ database }) => !due.archives.includes(database));
          world.backups = world.backups.filter(({ id }) => !due.backups.includes(id));
        }
        return true;
      },
    },
  );
  return {
    world,
    mails,
    did: (kind: Due['kind']) => done.filter(({ due }) => due.kind === kind),
    said: () => lines.map(describeKeeperLine),
    kinds: () => lines.map(({ kind }) => kind),
    async live(days: number) {
      const end = now + days * 86_400_000;
      for (; now < end; now += 20_000) {
        records?.pass(20);
        await runner.next();
        await report.deliver();
      }
    },
  };
}

describe('what the keeper does by itself', () => {
  it('is a backup every night, a drill every week, and little looking', async () => {
    const lab = aLab();
    await lab.live(15);
    expect(lab.did('backup')).toHaveLength(15);
    for (const { at } of lab.did('backup')) expect([2, 3, 4]).toContain(at.getUTCHours());
    expect(lab.did('drill')).toHaveLength(2);
    // Before and after what is done in a night, and once in half a day without anything.
    expect(lab.did('look').length).toBeLessThanOrEqual(15 * 4);
    expect(lab.said()).toEqual([]);
  });

  it('waits an hour after a failure, whether it could not begin or ended badly, and says it', async () => {
    const lab = aLab();
    lab.world.refuses = new ExpectedError('backup-space', 'backing up', { why: 'The disk is full.' });
    await lab.live(1);
    expect(lab.said()).toEqual(['Failed: backup of my-exp. The disk is full.']);
    expect(lab.mails).toHaveLength(1);
    lab.world.refuses = undefined;
    lab.world.fails = true;
    await lab.live(0.5);
    const tries = lab.did('backup').map(({ at }) => at.getTime());
    expect(tries.length).toBeGreaterThanOrEqual(3);
    for (const [index, time] of tries.slice(1).entries())
      expect(time - tries[index]!).toBeGreaterThanOrEqual(3_600_000);
    lab.world.fails = false;
    await lab.live(1);
    expect(lab.world.backups.length).toBeGreaterThan(0);
  });

  it('takes a refusal as no failure: people came, or somebody was quicker', async () => {
    const lab = aLab();
    lab.world.refuses = new ExpectedError('participants-present', 'starting', { why: 'People came.' });
    await lab.live(1);
    expect(lab.said()[0]).toBe('Not now: backup of my-exp. People came.');
    expect(lab.kinds()).not.toContain('problem');
    expect(lab.mails).toEqual([]);
  });

  it('warns when no backup came for three days, each half day', async () => {
    const lab = aLab();
    lab.world.refuses = new ExpectedError('participants-present', 'starting', { why: 'People came.' });
    await lab.live(4);
    const warnings = lab.said().filter((sentence) => sentence.startsWith('my-exp has no backup'));
    expect(warnings).toEqual(['my-exp has no backup since 2027-01-01T09:00:00Z.', expect.anything()]);
    expect(lab.mails).toHaveLength(2);
  });

  it('removes what was set aside two weeks ago', async () => {
    const lab = aLab();
    lab.world.archives = [{ database: 'otree_old_a', at: '2027-01-01T09:00:00.000Z' }];
    await lab.live(14);
    expect(lab.world.archives).toHaveLength(1);
    await lab.live(1);
    expect(lab.world.archives).toEqual([]);
    // 7 days, and the last of the weeks before; the month is the same.
    const days = lab.world.backups.map(({ takenAt }) => takenAt.slice(8, 10));
    expect(days).toEqual(['03', '10', '11', '12', '13', '14', '15', '16']);
  });

  it('goes on after it could not look at the studies, and says so once', async () => {
    const lab = aLab();
    lab.world.unreachable = true;
    await lab.live(0.1);
    expect(lab.kinds()).toEqual(['problem']);
    lab.world.unreachable = false;
    await lab.live(1);
    expect(lab.did('backup')).toHaveLength(1);
  });

  it('does one thing at a time for many studies, and none is forgotten', async () => {
    const names = Array.from({ length: 30 }, (_, index) => `study-${index}`);
    const lab = aLab({ studies: names });
    await lab.live(1);
    expect(new Set(lab.did('backup').map(({ due }) => due.stack))).toEqual(new Set(names));
  });

  it('removes bookings that are over', async () => {
    await using records = await openRecordLab();
    const lab = aLab({ records });
    const booking: Booking = {
      format: 1,
      id: 'b',
      stack,
      type: 'slot',
      from: '2027-01-01T10:00:00.000Z',
      until: '2027-01-01T11:00:00.000Z',
      reason: '',
      actor: { via: 'keeper' },
      createdAt: '2027-01-01T09:00:00.000Z',
    };
    await createBooking(booking, records);
    await lab.live(0.05);
    expect(records.configs).toHaveLength(1);
    await lab.live(0.05);
    expect(records.configs).toEqual([]);
  });
});
