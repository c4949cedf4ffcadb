import * as z from 'zod';

const count = z.number().int().nonnegative();

/** What is written beside a dump, and what its content is compared with. Unknown fields are kept out, newer formats refused. */
export const BackupManifest = z.object({
  format: z.literal(1),
  /** Begins with the time, so that ids sort by it: 20261121T123000Z-abcde12345. */
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/),
  /** RFC 3339, UTC: the moment of the snapshot. */
  takenAt: z.iso.datetime(),
  /** When it was last restored and compared; without it, never. */
  verifiedAt: z.iso.datetime().optional(),
  database: z.string(),
  /** Size of the database itself, with indexes and air. */
  databaseBytes: count.optional(),
  /** Size of the dump. */
  bytes: count,
  /** Of the dump, in hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Version of the server that wrote it, "15.18". */
  postgres: z.string(),
  systemIdentifier: z.string().optional(),
  tables: z.record(z.string(), z.object({ rows: count, digest: z.string() })),
  /** The next value before and after the dump: sequences do not obey snapshots. */
  sequences: z.record(z.string(), z.tuple([z.string(), z.string()])).optional(),
  /** Of all tables. */
  rows: count,
  participants: count,
  sessions: count,
  stack: z.string().optional(),
  experiment: z.string().optional(),
  environment: z.string().optional(),
  release: count.optional(),
  image: z.string().optional(),
  otree: z.string().optional(),
  reason: z.string().optional(),
});
export type BackupManifest = z.infer<typeof BackupManifest>;
