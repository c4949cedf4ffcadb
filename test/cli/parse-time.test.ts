import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseTime } from '../../src/cli/parse-time.ts';
import { failureOf, parsedOrRefused, texts } from '../core/domain/generate.ts';

const now = new Date('2026-11-23T13:30:00Z');
const read = (text: string, after?: string) =>
  parseTime(text, { option: '--from', now, after: after === undefined ? undefined : new Date(after) }).toISOString();

describe('a time as people write it, in Berlin', () => {
  const zone = process.env.TZ;
  beforeEach(() => {
    process.env.TZ = 'Europe/Berlin';
  });
  afterEach(() => {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  });

  it.each([
    ['2026-11-24 14:00', '2026-11-24T13:00:00.000Z'],
    ['2026-11-24T14:00', '2026-11-24T13:00:00.000Z'],
    ['2026-07-01 9:05', '2026-07-01T07:05:00.000Z'],
    ['2026-11-24 14:00:30', '2026-11-24T13:00:30.000Z'],
    ['2028-02-29 00:00', '2028-02-28T23:00:00.000Z'],
    ['2026-11-24T14:00Z', '2026-11-24T14:00:00.000Z'],
    ['2026-11-24T14:00:00.123Z', '2026-11-24T14:00:00.123Z'],
    ['2026-11-24T14:00:00-05:00', '2026-11-24T19:00:00.000Z'],
    [' 2026-11-24 14:00 ', '2026-11-24T13:00:00.000Z'],
  ])('with its date: %s', (text, time) => {
    expect(read(text)).toBe(time);
  });

  it('a clock time alone is today, also when it has passed: a session may run already', () => {
    expect(read('14:00')).toBe('2026-11-23T13:00:00.000Z');
    expect(read('16:00')).toBe('2026-11-23T15:00:00.000Z');
  });

  it('a clock time alone is the first after the begin', () => {
    expect(read('16:00', '2026-11-23T13:00:00Z')).toBe('2026-11-23T15:00:00.000Z');
    expect(read('02:00', '2026-11-23T21:00:00Z')).toBe('2026-11-24T01:00:00.000Z');
    expect(read('14:00', '2026-11-23T13:00:00Z')).toBe('2026-11-24T13:00:00.000Z');
    expect(read('01:00', '2026-12-31T21:00:00Z')).toBe('2027-01-01T00:00:00.000Z');
  });

  it.each([
    ['+2h', undefined, '2026-11-23T15:30:00.000Z'],
    ['+90m', undefined, '2026-11-23T15:00:00.000Z'],
    ['+1h30m', undefined, '2026-11-23T15:00:00.000Z'],
    ['+1d', undefined, '2026-11-24T13:30:00.000Z'],
    ['+2h', '2026-11-24T08:00:00Z', '2026-11-24T10:00:00.000Z'],
  ])('so much later: %s after %s', (text, after, time) => {
    expect(read(text, after)).toBe(time);
  });

  it('knows that the clocks change', () => {
    expect(read('2027-03-28 01:59')).toBe('2027-03-28T00:59:00.000Z');
    expect(failureOf(() => read('2027-03-28 02:30'))).toMatchObject({
      code: 'usage-wrong',
      why: 'The change to summer time leaves this time out.',
    });
    expect(read('2027-03-28 03:00')).toBe('2027-03-28T01:00:00.000Z');
    expect(read('2026-10-25 02:30')).toBe('2026-10-25T00:30:00.000Z');
  });

  it.each([
    ['', 'This is not a time that can be read.'],
    ['tomorrow', 'This is not a time that can be read.'],
    ['14', 'This is not a time that can be read.'],
    ['+', 'This is not a time that can be read.'],
    ['2h', 'This is not a time that can be read.'],
    ['23.11.2026 14:00', 'This is not a time that can be read.'],
    ['2026-11-23', 'The time of the day is missing.'],
    ['2026-02-30 14:00', 'There is no such day or time.'],
    ['2026-13-01 14:00', 'There is no such day or time.'],
    ['2026-11-23 24:00', 'There is no such day or time.'],
    ['2026-02-30T14:00Z', 'There is no such day or time.'],
    ['2026-11-23T14:00+99:00', 'There is no such day or time.'],
    ['25:00', 'There is no such time.'],
    ['14:60', 'There is no such time.'],
  ])('is refused when it is none: %s', (text, why) => {
    expect(failureOf(() => read(text))).toMatchObject({ code: 'usage-wrong', why });
  });

  it('is a real time or a refusal, whatever is typed', () => {
    const alphabet = [
      '0',
      '1',
      '2',
      '9',
      '-',
      ':',
      'T',
      ' ',
      '+',
      'h',
      'm',
      'd',
      'Z',
      '2026-11-',
      '14:0',
      '\u202e',
      '💥',
    ];
    let readable = 0;
    for (const text of texts(alphabet, { count: 20_000, maxLength: 9 })) {
      const time = parsedOrRefused((one) => read(one), text);
      if (time !== undefined) readable += 1;
    }
    expect(readable).toBeGreaterThan(20);
  });
});
