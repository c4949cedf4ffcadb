/**
 * A process of its own that does with the lock of a stack what it is told: one order as a line of JSON on stdin, one
 * answer as a line of JSON on stdout. It ends with its stdin. `racers.ts` starts it.
 */
import { createInterface } from 'node:readline';
import * as z from 'zod';
import type { OperationRequest } from '../../../src/core/domain/operation-request.ts';
import { parseStackName, type StackName } from '../../../src/core/domain/stack-name.ts';
import { ExpectedError } from '../../../src/core/errors.ts';
import { acquireLock, beat, claimLock, confirmLock, type Lock, releaseLock } from '../../../src/core/records/lock.ts';
import { createOperationRecord, noteOperation, pruneOperations } from '../../../src/core/records/operation-record.ts';
import { openEngine } from '../../../src/core/swarm/open-engine.ts';
import { swarmOverEngine } from '../../../src/core/swarm/over-engine.ts';

const order = z.discriminatedUnion('do', [
  z.object({ do: z.enum(['acquire', 'claim']), stack: z.string(), operation: z.string() }),
  z.object({ do: z.enum(['beat', 'confirm', 'release', 'end']) }),
]);
export type Order = z.infer<typeof order>;

/** `epoch`: of the lock that was taken. `code`, `why`, `holder`: how it was refused. */
export type Answer = { epoch?: number } | { code: string; why: string; holder: string };

const signal = new AbortController().signal;
const environment = { home: '/nowhere', userName: 'racer' };
const { engine } = await openEngine({ socket: process.argv[2] ?? '' }, { signal, environment });
const swarm = swarmOverEngine(engine, { signal });
const runner = `racer:${process.pid}`;
let lock: Lock | undefined;

for await (const line of createInterface({ input: process.stdin })) {
  const answer = await obey(order.parse(JSON.parse(line))).catch(refusal);
  process.stdout.write(`${JSON.stringify(answer satisfies Answer)}\n`);
}
engine[Symbol.dispose]();

async function obey(wanted: Order): Promise<Answer> {
  if (wanted.do === 'acquire' || wanted.do === 'claim') {
    const { operation } = wanted;
    const stack = parseStackName(wanted.stack);
    lock = undefined;
    lock =
      wanted.do === 'acquire'
        ? await start(stack, operation)
        : await claimLock({ stack, operation, runner }, { swarm });
    return { epoch: lock.epoch };
  }
  if (!lock) throw new Error(`there is no lock to ${wanted.do}`);
  switch (wanted.do) {
    case 'beat':
      await beat(lock, { swarm });
      break;
    case 'confirm':
      await confirmLock(lock, { swarm });
      break;
    case 'release':
      await releaseLock(lock, { swarm });
      break;
    case 'end':
      await noteOperation(lock.operation, { state: 'succeeded' }, { swarm });
      await pruneOperations(lock.stack, { swarm });
      await releaseLock(lock, { swarm });
  }
  return {};
}

/** As an operation is accepted. */
async function start(stack: StackName, id: string): Promise<Lock> {
  const actor = { via: 'socket', sshUser: `racer-${process.pid}`, host: 'bed' } as const;
  const taken = await acquireLock({ stack, operation: id, verb: 'backup', actor }, { swarm });
  const request: OperationRequest = {
    ...{ format: 1, id, stack, verb: 'backup', actor, createdAt: new Date().toISOString(), plan: [] },
    ...{ before: { stopped: false }, guard: { ignoreOpenPages: false } },
    work: { kind: 'backup', reason: 'asked' },
  };
  await createOperationRecord({ request }, { swarm });
  return taken;
}

function refusal(error: unknown): Answer {
  if (!(error instanceof ExpectedError)) throw error;
  return { code: error.code, why: error.why ?? '', holder: String(error.details?.operation ?? '') };
}
