import { describe, expect, it } from 'vitest';
import { ExpectedError } from '../../../../src/core/errors.ts';
import {
  createReporter,
  describeKeeperLine,
  type KeeperLine,
  type Mail,
} from '../../../../src/core/operations/keeper/keeper-report.ts';

function aReporter({ mailFails = false } = {}) {
  let now = Date.parse('2027-01-01T09:00:00Z');
  const lines: KeeperLine[] = [];
  const mails: Mail[] = [];
  let fails = mailFails;
  const report = createReporter({
    say: (line) => lines.push(line),
    mail: async (mail) => {
      if (fails) throw new ExpectedError('host-unreachable', 'connecting to mail.test');
      mails.push(mail);
    },
    name: 'manager1:7',
    clock: { now: () => new Date(now), sleep: async () => undefined },
  });
  const pass = (minutes: number) => {
    now += minutes * 60_000;
  };
  return { report, lines, mails, pass, heal: () => (fails = false) };
}
const full = new ExpectedError('backup-space', 'backing up my-exp', {
  why: 'The disk has no room.',
  now: 'Nothing was erased.',
  hint: 'Make room on node1.',
});

describe('alarms', () => {
  it('are said at once and mailed together a minute later', async () => {
    const { report, lines, mails, pass } = aReporter();
    report.problem('backup of my-exp', full);
    report.alarm({
      kind: 'warning',
      warning: { code: 'backup-overdue', stack: 'other', since: '2026-12-28T02:00:00Z' },
    });
    expect(lines.map(describeKeeperLine)).toEqual([
      'Failed: backup of my-exp. The disk has no room.',
      'other has no backup since 2026-12-28T02:00:00Z.',
    ]);
    await report.deliver();
    expect(mails).toEqual([]);
    pass(1);
    await report.deliver();
    expect(mails).toEqual([
      {
        subject: 'oForest: 2 problems',
        text: [
          '2027-01-01T09:00:00.000Z  Failed: backup of my-exp. The disk has no room.',
          '  Nothing was erased.',
          '  Make room on node1.',
          '',
          '2027-01-01T09:00:00.000Z  other has no backup since 2026-12-28T02:00:00Z.',
          '',
          '-- ',
          'The keeper manager1:7',
          '',
        ].join('\n'),
      },
    ]);
  });

  it('of the same kind are said again after 12 hours, and other ones at once', async () => {
    const { report, lines, pass } = aReporter();
    report.problem('backup of my-exp', full);
    report.problem('backup of my-exp', full);
    report.problem('backup of other', full);
    expect(lines).toHaveLength(2);
    pass(12 * 60);
    report.problem('backup of my-exp', full);
    expect(lines).toHaveLength(3);
  });

  it('come in one mail in a quarter of an hour at most, and at the end at once', async () => {
    const { report, mails, pass } = aReporter();
    report.problem('one', full);
    pass(1);
    await report.deliver();
    expect(mails[0]?.subject).toBe('oForest: Failed: one. The disk has no room.');
    report.problem('two', full);
    pass(14);
    await report.deliver();
    expect(mails).toHaveLength(1);
    pass(1);
    await report.deliver();
    expect(mails).toHaveLength(2);
    report.problem('three', full);
    await report.deliver('now');
    expect(mails).toHaveLength(3);
  });

  it('are kept when the mail cannot be sent, and that is said', async () => {
    const { report, lines, mails, pass, heal } = aReporter({ mailFails: true });
    report.problem('one', full);
    await report.deliver('now');
    await report.deliver('now');
    expect(lines.map(describeKeeperLine)).toEqual([
      'Failed: one. The disk has no room.',
      'Failed: sending a mail. connecting to mail.test.',
    ]);
    heal();
    pass(15);
    await report.deliver();
    expect(mails).toHaveLength(1);
  });
});
