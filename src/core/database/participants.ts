import * as z from 'zod';

const count = z.number().int().nonnegative();

/**
 * What the script `participants` counts in a study's database: numbers only, no code and no label. Everybody who was
 * seen in the last day stands in exactly one number, except who is beyond the last page: nowhere.
 */
export const ParticipantCounts = z.object({
  /** Unix seconds by the database's clock, which is oTree's too. */
  now: count,
  /** False where oTree has made no tables yet: then all else is 0. */
  tables: z.boolean(),
  /** Moved in the last idle minutes, or under a page time-out that still runs. */
  onPage: count,
  waiting: count,
  /** Waiting for others and silent for longer, but oTree says that their page is connected. It forgets that in a crash. */
  waitingConnected: count,
  /** On the last page of several: moved in the last idle minutes, or silent for longer. */
  lastPage: count,
  lastPageSilent: count,
  /** Not done and silent for longer: gone, or reading, or talking on a live page. */
  silent: count,
  /** Participants of demo sessions, bots, and whose `status` says they are done: might hold a page open, never count. */
  apart: count,
  /** Seconds since the last move of anybody in onPage and waiting; null when there is nobody. */
  newestMoveSeconds: count.nullable(),
  /** Seconds until the last page time-out of anybody in onPage and waiting; null when none runs. */
  longestTimeoutSeconds: count.nullable(),
});
export type ParticipantCounts = z.infer<typeof ParticipantCounts>;

/** What `open-pages` reads from the kernel of web's container: one opaque word per established connection to oTree. */
export const OpenPages = z.object({ connections: z.array(z.string()) });
export type OpenPages = z.infer<typeof OpenPages>;

/** What `room-presence` asks of oTree: people on the page that waits for a room's session. They have no row. */
export const RoomPresence = z.object({ waiting: count });
export type RoomPresence = z.infer<typeof RoomPresence>;
