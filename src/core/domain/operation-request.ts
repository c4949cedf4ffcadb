import * as z from 'zod';
import { Actor } from './actor.ts';
import { Change } from './change.ts';
import { WantedState } from './release.ts';

/** What an operation is to do, complete enough for any process to run it: the data of `of.op.<stack>.<id10>`. */
export const OperationRequest = z.object({
  format: z.literal(1),
  id: z.string(),
  stack: z.string(),
  /** As typed: deploy, rollback, variable, start … */
  verb: z.string(),
  actor: Actor,
  createdAt: z.string(),
  plan: z.array(Change),
  work: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('run-release'),
      state: WantedState,
      source: z.number().int().optional(),
      /** Secret objects made for this operation: removed again when it fails. */
      newSecrets: z.array(z.object({ slot: z.string(), id: z.string() })),
    }),
    z.object({ kind: z.literal('start') }),
    z.object({ kind: z.literal('stop') }),
    z.object({ kind: z.literal('restart') }),
  ]),
});
export type OperationRequest = z.infer<typeof OperationRequest>;
