import * as z from 'zod';
import { ExpectedError } from '../errors.ts';
import { Actor, describeActor } from './actor.ts';
import { asTyped } from './stack-name.ts';

/**
 * A time in which a study stays as it is, whoever asks, the platform's own timetable included: the data of the record
 * `of.book.<stack>.<id10>`. A slot is a lab session; a hold is anything else, and says why.
 */
export const Booking = z.object({
  format: z.literal(1),
  id: z.string(),
  stack: z.string(),
  type: z.enum(['slot', 'hold']),
  /** RFC 3339, UTC; a hold holds from the moment it is placed. */
  from: z.string(),
  until: z.string(),
  /** Why it is held; empty for a slot. */
  reason: z.string(),
  actor: Actor,
  createdAt: z.string(),
});
export type Booking = z.infer<typeof Booking>;

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** Before a slot begins nothing is started any more, however quick it promises to be. */
const marginSeconds = 600;
/** Longer ones are most likely a wrong date. */
const longestSlotDays = 31;
const longestAheadDays = 366;

/** Throws `usage-wrong` for times that nobody can mean. */
export function checkTimes({ type, from, until }: Pick<Booking, 'type' | 'from' | 'until'>, now: Date): void {
  const [start, end] = [Date.parse(from), Date.parse(until)];
  const wrong = (why: string, hint: string) =>
    new ExpectedError('usage-wrong', `reading the time from ${shown(from)} until ${shown(until)}`, {
      why,
      now: 'Nothing was changed.',
      hint,
    });
  if (!(end > start)) throw wrong('It ends before it begins.', 'Put the end after the begin.');
  if (end <= now.getTime()) throw wrong('It is over already.', 'Write the date as well: "2026-11-23 14:00".');
  if (end - now.getTime() > longestAheadDays * dayMs)
    throw wrong('It ends more than a year from now.', 'Choose an earlier date; it can be placed anew later.');
  if (type === 'slot' && end - start > longestSlotDays * dayMs)
    throw wrong(
      `A lab session of more than ${longestSlotDays} days is most likely a wrong date.`,
      'Correct the date, or use `oforest hold EXP --until … --reason …`.',
    );
}

/** Those that are not over, in the order they begin. */
export function notOver(bookings: readonly Booking[], now: Date): readonly Booking[] {
  return bookings
    .filter(({ until }) => Date.parse(until) > now.getTime())
    .sort((a, b) => a.from.localeCompare(b.from) || a.until.localeCompare(b.until) || a.id.localeCompare(b.id));
}

export function overlaps(a: Pick<Booking, 'from' | 'until'>, b: Pick<Booking, 'from' | 'until'>): boolean {
  return Date.parse(a.from) < Date.parse(b.until) && Date.parse(b.from) < Date.parse(a.until);
}

/**
 * Why nothing may be started on a study now: `slot-booked` or `study-held`, with whose it is, until when and what to do;
 * undefined when it may. A slot stands in the way from 10 minutes before, or so early that work of `expectedSeconds` would
 * run into it. Of several the one that lasts longest is told. The times in the text are UTC, RFC 3339.
 */
export function refusalBy(
  bookings: readonly Booking[],
  now: Date,
  { expectedSeconds = 0 }: { expectedSeconds?: number } = {},
): ExpectedError | undefined {
  const leadMs = Math.max(marginSeconds, expectedSeconds) * 1000;
  const inTheWay = notOver(bookings, now).filter(({ from }) => Date.parse(from) - leadMs < now.getTime());
  const [last] = inTheWay.toSorted((a, b) => b.until.localeCompare(a.until));
  return last && refusal(last, now, inTheWay.length - 1);
}

function refusal(booking: Booking, now: Date, others: number): ExpectedError {
  const { id, stack, type, from, until, reason, actor } = booking;
  const who = describeActor(actor);
  const waitMs = Date.parse(from) - now.getTime();
  const begins = waitMs > 0 ? ` It begins in ${Math.ceil(waitMs / minuteMs)} min.` : '';
  const more = others === 0 ? '' : others === 1 ? ' One more stands in the way.' : ` ${others} more stand in the way.`;
  const why =
    type === 'slot'
      ? `${who} booked it for a lab session from ${shown(from)} until ${shown(until)}.${begins}${more}`
      : `${who} holds it as it is until ${shown(until)}: ${reason}${/[.!?]$/.test(reason) ? '' : '.'}${more}`;
  return new ExpectedError(type === 'slot' ? 'slot-booked' : 'study-held', `changing ${stack}`, {
    why,
    now: 'Nothing was changed.',
    hint: `Wait until it is over, or ask ${who} and take it back with \`${takenBackBy(booking)}\`.`,
    details: { booking: id, by: who, from, until },
  });
}

/** The command that takes a booking back: a hold is the one thing `release-hold` means, a slot has to be named. */
function takenBackBy({ id, stack, type }: Booking): string {
  return `oforest release-hold ${asTyped(stack)}${type === 'slot' ? ` --id ${id}` : ''}`;
}

/** To the second: 2026-11-23T14:00:00Z */
function shown(time: string): string {
  return time.replace(/\.\d+Z$/, 'Z');
}
