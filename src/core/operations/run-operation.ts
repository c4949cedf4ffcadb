import type { Clock, RandomText } from '../clock.ts';
import type { OperationEvent, OperationResult, StepEvent, StepId } from '../domain/operation-event.ts';
import type { OperationRequest } from '../domain/operation-request.ts';
import type { StackName } from '../domain/stack-name.ts';
import type { RecordedVerb } from '../domain/verb.ts';
import type { EntryGateway } from '../entry/gateway.ts';
import { ExpectedError, errorFacts } from '../errors.ts';
import { beat, claimLock, confirmLock, heartbeatMs, type Lock, releaseLock } from '../records/lock.ts';
import { endStates, findOperation, noteOperation, refuseNewer } from '../records/operation-record.ts';
import type { RegistryAuth, SwarmGateway } from '../swarm/gateway.ts';
import { observeStack } from '../swarm/observe-stack.ts';
import { planStack } from '../swarm/plan-stack.ts';
import { backUpStudy, drillBackup, dropData } from './back-up-study.ts';
import { expectedSteps } from './expected-steps.ts';
import { resetStudy, restoreBackup, undoReset } from './replace-data.ts';
import { purgeStudy, retireStudy, reviveStudy } from './retire-study.ts';
import { planChanged } from './review/basis.ts';
import { runRelease } from './run-release.ts';
import { restartStack, startStack, stopStack } from './set-running.ts';
import { fenced, fenceStep } from './steps/fence.ts';
import { LeftUnfinished, patiently } from './steps/patiently.ts';
import { pastCancelling, type StackRun } from './steps/stack-run.ts';
import { type Operation, runSteps } from './steps/step.ts';

export interface RunOperationNeeds {
  readonly swarm: SwarmGateway;
  readonly entry: EntryGateway;
  readonly clock: Clock;
  readonly random: RandomText;
  readonly signal: AbortSignal;
  readonly registryAuth: (image: string) => RegistryAuth | undefined;
  /** Who runs it, for the record: "laptop:4711". No two processes have the same. */
  readonly runner: string;
}

/**
 * Runs an accepted operation to its end from its record alone, in whatever process; one that an earlier process began is
 * finished or undone from where it stopped. Every event goes into the record, the lock is kept alive meanwhile and freed
 * at the end. Returns when the record says how it ended. Throws what keeps it from running at all, `operation-not-found`,
 * `operation-running` and `format-too-new`; and what keeps it from being ended, or the reason of the signal: it is then left
 * as a crash leaves it, with its lock, to whoever comes next.
 */
