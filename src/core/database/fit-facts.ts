import * as z from 'zod';

/** What the scripts of the fit check print; the types are those of domain/fit.ts. */
const count = z.number().int().nonnegative();

export const SchemaFacts = z.object({
  tables: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['table', 'other']),
      columns: z.array(
        z.object({
          name: z.string(),
          type: z.string(),
          notNull: z.boolean().optional(),
          hasDefault: z.boolean().optional(),
          references: z.boolean().optional(),
        }),
      ),
    }),
  ),
});

export const PagesFacts = z.object({
  otree: z.string(),
  configs: z.record(z.string(), z.array(z.string())),
  apps: z.record(z.string(), z.object({ rounds: count, pages: z.array(z.string()) })),
  sessions: z.record(z.string(), z.object({ config: z.string(), apps: z.array(z.string()) })),
});

export const ProgressFacts = z.object({
  sessions: z.array(
    z.object({
      id: count,
      total: count,
      rounds: z.record(z.string(), count),
      places: z.array(
        z.object({
          index: count,
          app: z.string().optional(),
          page: z.string().optional(),
          round: z.number().int().optional(),
          people: count,
        }),
      ),
    }),
  ),
});

export const RowFacts = z.record(z.string(), z.object({ rows: count, filled: z.record(z.string(), count) }));
