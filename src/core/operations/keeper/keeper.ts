import type { Clock } from '../../clock.ts';
import { namesOf, parseStackName, type StackName } from '../../domain/stack-name.ts';
import { ExpectedError } from '../../errors.ts';
import {
  acquireKeeper,
  beatKeeper,
  findKeeper,
  type KeeperHolder,
  type KeeperLease,
  keeperBeatMs,
  keeperStaleAfterMs,
  releaseKeeper,
} from '../../records/keeper-record.ts';
import { holderOf, staleAfterMs } from '../../records/lock.ts';
import {
  endStates,
  findOperation,
  noteOperation,
  type OperationRecord,
  readOperation,
  refuseNewer,
} from '../../records/operation-record.ts';
import { isRecord } from '../../records/record.ts';
import type { ConfigObject } from '../../swarm/engine-types.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { label } from '../../swarm/labels.ts';
import { type Chores, createChoreRunner } from './keeper-chores.ts';
import { createReporter, type KeeperLine, type Mail, type Reporter } from './keeper-report.ts';

export interface KeeperNeeds {
  readonly swarm: SwarmGateway;
  readonly clock: Clock;
  /** Aborted: nothing new is begun, what runs is run to its end. */
  readonly signal: AbortSignal;
  /** Host and process: `manager1:4711`. */
  readonly name: string;
  /** Runs an accepted operation to its end. */
  readonly run: (operation: string) => Promise<void>;
  /** Takes over an operation whose runner has vanished; whether there is something to run. */
  readonly resume: (operation: { stack: StackName; operation: string }) => Promise<boolean>;
  /** Left out: no timetable. */
  readonly chores?: Chores;
  readonly say: (line: KeeperLine) => void;
  readonly mail?: (mail: Mail) => Promise<void>;
}

const pollMs = 2000;
const passivePollMs = 4000;
/** Whoever asked may have sent a runner of its own, which is on its way. */
const graceMs = 15_000;
/** Without a beat for so long by our own clock, another one may be at work already: nothing more is begun. */
const doubtAfterMs = keeperStaleAfterMs - 10_000;
const mostAtOnce = 8;
const retryAfterMs = 60_000;
/** The runner of an operation that waits for the keeper. */
const leftToKeeper = 'keeper';

/**
 * Leaves an accepted operation to the keeper, when one lives: it begins within seconds, and clients only follow. Undefined
 * when none does: whoever asked runs it.
 */
export async function leaveToKeeper(
  operation: string,
  { swarm }: { swarm: SwarmGateway },
): Promise<KeeperHolder | undefined> {
  const keeper = await findKeeper(swarm);
  if (keeper) await noteOperation(operation, { runner: leftToKeeper }, { swarm });
  return keeper;
}

/**
 * The keeper of a platform, until the signal aborts: takes accepted operations that nobody runs and those whose runner has
 * vanished, runs them to their end, and does what the timetable says. Of several one is at work; another takes over within
 * a minute of its end. Whatever goes wrong is said and tried again. Returns when all that it runs has ended.
 */
export async function runKeeper(needs: KeeperNeeds): Promise<void> {
  const { signal, clock } = needs;
  const report = createReporter(needs);
  const workshop = openWorkshop(needs, report);
  let holder: string | undefined;
  while (!signal.aborted) {
    try {
      const lease = await acquireKeeper(needs.name, needs);
      if (lease) {
        holder = undefined;
        await serve(lease, needs, { report, workshop });
        continue;
      }
      const other = (await findKeeper(needs.swarm))?.name;
      if (other !== undefined && other !== holder) report.say({ kind: 'passive', holder: other });
      holder = other ?? holder;
    } catch (error) {
      report.problem('asking who is at work', error);
    }
    await report.deliver();
    await pause(passivePollMs, { clock, signal });
  }
  report.say({ kind: 'ending', running: workshop.running() });
  await workshop.end();
  await report.deliver('now');
}

