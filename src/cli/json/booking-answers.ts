import * as z from 'zod';
import { answer, stack, time } from './schema-parts.ts';

const booking = z
  .strictObject({
    id: z.string().describe('For `oforest release-hold EXP --id`.'),
    stack,
    type: z.enum(['slot', 'hold']).describe('A lab session, or a study kept as it is for a reason.'),
    from: time,
    until: time,
    reason: z.string().describe('Empty for a slot.'),
    by: z.string(),
    createdAt: time,
  })
  .meta({ id: 'booking', description: 'A time in which nothing of a study is changed.' });
export const bookings = answer('bookings', 'book without times: in the order they begin', {
  stack: stack.optional(),
  bookings: z.array(booking),
});
export const booked = answer('booked', 'book, hold', {
  stack,
  booking,
  overlapping: z.array(booking).describe('Others of the study that share some of its time.'),
});
export const released = answer('released', 'release-hold', { stack, released: z.array(booking) });