export async function runOperation(id: string, needs: RunOperationNeeds): Promise<void> {
  const { swarm, clock, runner } = needs;
  const record = await findOperation(id, { swarm });
  if (!record || endStates.includes(record.state))
    throw new ExpectedError('operation-not-found', `running the operation ${id}`, {
      why: record ? 'It has ended already.' : 'There is no such operation on this server.',
      hint: 'Look at `oforest status EXP`.',
    });
  const { request, events } = record;
  refuseNewer(request);
  const stack = request.stack as StackName;
  const lock = await claimLock({ stack, operation: id, runner }, { swarm });

  const lost = new AbortController();
  const signal = AbortSignal.any([needs.signal, lost.signal]);
  const heart = keepAlive(lock, { swarm, clock, signal, lost });
  let isCancelled = false;
  const note = async (event: StepEvent | Envelope, state?: 'running' | 'succeeded' | 'failed') => {
    const full = { ...event, at: clock.now().toISOString(), operation: id } as OperationEvent;
    const noting = () => noteOperation(id, { events: [full], state, runner }, { swarm });
    isCancelled = await patiently(noting, { clock, signal });
  };
  let isEnded = false;
  const end = async (event: Envelope, state: 'succeeded' | 'failed') => {
    await note(event, state);
    isEnded = true;
  };
  const confirmOwn = async () => {
    signal.throwIfAborted();
    await patiently(() => confirmLock(lock, { swarm }), { clock, signal });
  };
  const confirm = async () => {
    await confirmOwn();
    if (isCancelled) throw cancelled(request);
  };
  const stepsThat = (kind: 'step-started' | 'step-finished') =>
    new Set(events.flatMap((event) => (event.kind === kind ? [event.step] : [])));
  const run: StackRun = {
    ...needs,
    swarm: fenced(swarm, confirmOwn),
    stack,
    request,
    lock,
    signal,
    isResumed: events.some(({ kind }) => kind === 'operation-started'),
    begun: stepsThat('step-started'),
    finished: stepsThat('step-finished'),
    confirm,
    confirmOwn,
  };

  try {
    const steps = expectedSteps(request);
    await note({ kind: 'operation-started', verb: request.verb, stack: request.stack, steps }, 'running');
    const result = await drain(operationOf(run), note);
    await confirmOwn();
    await end({ kind: 'operation-finished', result }, 'succeeded');
  } catch (error) {
    if (error instanceof LeftUnfinished) throw error.failure;
    // Whoever took the lock over goes on with it and says how it ended.
    if (isTaken(lost.signal.reason)) return;
    signal.throwIfAborted();
    if (await isOurs(lock, { swarm })) await end({ kind: 'operation-failed', error: errorFacts(error) }, 'failed');
    if (!(error instanceof ExpectedError)) throw error;
  } finally {
    lost.abort();
    await heart;
    if (isEnded) await releaseLock(lock, { swarm });
  }
}

type Envelope =
  | { kind: 'operation-started'; verb: RecordedVerb; stack: string; steps: readonly StepId[] }
  | { kind: 'operation-finished'; result: OperationResult }
  | { kind: 'operation-failed'; error: ReturnType<typeof errorFacts> };

async function* operationOf(run: StackRun): Operation<OperationResult> {
  const { work } = run.request;
  if (run.isResumed) yield* runSteps([fenceStep(run)], pastCancelling(run));
  switch (work.kind) {
    case 'run-release':
      await refuseChangedPlan(run, work.state);
      return yield* runRelease(run, work);
    case 'start':
      return yield* startStack(run);
    case 'stop':
      return yield* stopStack(run);
    case 'restart':
      return yield* restartStack(run);
    case 'backup':
      return yield* backUpStudy(run, work);
    case 'drill':
      return yield* drillBackup(run, work);
    case 'drop-data':
      return yield* dropData(run, work);
    case 'reset':
      return yield* resetStudy(run);
    case 'undo':
      return yield* undoReset(run, work);
    case 'restore':
      return yield* restoreBackup(run, work);
    case 'delete':
      return yield* retireStudy(run, work);
    case 'undelete':
      return yield* reviveStudy(run);
    case 'purge':
      return yield* purgeStudy(run);
  }
}

function cancelled({ verb, stack }: OperationRequest): ExpectedError {
  return new ExpectedError('operation-cancelled', `running \`${verb}\` on ${stack}`, {
    why: 'Somebody cancelled it.',
    hint: 'Run the command again when it is wanted.',
  });
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
  throw planChanged(observed);
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
      if (isTaken(error) || failures > 3) lost.abort(error);
    }
  }
}

/** Whether nobody has taken the lock over; a server out of reach tells nothing of that. */
async function isOurs(lock: Lock, { swarm }: { swarm: SwarmGateway }): Promise<boolean> {
  try {
    await confirmLock(lock, { swarm });
    return true;
  } catch (error) {
    return !isTaken(error);
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof ExpectedError && error.code === 'operation-running';
}

async function drain<Result>(operation: Operation<Result>, note: (event: StepEvent) => Promise<void>): Promise<Result> {
  for (;;) {
    const next = await operation.next();
    if (next.done) return next.value;
    await note(next.value);
  }
}
