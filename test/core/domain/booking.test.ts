import { describe, expect, it } from 'vitest';
import { type Booking, checkTimes, notOver, overlaps, refusalBy } from '../../../src/core/domain/booking.ts';
import { codeOf, failureOf, seededRandom } from './generate.ts';

const anna = { via: 'ssh', sshUser: 'anna', host: 'laptop' } as const;
const at = (clock: string) => `2026-11-23T${clock}:00.000Z`;
const when = (clock: string) => new Date(at(clock));
const slot = (from: string, until: string, more: Partial<Booking> = {}): Booking => ({
  format: 1,
  id: 'slot123456',
  stack: 'my-exp',
  type: 'slot',
  from: at(from),
  until: at(until),
  reason: '',
  actor: anna,
  createdAt: at('08:00'),
  ...more,
});
const hold = (until: string, reason = 'data is being checked'): Booking =>
  slot('08:00', until, { id: 'hold123456', type: 'hold', reason, actor: { via: 'chat', gitlabUser: 'ben' } });

describe('what a slot or hold refuses', () => {
  it('says whose session it is, until when, and how to take it back', () => {
    expect(refusalBy([slot('14:00', '16:00')], when('14:30'))).toMatchObject({
      code: 'slot-booked',
      message: 'changing my-exp',
      why: 'anna@laptop (SSH, not verified) booked it for a lab session from 2026-11-23T14:00:00Z until 2026-11-23T16:00:00Z.',
      now: 'Nothing was changed.',
      hint: 'Wait until it is over, or ask anna@laptop (SSH, not verified) and take it back with `oforest release-hold my-exp --id slot123456`.',
      details: { booking: 'slot123456', from: at('14:00'), until: at('16:00') },
    });
  });

  it('says why it is held', () => {
    expect(refusalBy([hold('18:00')], when('12:00'))).toMatchObject({
      code: 'study-held',
      why: 'ben holds it as it is until 2026-11-23T18:00:00Z: data is being checked.',
      hint: 'Wait until it is over, or ask ben and take it back with `oforest release-hold my-exp`.',
    });
    expect(refusalBy([hold('18:00', 'Why? Because!')], when('12:00'))?.why).toMatch(/Because!$/);
  });

  it.each([
    ['13:49', undefined, undefined],
    ['13:50', undefined, undefined],
    ['13:51', undefined, 'slot-booked'],
    ['13:30', 3600, 'slot-booked'],
    ['12:59', 3600, undefined],
    ['13:49', 1, undefined],
    ['14:00', 0, 'slot-booked'],
    ['15:59', undefined, 'slot-booked'],
    ['16:00', undefined, undefined],
  ])('begins 10 minutes early, or as early as the work needs: at %s with %s s: %s', (clock, expectedSeconds, code) => {
    expect(refusalBy([slot('14:00', '16:00')], when(clock), { expectedSeconds })?.code).toBe(code);
  });

  it('says that a session is about to begin', () => {
    expect(refusalBy([slot('14:00', '16:00')], when('13:55'))?.why).toMatch(/It begins in 5 min\.$/);
  });

  it('tells the one that lasts longest, and that there are more', () => {
    const refused = refusalBy([slot('14:00', '16:00'), hold('18:00'), slot('14:05', '15:00')], when('13:58'));
    expect(refused).toMatchObject({ code: 'study-held', why: expect.stringMatching(/ 2 more stand in the way\.$/) });
    expect(refusalBy([slot('14:00', '16:00'), hold('18:00')], when('14:10'))?.why).toMatch(/ One more stands/);
  });

  it('is undefined exactly when nothing is in the way, for any set of bookings', () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const random = seededRandom(seed);
      const minute = () => Math.floor(random() * 1440);
      const time = (minutes: number) => new Date(Date.UTC(2026, 10, 23) + minutes * 60_000);
      const bookings = Array.from({ length: Math.floor(random() * 6) }, (_, index) => {
        const from = minute();
        const until = from + 1 + Math.floor(random() * 300);
        return slot('00:00', '00:01', {
          id: `b${index}`,
          type: random() < 0.5 ? 'slot' : 'hold',
          from: time(from).toISOString(),
          until: time(until).toISOString(),
        });
      });
      const now = time(minute());
      const expectedSeconds = Math.floor(random() * 7200);
      const isFree = bookings.every(({ from, until }) => {
        const begin = Date.parse(from) - Math.max(600, expectedSeconds) * 1000;
        return now.getTime() <= begin || now.getTime() >= Date.parse(until);
      });
      expect(refusalBy(bookings, now, { expectedSeconds }) === undefined, `of seed ${seed}`).toBe(isFree);
    }
  });
});

describe('the times of a booking', () => {
  const now = when('12:00');

  it.each([
    ['ends before it begins', slot('16:00', '14:00'), 'It ends before it begins.'],
    ['has no length', slot('14:00', '14:00'), 'It ends before it begins.'],
    ['is over', slot('09:00', '11:00'), 'It is over already.'],
    ['is of another century', slot('14:00', '15:00', { until: '2062-11-23T15:00:00.000Z' }), /more than a year/],
    ['is a session of months', slot('14:00', '15:00', { until: '2027-02-23T15:00:00.000Z' }), /more than 31 days/],
  ])('are refused when it %s', (_, booking, why) => {
    expect(failureOf(() => checkTimes(booking, now)).why).toMatch(why);
  });

  it('may have begun already, and a hold may be long', () => {
    expect(codeOf(() => checkTimes(slot('11:00', '13:00'), now))).toBeUndefined();
    const long = { ...hold('18:00'), until: '2027-02-23T15:00:00.000Z' };
    expect(codeOf(() => checkTimes(long, now))).toBeUndefined();
  });

  it('order those that are not over', () => {
    const bookings = [slot('18:00', '19:00'), slot('14:00', '16:00'), slot('09:00', '12:00')];
    expect(notOver(bookings, now).map(({ from }) => from)).toEqual([at('14:00'), at('18:00')]);
  });

  it('overlap only when they share time', () => {
    expect(overlaps(slot('14:00', '16:00'), slot('15:59', '17:00'))).toBe(true);
    expect(overlaps(slot('14:00', '16:00'), slot('16:00', '17:00'))).toBe(false);
    expect(overlaps(slot('14:00', '16:00'), slot('14:30', '15:00'))).toBe(true);
  });
});