/** At work, until the signal aborts or another keeper has taken over. */
async function serve(
  lease: KeeperLease,
  needs: KeeperNeeds,
  { report, workshop }: { report: Reporter; workshop: Workshop },
): Promise<void> {
  const { clock, signal } = needs;
  report.say({ kind: 'active' });
  let beatAt = clock.now().getTime();
  while (!signal.aborted) {
    const now = clock.now().getTime();
    try {
      if (now - beatAt >= keeperBeatMs) {
        if (!(await beatKeeper(lease, needs))) return report.say({ kind: 'replaced' });
        beatAt = now;
      }
      if (clock.now().getTime() - beatAt < doubtAfterMs) {
        workshop.doChore();
        await workshop.takeWaiting();
      }
    } catch (error) {
      report.problem('looking for operations to run', error);
      if (clock.now().getTime() - beatAt >= doubtAfterMs) return report.say({ kind: 'replaced' });
    }
    await report.deliver();
    await pause(pollMs, { clock, signal });
  }
  try {
    await releaseKeeper(lease, needs);
  } catch (error) {
    report.problem('leaving the work to another keeper', error);
  }
}

interface Workshop {
  takeWaiting(): Promise<void>;
  doChore(): void;
  running(): number;
  end(): Promise<void>;
}

type Because = Extract<KeeperLine, { kind: 'running' }>['because'];

/** What this process runs now. It outlives being at work: an operation has a lock of its own. */
function openWorkshop(needs: KeeperNeeds, report: Reporter): Workshop {
  const { swarm, clock } = needs;
  const running = new Map<string, Promise<boolean>>();
  const notBefore = new Map<string, number>();
  let chore: Promise<void> | undefined;

  /** Whether it succeeded. Never rejects. */
  function run(operation: string, because: Because): Promise<boolean> {
    const ending = runToEnd(operation, because, needs, report)
      .catch((error) => {
        notBefore.set(operation, clock.now().getTime() + retryAfterMs);
        // Somebody else runs it.
        if (!(error instanceof ExpectedError && error.code === 'operation-running'))
          report.problem(`running the operation ${operation}`, error);
        return false;
      })
      .finally(() => running.delete(operation));
    running.set(operation, ending);
    return ending;
  }

  async function free(left: { stack: StackName; operation: string }): Promise<void> {
    try {
      await needs.resume(left);
    } catch (error) {
      // Somebody else was quicker.
      if (error instanceof ExpectedError && error.code === 'operation-running') return;
      report.problem(`freeing ${left.stack} from an operation that has ended`, error);
    }
  }

  const chores =
    needs.chores &&
    createChoreRunner(needs.chores, { swarm, clock, report, run: (operation) => run(operation, 'timetable') });

  return {
    async takeWaiting() {
      const { waiting, orphans, leftLocks } = await findWaiting(needs, report);
      // What holds a lock for ever keeps even the backup of the night from being made.
      for (const left of leftLocks) if (!running.has(left.operation)) await free(left);
      for (const record of orphans) if (!running.has(record.request.id)) await closeOrphan(record, needs);
      const now = clock.now().getTime();
      for (const [operation, time] of notBefore) if (time <= now) notBefore.delete(operation);
      for (const { record, because } of waiting) {
        const { id } = record.request;
        if (running.size < mostAtOnce && !running.has(id) && !notBefore.has(id)) void run(id, because);
      }
    },
    doChore() {
      chore ??= chores?.next().finally(() => {
        chore = undefined;
      });
    },
    running: () => running.size,
    async end() {
      while (running.size > 0 || chore) await Promise.allSettled([...running.values(), chore]);
    },
  };
}

