import * as z from 'zod';

const count = z.number().int().nonnegative();

/**
 * What the script `participants` counts in a study's database: numbers only, no code and no label. Everybody stands in
 * one number at most. Demo sessions and bots are in none but `apart`; who has finished, or has a `status`, is in none.
 */
export const ParticipantCounts = z.object({
  /** Unix seconds by the database's own clock, which is oTree's too. */
  now: count,
  /** False where oTree has made no tables yet: then all else is 0. */
  tables: z.boolean(),
  /** Moved in the last idle minutes, or under a page time-out that still runs. */
  onPage: count,
  waiting: count,
  /** On the last page: moved in the last idle minutes, and in the last day. */
  lastPage: count,
  lastPageOfDay: count,
  /** Neither finished nor on the last page, and silent for longer than the idle minutes, but not for a day. */
  silent: count,
  /** Demo participants and bots that moved in the last day: who might hold a page open. */
  apart: count,
  /** Seconds since somebody of onPage and waiting last moved; null when there is nobody. */
  newestMoveSeconds: count.nullable(),
  /** Seconds until the last page time-out of somebody in the session; null when none runs. */
  longestTimeoutSeconds: count.nullable(),
});
export type ParticipantCounts = z.infer<typeof ParticipantCounts>;

/** What `open-pages` reads from the kernel of web's container: one opaque word per established connection to oTree. */
export const OpenPages = z.object({ connections: z.array(z.string()) });
export type OpenPages = z.infer<typeof OpenPages>;

/** What `room-presence` asks of oTree: people on the page that waits for a room's session, who have no row. */
export const RoomPresence = z.object({ waiting: count });
export type RoomPresence = z.infer<typeof RoomPresence>;
