import { ExpectedError } from '../../src/core/errors.ts';
import type { Review } from '../../src/core/operations/review/review.ts';
import { resumeOperation } from '../../src/core/operations/start-operation.ts';
import { holderOf } from '../../src/core/records/lock.ts';
import { endStates } from '../../src/core/records/operation-record.ts';
import { observeStack } from '../../src/core/swarm/observe-stack.ts';
import { type FaultPlan, faultsByRule } from '../../src/sandbox/engine/faults.ts';
import { pass } from '../../src/sandbox/timeline.ts';
import { clusterOf, rowsIn } from '../support/sandbox-data.ts';
import { openLabOn, openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';
import { keepUntilQuiet } from './a-keeper.ts';
import { type Beginning, beginningOf, openBeginning, underFaults } from './beginning.ts';
import { done, type End, type KilledOperation, stack } from './killed-operations.ts';

const host = 'trust.lab.test';

/** Whether the request at which the process dies still arrives. */
export const moments = ['before', 'after'] as const;

export interface KillPoint {
  /** From 1. */
  readonly request: number;
  readonly moment: (typeof moments)[number];
}

export interface PreparedKill extends Beginning {
  readonly operation: KilledOperation;
  /** How many requests the operation makes when nobody kills it. */
  readonly requests: number;
  /** Where the world has become another one; being killed anywhere between two of them leaves the same. */
  readonly turns: readonly KillPoint[];
  readonly rows: number;
}

export async function prepareKill(operation: KilledOperation): Promise<PreparedKill> {
  await using lab = await openSandboxLab();
  await lab.prepare();
  await operation.from(lab);
  const beginning = beginningOf(lab);
  const rows = Math.max(0, ...rowsOfAll(lab));
  const review = await operation.review(lab);
  const { engine } = lab.sandbox;
  engine.forgetCalls();
  const turns: KillPoint[] = [];
  let requests = 0;
  let before = '';
  engine.faults = () => {
    requests += 1;
    const world = JSON.stringify(lab.sandbox);
    const byRequest = engine.calls.at(-1)?.writes;
    if (world !== before)
      turns.push(byRequest ? { request: requests - 1, moment: 'after' } : { request: requests, moment: 'before' });
    before = world;
    return undefined;
  };
  await done(lab, Promise.resolve(review));
  return { ...beginning, operation, rows, requests, turns };
}

/** Who goes on with what was left. */
export const resumers = ['the same command', 'another process', 'a keeper'] as const;
export type Resumer = (typeof resumers)[number];

/**
 * What is wrong after the process was killed at one request and somebody went on; undefined when the operation was
 * finished or undone, the data is whole, and one database is live.
 */
export async function killAt(
  { operation, rows, ...beginning }: PreparedKill,
  { request, moment }: KillPoint,
  resumer: Resumer,
): Promise<string | undefined> {
  const killed = await openBeginning(beginning);
  const { sandbox } = killed;
  const review = await operation.review(killed);
  let count = 0;
  const dies: FaultPlan = () => {
    count += 1;
    if (count < request) return undefined;
    if (count > request) return { kind: 'reset-before' };
    killed.kill();
    return { kind: moment === 'before' ? 'reset-before' : 'reset-after' };
  };
  const died = await underFaults(killed, dies, () => ended(killed.run(review)));
  if (died !== undefined) return `dies as a bug: ${died}`;

  // A keeper lives already, and waits by itself until the process has surely vanished.
  if (resumer !== 'a keeper') await pass(sandbox.timeline, 61_000);
  await using lab = await openLabOn(sandbox);
  return await foreseen(resumer, async () => {
    const isLeft = await resume(lab, operation, resumer);
    if (isLeft) return isLeft;
    await pass(sandbox.timeline, 2_000);
    return await whatIsWrong(lab, operation, { rows, isDone: resumer === 'the same command' });
  });
}

/**
 * What is wrong after the job of a script was killed before one of its steps, and the command was given again; `struck`
 * tells whether the operation ran that far into that script at all.
 */
export async function crashJobAt(
  { operation, rows, ...beginning }: PreparedKill,
  script: string,
  beforeStep: number,
): Promise<{ struck: boolean; wrong: string | undefined }> {
  await using lab = await openBeginning(beginning);
  const { volumes } = lab.sandbox.model;
  const review = await operation.review(lab);
  const trouble = { kind: 'crash', script, beforeStep } as const;
  const heal = volumes.trouble('_backups', trouble);
  const died = await ended(lab.run(review));
  const seen = volumes.ending('_backups');
  const struck = seen.length > 0 && seen.every(({ troubles }) => !troubles.includes(trouble));
  heal();
  if (died !== undefined) return { struck, wrong: `dies as a bug: ${died}` };
  return { struck, wrong: struck ? await goOn(lab, operation, rows) : undefined };
}

/** What is wrong after Postgres crashed at one request, and the command was given again. */
export async function crashDatabaseAt(
  { operation, rows, ...beginning }: PreparedKill,
  request: number,
): Promise<string | undefined> {
  await using lab = await openBeginning(beginning);
  const review = await operation.review(lab);
  const faults = faultsByRule([{ fault: { kind: 'task-crash', service: '_db' }, at: request }]);
  const died = await underFaults(lab, faults, () => ended(lab.run(review)));
  if (died !== undefined) return `dies as a bug: ${died}`;
  await pass(lab.sandbox.timeline, 70_000);
  return await goOn(lab, operation, rows);
}

/** The operation has ended, whichever way: all is whole before the command is given again, and after. */
async function goOn(lab: SandboxLab, operation: KilledOperation, rows: number): Promise<string | undefined> {
  return await foreseen('the same command', async () => {
    await pass(lab.sandbox.timeline, 2_000);
    // A scratch database that a crash left is dropped by the next job that needs one.
    const first = await whatIsWrong(lab, operation, { rows, isDone: false, mayLeave: ['otree_check'] });
    if (first) return `at first ${first}`;
    const again = await doAgain(lab, operation);
    if (again) {
      if (!operation.clear) return again;
      await done(lab, operation.clear(lab));
      const afresh = await doAgain(lab, operation);
      if (afresh) return `after a purge ${afresh}`;
    }
    await pass(lab.sandbox.timeline, 2_000);
    return await whatIsWrong(lab, operation, { rows, isDone: true });
  });
}

async function foreseen(who: string, work: () => Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ExpectedError) return `${who}: ${error.code} ${error.message}: ${error.why}`;
    throw error;
  }
}

