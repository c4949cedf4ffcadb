import { describe, expect, it } from 'vitest';
import { validateAnswer } from '../../support/json-answers.ts';
import { homeWithTrust } from '../sandbox-home.ts';

describe('booking on the command line', () => {
  const home = homeWithTrust();

  it('books, holds, shows and takes back, each answer as published', async () => {
    const booked = await home.type('book', 'trust', '--from', '+1h', '--until', '+2h', '--json');
    expect(booked).toMatchObject({ exitCode: 0, stderr: '' });
    const { booking } = JSON.parse(booked.stdout);
    expect(validateAnswer(JSON.parse(booked.stdout), 'book')).toEqual([]);
    expect(Date.parse(booking.until) - Date.parse(booking.from)).toBe(7_200_000);

    const held = await home.type('hold', 'trust', '--until', '+1d', '--reason', 'pre-registered', '--json');
    expect(validateAnswer(JSON.parse(held.stdout), 'hold')).toEqual([]);
    expect(JSON.parse(held.stdout)).toMatchObject({
      booking: { type: 'hold', reason: 'pre-registered' },
      overlapping: [booking],
    });

    const shown = await home.type('book', '--json');
    expect(validateAnswer(JSON.parse(shown.stdout), 'book')).toEqual([]);
    expect(JSON.parse(shown.stdout).bookings.map(({ type }: { type: string }) => type)).toEqual(['hold', 'slot']);
    expect((await home.type('book', 'trust')).stdout).toMatch(/^STUDY.*\ntrust {2}hold.*pre-registered\ntrust {2}slot/);

    const released = await home.type('release-hold', 'trust', '--json');
    expect(validateAnswer(JSON.parse(released.stdout), 'release-hold')).toEqual([]);
    expect((await home.type('release-hold', 'trust', '--id', booking.id)).stdout).toMatch(
      /^Taken back: trust is booked/,
    );
    expect((await home.type('book', 'trust')).stdout).toBe('Nothing is booked for trust.\n');
    expect((await home.type('release-hold', 'trust')).exitCode).toBe(3);
  });

  it('takes back what others booked only when told to', async () => {
    const { stdout } = await home.type('hold', 'trust', '--until', '+1d', '--reason', 'mine', '--json');
    const name = `of.book.trust.${JSON.parse(stdout).booking.id}`;
    const { swarm } = home.lab.server;
    const config = (await swarm.findConfig(name))!;
    const data = JSON.parse(config.Spec.Data.toString('utf8'));
    await swarm.removeConfig(config.ID);
    const actor = { via: 'ssh', sshUser: 'ben', host: 'desk' };
    await swarm.createConfig(name, config.Spec.Labels, Buffer.from(JSON.stringify({ ...data, actor })));

    const refused = await home.type('release-hold', 'trust', '--json');
    expect(refused.exitCode).toBe(7);
    expect(JSON.parse(refused.stdout).error).toMatchObject({
      why: expect.stringMatching(/by ben@desk \(SSH, not verified\): mine Take it back\?$/),
      hint: 'Add --yes to confirm.',
    });
    expect((await home.type('release-hold', 'trust', '--yes')).exitCode).toBe(0);
  });

  it.each([
    [['book', 'trust', '--from', '+1h']],
    [['book', '--until', '+1h']],
    [['book', 'trust', '--until', 'tonight']],
    [['book', 'trust', '--from', '2027-02-30 14:00', '--until', '+1h']],
    [['hold', 'trust', '--until', '+1h', '--reason', '  ']],
    [['hold', 'trust', '--until', '+1h']],
    [['hold', 'trust', '--until', '+400d', '--reason', 'long']],
  ])('refuses what cannot be meant: %j', async (words) => {
    const { exitCode, stdout } = await home.type(...words, '--json');
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'usage-wrong' } });
    expect((await home.type('book', '--json')).stdout).toContain('"bookings":[]');
  });
});
