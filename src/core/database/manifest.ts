import * as z from 'zod';

/** TEMPORARY while its owner writes the real one. */
export const BackupManifest = z.object({
  format: z.literal(1),
  id: z.string(),
  takenAt: z.string(),
  verifiedAt: z.string().optional(),
  database: z.string(),
  bytes: z.number(),
  sha256: z.string(),
  postgres: z.string(),
  tables: z.record(z.string(), z.object({ rows: z.number(), digest: z.string() })),
  rows: z.number(),
  participants: z.number(),
  sessions: z.number(),
  stack: z.string().optional(),
  experiment: z.string().optional(),
  environment: z.string().optional(),
  release: z.number().optional(),
  image: z.string().optional(),
  otree: z.string().optional(),
  reason: z.string().optional(),
});
export type BackupManifest = z.infer<typeof BackupManifest>;