/** Undefined for any end that is not a bug. */
async function ended(run: Promise<unknown>): Promise<string | undefined> {
  try {
    await run;
    return undefined;
  } catch (error) {
    return error instanceof ExpectedError ? undefined : String((error as Error).stack);
  }
}

async function resume(lab: SandboxLab, operation: KilledOperation, resumer: Resumer): Promise<string | undefined> {
  if (resumer === 'a keeper') {
    const problem = await keepUntilQuiet(lab, stack);
    return problem && `a keeper: ${problem}`;
  }
  const { lock } = await observeStack(stack, lab.server);
  const left = lock && holderOf(lock);
  if (left && (await resumeOperation({ stack, operation: left.operation }, lab.server)))
    await lab.runAccepted(left.operation);
  return resumer === 'another process' ? undefined : await doAgain(lab, operation);
}

/** The command given again looks again, and what is done already needs nothing. */
async function doAgain(lab: SandboxLab, operation: KilledOperation): Promise<string | undefined> {
  const again = await reviewOrNothing(lab, operation);
  if (!again || again.plan.length === 0) return undefined;
  const end = (await lab.run(again)).at(-1);
  return end?.kind === 'operation-finished' ? undefined : `the same command again: ${JSON.stringify(end)}`;
}

/** What was asked for is done when there is nothing left to ask it of. */
async function reviewOrNothing(lab: SandboxLab, { review }: KilledOperation): Promise<Review | undefined> {
  try {
    return await review(lab);
  } catch (error) {
    if (error instanceof ExpectedError && ['experiment-not-found', 'study-retired'].includes(error.code))
      return undefined;
    throw error;
  }
}

async function whatIsWrong(
  lab: SandboxLab,
  operation: KilledOperation,
  { rows, isDone, mayLeave = [] }: { rows: number; isDone: boolean; mayLeave?: readonly string[] },
): Promise<string | undefined> {
  const observed = await observeStack(stack, lab.server);
  const open = observed.operations.filter(({ state }) => !endStates.includes(state));
  if (open.length > 0) return `leaves ${open.map(({ request }) => request.verb).join(', ')} unfinished`;
  if (observed.lock && holderOf(observed.lock)) return 'leaves the lock held';
  if (observed.job || observed.trial) return 'leaves a job or a trial running';

  const { ends, leaves, turnsBack, lacks } = operation;
  const end = await endOf(lab);
  if (isDone ? end !== ends.at(-1) : !ends.includes(end)) return `ends with the study ${end}`;
  if (end === 'gone') return undefined;
  const { databases } = clusterOf(lab, 'trust');
  const live = databases.filter(({ name }) => name === 'otree');
  // A first deployment that did not get as far as its database.
  if (live.length === 0 && ends.includes('gone') && end !== 'served') return undefined;
  if (live.length !== 1) return `leaves ${live.length} live databases`;
  if (!live[0]?.allowConnections) return 'leaves the live database closed';
  const names = databases.map(({ name }) => name).filter((name) => !mayLeave.includes(name));
  const made = names.filter((name) => /^otree_(new_|check)/.test(name));
  if (made.length > 0) return `leaves ${made.join(', ')}`;
  const closed = databases.filter(({ name, allowConnections }) => name.startsWith('otree_old_') && allowConnections);
  if (closed.length > 0) return `leaves ${closed.map(({ name }) => name).join(', ')} open to connections`;
  // A purge that was killed has begun to remove: what is left is removed by the next one.
  if (leaves === 'gone') return undefined;
  if (!rowsOfAll(lab).includes(rows)) return `loses rows: ${rowsOfAll(lab).join(', ')} instead of ${rows}`;
  const inLive = rowsIn(lab, 'trust');
  const wanted = leaves === 'data' ? rows : 0;
  const isRight = isDone && !turnsBack ? inLive === wanted : inLive === rows || inLive === 0;
  if (!isRight) return `leaves ${inLive} of ${rows} rows live`;
  return isDone ? lacks?.(lab) : undefined;
}

/** Of each database that holds a study's data: live, or set aside. */
function rowsOfAll(lab: SandboxLab): number[] {
  const names = clusterOf(lab, 'trust').databases.map(({ name }) => name);
  return names.filter((name) => /^otree($|_old_)/.test(name)).map((name) => rowsIn(lab, 'trust', name));
}

async function endOf(lab: SandboxLab): Promise<End> {
  const { web, db } = await observeStack(stack, lab.server);
  if (!web && !db) return 'gone';
  const entry = await lab.server.entry();
  const { status } = await entry.request({ host, path: '/login' });
  return status === 200 ? 'served' : 'away';
}
