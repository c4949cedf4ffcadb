import * as z from 'zod';

/** A database that was set aside: whole, closed, and brought back by `undo`. */
export const Archive = z.object({
  database: z.string(),
  operation: z.string(),
  /** Why it was set aside: reset, restore or undo. */
  reason: z.string(),
  /** RFC 3339. */
  at: z.string(),
  bytes: z.number(),
});
export type Archive = z.infer<typeof Archive>;
