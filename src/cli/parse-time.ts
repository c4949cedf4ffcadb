import { ExpectedError, quoteForPeople } from '../core/index.ts';

const minuteMs = 60_000;
const unitMs: Readonly<Record<string, number>> = { m: minuteMs, h: 60 * minuteMs, d: 24 * 60 * minuteMs };

const dated = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?$/;
const withZone = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const clockAlone = /^(\d{1,2}):(\d{2})$/;
const ahead = /^\+(\d{1,4}d)?(\d{1,5}h)?(\d{1,6}m)?$/;

/**
 * A time as people write it, in the zone of this computer: `2026-11-23 14:00`, ISO 8601 with a zone of its own, `14:00`, or
 * `+2h`, `+1d`, `+1h30m`. A clock time alone is today's, or the first one after `after`; what begins with `+` counts from
 * `after`, else from now. Throws `usage-wrong`, also for times that the calendar or the change to summer time leaves out; of
 * the hour that comes twice in autumn it means the first.
 */
export function parseTime(
  text: string,
  { option, now, after }: { option: string; now: Date; after?: Date | undefined },
): Date {
  const wrong = (why: string) =>
    new ExpectedError('usage-wrong', `reading ${option} ${quoteForPeople(text)}`, {
      why,
      now: 'Nothing was changed.',
      hint: 'Write "2026-11-23 14:00", 14:00 for today, or +2h.',
    });
  const trimmed = text.trim();

  const zoned = withZone.exec(trimmed);
  if (zoned) {
    const [, year, month, day, hours, minutes, seconds = '0'] = zoned;
    const time = new Date(trimmed);
    if (Number.isNaN(time.getTime()) || !isOnCalendar([year, month, day, hours, minutes, seconds].map(Number)))
      throw wrong('There is no such day or time.');
    return time;
  }

  const local = dated.exec(trimmed);
  if (local) {
    const numbers = local.slice(1).map((part) => Number(part ?? 0));
    if (!isOnCalendar(numbers)) throw wrong('There is no such day or time.');
    return localTime(numbers) ?? fail(wrong('The change to summer time leaves this time out.'));
  }

  const clock = clockAlone.exec(trimmed);
  if (clock) {
    const [hours = 0, minutes = 0] = clock.slice(1).map(Number);
    if (hours > 23 || minutes > 59) throw wrong('There is no such time.');
    const day = after ?? now;
    const at = (days: number) =>
      localTime([day.getFullYear(), day.getMonth() + 1, day.getDate() + days, hours, minutes, 0]) ??
      fail(wrong('The change to summer time leaves this time out.'));
    const sameDay = at(0);
    return after && sameDay.getTime() <= after.getTime() ? at(1) : sameDay;
  }

  const [matched, ...spans] = ahead.exec(trimmed) ?? [];
  if (matched !== undefined && matched.length > 1) {
    const spanMs = spans
      .filter((span) => span !== undefined)
      .reduce((sum, span) => sum + Number.parseInt(span, 10) * (unitMs[span.slice(-1)] ?? 0), 0);
    return new Date((after ?? now).getTime() + spanMs);
  }
  throw wrong(
    /^\d{4}-\d{2}-\d{2}$/.test(trimmed) ? 'The time of the day is missing.' : 'This is not a time that can be read.',
  );
}

/** Year, month from 1, day, hours, minutes, seconds. */
function isOnCalendar(numbers: readonly number[]): boolean {
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = numbers;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hours <= 23 && minutes <= 59 && seconds <= 59;
}

/** Undefined when the clocks of this zone never show that time; days may run over the month. */
function localTime(numbers: readonly number[]): Date | undefined {
  const [year = 0, month = 0, day = 0, hours = 0, minutes = 0, seconds = 0] = numbers;
  const time = new Date(year, month - 1, day, hours, minutes, seconds);
  return time.getHours() === hours && time.getMinutes() === minutes ? time : undefined;
}

function fail(error: ExpectedError): never {
  throw error;
}
