import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { Actor } from '../domain/actor.ts';
import type { RecordedVerb } from '../domain/verb.ts';
import { ExpectedError } from '../errors.ts';
import { endStates, findOperation } from '../records/operation-record.ts';
import type { ConfigObject } from '../swarm/engine-types.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';

/** Who wants an operation to stop, and since when. */
const CancelRequest = z.object({ actor: Actor, at: z.string() });
export type CancelRequest = z.infer<typeof CancelRequest>;

export interface Cancelling {
  readonly stack: string;
  readonly verb: RecordedVerb;
  /** `unchanged`: somebody asked before. */
  readonly outcome: 'requested' | 'unchanged';
}

/**
 * Asks an operation to stop: whoever runs it finds the request at its next step, takes back what it changed, and records
 * that; past the point from which it can only go forward it goes on to its end. Throws `operation-not-found` for one that
 * is unknown or has ended, `version-conflict`.
 */
export async function requestCancel(
  id: string,
  actor: Actor,
  { swarm, clock }: { swarm: SwarmGateway; clock: Clock },
): Promise<Cancelling> {
  for (let tries = 0; tries < 10; tries += 1) {
    const record = await findOperation(id, { swarm });
    if (!record || endStates.includes(record.state)) throw nothingToCancel(id, record?.state);
    const { stack, verb } = record.request;
    if (readCancel(record.config)) return { stack, verb, outcome: 'unchanged' };
    const request: CancelRequest = { actor, at: clock.now().toISOString() };
    const labels = { ...record.config.Spec.Labels, [label.cancel]: JSON.stringify(request) };
    if (await swarm.relabelConfig(record.config, labels)) return { stack, verb, outcome: 'requested' };
  }
  throw new ExpectedError('version-conflict', `cancelling the operation ${id}`, {
    why: 'Its record is being written at the same moment, again and again.',
    now: 'It goes on.',
    hint: 'Wait a moment, then try again.',
  });
}

/** Undefined while nobody asked. A request that cannot be read counts. */
export function readCancel({ Spec }: ConfigObject): CancelRequest | undefined {
  const text = Spec.Labels[label.cancel];
  if (text === undefined) return undefined;
  return CancelRequest.catch({ actor: { via: 'ssh' }, at: '' }).parse(parsed(text));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function nothingToCancel(id: string, state: string | undefined): ExpectedError {
  return new ExpectedError('operation-not-found', `cancelling the operation ${id}`, {
    why: state === undefined ? 'There is no such operation on this server.' : `It has ended already: ${state}.`,
    now: 'Nothing was changed.',
    hint: 'Look at `oforest activity`.',
  });
}