async function runToEnd(
  operation: string,
  because: Because,
  { swarm, run, resume }: KeeperNeeds,
  report: Reporter,
): Promise<boolean> {
  const before = await findOperation(operation, { swarm });
  if (!before || endStates.includes(before.state)) return before?.state === 'succeeded';
  const { verb, stack, actor } = before.request;
  if (because === 'stale' && !(await resume({ stack: parseStackName(stack), operation }))) return false;
  report.say({ kind: 'running', operation, verb, stack, because });
  await run(operation);
  const after = await findOperation(operation, { swarm });
  const state = after?.state ?? 'interrupted';
  const last = after?.events.at(-1);
  const error = last?.kind === 'operation-failed' ? last.error : undefined;
  const line: KeeperLine = { kind: 'ended', operation, verb, stack, state, ...(error && { error }) };
  // Whoever asked follows it and is told; nobody follows these.
  if (state !== 'succeeded' && (because === 'stale' || actor.via === 'keeper')) report.alarm(line);
  else report.say(line);
  return state === 'succeeded';
}

interface Waiting {
  readonly waiting: readonly { record: OperationRecord; because: Because }[];
  /** They have lost their lock, so that nobody ever can run them. */
  readonly orphans: readonly OperationRecord[];
  /** Locks that were left by operations which have ended, or never got as far as their record. */
  readonly leftLocks: readonly { stack: StackName; operation: string }[];
}

/** Operations that nobody runs, and what such ones left. */
async function findWaiting({ swarm }: KeeperNeeds, report: Reporter): Promise<Waiting> {
  const inState = (value: string) => swarm.listConfigs({ label: label.state, value });
  const [accepted, running, locks, { SystemTime }] = await Promise.all([
    inState('accepted'),
    inState('running'),
    swarm.listConfigs({ label: label.kind, value: 'lock' }),
    swarm.observeManager(),
  ]);
  const ageOf = ({ UpdatedAt }: ConfigObject) => Date.parse(SystemTime) - Date.parse(UpdatedAt);
  const waiting: { record: OperationRecord; because: Because }[] = [];
  const orphans: OperationRecord[] = [];
  const open = [...accepted, ...running].filter((one) => isRecord(one, 'operation'));
  for (const config of open) {
    try {
      const record = readOperation(config);
      refuseNewer(record.request);
      const { id, stack } = record.request;
      const { lockRecord } = namesOf(parseStackName(stack));
      const lock = locks.find(({ Spec }) => Spec.Name === lockRecord);
      if (!lock || holderOf(lock)?.operation !== id) {
        if (ageOf(config) >= staleAfterMs) orphans.push(record);
      } else if (ageOf(lock) >= staleAfterMs) waiting.push({ record, because: 'stale' });
      else if (record.state === 'accepted' && (isLeft(config) || ageOf(lock) >= graceMs))
        waiting.push({ record, because: 'accepted' });
    } catch (error) {
      report.problem(`reading the record ${config.Spec.Name}`, error);
    }
  }
  const leftLocks = locks
    .filter((lock) => isRecord(lock, 'lock') && ageOf(lock) >= staleAfterMs)
    .flatMap((lock) => {
      const operation = lock.Spec.Labels[label.operation];
      if (!operation) return [];
      const stack = parseStackName(lock.Spec.Labels[label.stack] ?? '');
      const name = namesOf(stack).operationRecord(operation);
      return open.some(({ Spec }) => Spec.Name === name) ? [] : [{ stack, operation }];
    });
  return { waiting, orphans, leftLocks };
}

function isLeft({ Spec }: ConfigObject): boolean {
  return Spec.Labels[label.runner] === leftToKeeper;
}

/** Its record says what is true: it will not be run. */
async function closeOrphan({ request }: OperationRecord, { swarm, clock }: KeeperNeeds): Promise<void> {
  const { id, verb, stack } = request;
  const error = {
    code: 'runner-lost',
    what: `running \`${verb}\` on ${stack}`,
    why: 'The process that ran it vanished, and another operation has been run since.',
  } as const;
  const event = { kind: 'operation-failed', error, at: clock.now().toISOString(), operation: id } as const;
  await noteOperation(id, { events: [event], state: 'interrupted' }, { swarm });
}

/** Returns early when the signal aborts. */
async function pause(ms: number, { clock, signal }: { clock: Clock; signal: AbortSignal }): Promise<void> {
  try {
    await clock.sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
