import type { Clock, RandomText } from '../clock.ts';
import type { OperationEvent, OperationResult, StepEvent } from '../domain/operation-event.ts';
import type { OperationRequest } from '../domain/operation-request.ts';
import type { StackName } from '../domain/stack-name.ts';
import type { EntryGateway } from '../entry/gateway.ts';
import { ExpectedError, errorFacts } from '../errors.ts';
import { beat, confirmLock, heartbeatMs, holderOf, type Lock, releaseLock } from '../records/lock.ts';
import { endStates, findOperation, noteOperation } from '../records/operation-record.ts';
import type { RegistryAuth, SwarmGateway } from '../swarm/gateway.ts';
import { observeStack, servingRelease } from '../swarm/observe-stack.ts';
import { planStack } from '../swarm/plan-stack.ts';
import { runRelease } from './run-release.ts';
import { restartStack, startStack, stopStack } from './set-running.ts';
import type { StackRun } from './stack-run.ts';
import type { Operation } from './step.ts';

export interface RunOperationNeeds {
  readonly swarm: SwarmGateway;
  readonly entry: EntryGateway;
  readonly clock: Clock;
  readonly random: RandomText;
  readonly signal: AbortSignal;
  readonly registryAuth: (image: string) => RegistryAuth | undefined;
  /** Who runs it, for the record: "laptop:4711". */
  readonly runner: string;
}

/**
 * Runs an accepted operation to its end from its record alone, in whatever process. Every event goes into the record, the
 * lock is kept alive meanwhile and freed at the end. Returns when the record says how it ended; throws only what keeps
 * it from running at all: `operation-not-found`, `operation-running`.
 */
export async function runOperation(id: string, needs: RunOperationNeeds): Promise<void> {
  const { swarm, clock, runner } = needs;
  const record = await findOperation(id, { swarm });
  if (!record || endStates.includes(record.state))
    throw new ExpectedError('operation-not-found', `running the operation ${id}`, {
      why: record ? 'It has ended already.' : 'There is no such operation on this server.',
      hint: 'Look at `oforest status EXP`.',
    });
  const { request } = record;
  const lock = await adoptLock(request, needs);

  const lost = new AbortController();
  const signal = AbortSignal.any([needs.signal, lost.signal]);
  const heart = keepAlive(lock, { swarm, clock, signal, lost });
  const note = async (event: StepEvent | Envelope, state?: 'running' | 'succeeded' | 'failed') => {
    const full = { ...event, at: clock.now().toISOString(), operation: id } as OperationEvent;
    await noteOperation(id, { events: [full], state, runner }, { swarm });
  };

  try {
    await note({ kind: 'operation-started', verb: request.verb, stack: request.stack }, 'running');
    const run: StackRun = { ...needs, stack: request.stack as StackName, request, lock, signal };
    const result = await drain(operationOf(run), note);
    await note({ kind: 'operation-finished', result }, 'succeeded');
  } catch (error) {
    await note({ kind: 'operation-failed', error: errorFacts(error) }, 'failed');
    if (!(error instanceof ExpectedError)) throw error;
  } finally {
    lost.abort();
    await heart;
    await releaseLock(lock, { swarm });
  }
}

type Envelope =
  | { kind: 'operation-started'; verb: string; stack: string }
  | { kind: 'operation-finished'; result: OperationResult }
  | { kind: 'operation-failed'; error: ReturnType<typeof errorFacts> };

async function* operationOf(run: StackRun): Operation<OperationResult> {
  const confirm = async () => {
    run.signal.throwIfAborted();
    await confirmLock(run.lock, run);
  };
  const { work } = run.request;
  switch (work.kind) {
    case 'run-release':
      await refuseChangedPlan(run, work.state);
      return yield* runRelease(run, work, { confirm });
    case 'start':
      return yield* startStack(run, { confirm });
    case 'stop':
      return yield* stopStack(run, { confirm });
    case 'restart':
      return yield* restartStack(run, { confirm });
  }
}

/** What was reviewed is what is done: another plan than the recorded one is another decision. */
async function refuseChangedPlan(
  { stack, swarm, request }: StackRun,
  state: Parameters<typeof planStack>[0],
): Promise<void> {
  const observed = await observeStack(stack, { swarm });
  if (observed.releases.some(({ operation }) => operation === request.id)) return;
  const shape = (plan: OperationRequest['plan']) => plan.map(({ action, name }) => `${action} ${name}`).join('\n');
  if (shape([...planStack(state, observed)]) === shape(request.plan)) return;
  const serving = servingRelease(observed);
  throw new ExpectedError('plan-changed', `applying the reviewed plan to ${stack}`, {
    why: 'Somebody else changed the study after you looked at the plan.',
    now: serving ? `Nothing was changed; v${serving.number} is what runs.` : 'Nothing was changed.',
    hint: 'Run the command again to see the plan as it is now.',
  });
}

async function adoptLock(request: OperationRequest, { swarm }: RunOperationNeeds): Promise<Lock> {
  const stack = request.stack as StackName;
  const { lock: config } = await observeStack(stack, { swarm });
  const lock = {
    stack,
    operation: request.id,
    epoch: (config && holderOf(config)?.epoch) ?? 0,
    takenOverFrom: undefined,
  };
  await confirmLock(lock, { swarm });
  return lock;
}

/** Beats until the operation ends. A lock that was taken over, or cannot be kept, stops the operation. */
async function keepAlive(
  lock: Lock,
  { swarm, clock, signal, lost }: { swarm: SwarmGateway; clock: Clock; signal: AbortSignal; lost: AbortController },
): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    try {
      await clock.sleep(heartbeatMs, signal);
      await beat(lock, { swarm });
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      const taken = error instanceof ExpectedError && error.code === 'operation-running';
      if (taken || failures > 3) lost.abort(error);
    }
  }
}

async function drain<Result>(operation: Operation<Result>, note: (event: StepEvent) => Promise<void>): Promise<Result> {
  for (;;) {
    const next = await operation.next();
    if (next.done) return next.value;
    await note(next.value);
  }
}
