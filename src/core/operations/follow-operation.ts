import type { Clock } from '../clock.ts';
import type { OperationEvent } from '../domain/operation-event.ts';
import { asTyped, namesOf, parseStackName } from '../domain/stack-name.ts';
import { ExpectedError } from '../errors.ts';
import { holderOf, isStale, staleAfterMs } from '../records/lock.ts';
import { endStates, findOperation } from '../records/operation-record.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';

const pollMs = 300;

/**
 * The events of an operation from its first, live or rebuilt: near or far, everyone reads them from the record. Ends with
 * `operation-finished` or `operation-failed`. Stopping to follow changes nothing. Throws `operation-not-found`, and
 * `runner-lost` when nobody runs it any more (`runnerGone` tells at once, a stale lock after 60 s).
 */
export async function* followOperation(
  id: string,
  {
    swarm,
    clock,
    signal,
    runnerGone,
  }: { swarm: SwarmGateway; clock: Clock; signal: AbortSignal; runnerGone?: () => boolean },
): AsyncGenerator<OperationEvent, void, void> {
  let told = 0;
  for (;;) {
    const gone = runnerGone?.() ?? false;
    const record = await findOperation(id, { swarm });
    if (!record)
      throw new ExpectedError('operation-not-found', `following the operation ${id}`, {
        why: 'There is no such operation on this server, or its record was pruned.',
        hint: 'Look at `oforest status EXP`.',
      });
    for (const event of record.events.slice(told)) yield event;
    told = record.events.length;
    if (endStates.includes(record.state)) return;
    if (gone || (await isAbandoned(record.request.stack, id, { swarm, clock })))
      throw runnerLost(id, record.request.stack);
    await clock.sleep(pollMs, signal);
  }
}

/** Asked of the manager only when the lock has not moved for a while by our clock. */
async function isAbandoned(
  stack: string,
  id: string,
  { swarm, clock }: { swarm: SwarmGateway; clock: Clock },
): Promise<boolean> {
  const config = await swarm.findConfig(namesOf(parseStackName(stack)).lockRecord);
  if (!config || holderOf(config)?.operation !== id) return false;
  if (clock.now().getTime() - Date.parse(config.UpdatedAt) < staleAfterMs / 2) return false;
  return await isStale(config, { swarm });
}

function runnerLost(id: string, stack: string): ExpectedError {
  return new ExpectedError('runner-lost', `following the operation ${id} on ${stack}`, {
    why: 'The process that ran it has vanished.',
    now: 'It is neither finished nor undone yet. Data is whole, and an update Swarm itself finishes or takes back.',
    hint: `Run the command again in a minute: it first finishes or undoes this one (\`oforest status ${asTyped(stack)}\`).`,
    details: { operation: id },
  });
}
