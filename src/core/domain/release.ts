import * as z from 'zod';
import { Actor } from './actor.ts';

/**
 * The whole wanted state of a stack, as data: from it alone, and the platform, every spec is built. Secrets are slots;
 * running any release uses each slot's current secret, so an old release never revives an old password.
 */
export const WantedState = z.object({
  experiment: z.string(),
  environment: z.string(),
  /** As the person wrote it. */
  imageGiven: z.string(),
  /** By digest: what nodes pull. */
  image: z.string(),
  host: z.string(),
  port: z.number().int(),
  healthcheckPath: z.string(),
  memory: z.object({ reservationBytes: z.number().int(), limitBytes: z.number().int() }),
  cpus: z.number().optional(),
  guardIdleMinutes: z.number().int().optional(),
  variables: z.record(z.string(), z.string()),
  /** Names of the researcher's own secrets; ours are always there. */
  secrets: z.array(z.string()),
});
export type WantedState = z.infer<typeof WantedState>;

/** Immutable and numbered: the record `of.rel.<stack>.<n>`. */
export const Release = z.object({
  format: z.literal(1),
  number: z.number().int().positive(),
  state: WantedState,
  /** The release a rollback took its state from. */
  source: z.number().int().optional(),
  author: Actor,
  createdAt: z.string(),
});
export type Release = z.infer<typeof Release>;

/** `stored` waits for the next deployment: settings changed with `--later`. */
export const releaseStates = ['stored', 'applying', 'proven', 'failed'] as const;
export type ReleaseState = (typeof releaseStates)[number];

/** `v14` or `14`; undefined when it is neither. */
export function parseReleaseNumber(text: string): number | undefined {
  const digits = /^v?([1-9][0-9]{0,5})$/.exec(text)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
