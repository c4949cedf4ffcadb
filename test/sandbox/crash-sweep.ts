import { randomText } from '../../src/core/clock.ts';
import { parseEnvironment } from '../../src/core/domain/environment.ts';
import { parseExperimentName } from '../../src/core/domain/experiment-name.ts';
import { parseStackName } from '../../src/core/domain/stack-name.ts';
import { ExpectedError } from '../../src/core/errors.ts';
import { listBackups } from '../../src/core/operations/backup-files.ts';
import {
  type Review,
  reviewChange,
  reviewDeploy,
  reviewRestart,
  reviewRollback,
  reviewStart,
  reviewStop,
} from '../../src/core/operations/review.ts';
import {
  reviewBackup,
  reviewDelete,
  reviewPurge,
  reviewReset,
  reviewRestore,
  reviewUndelete,
  reviewUndo,
} from '../../src/core/operations/review-data.ts';
import { resumeOperation } from '../../src/core/operations/start-operation.ts';
import { holderOf } from '../../src/core/records/lock.ts';
import { endStates } from '../../src/core/records/operation-record.ts';
import { observeStack } from '../../src/core/swarm/observe-stack.ts';
import { noFaults } from '../../src/sandbox/engine/faults.ts';
import type { SandboxJson } from '../../src/sandbox/sandbox.ts';
import { pass } from '../../src/sandbox/timeline.ts';
import { clusterOf, playSession, rowsIn } from '../support/sandbox-data.ts';
import { openLabOn, openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';

const subject = { experiment: parseExperimentName('trust'), environment: parseEnvironment('production') };
const stack = parseStackName('trust');
const host = 'trust.lab.test';

/** What stands when an operation is over, by name: `served` the study answers, `away` it does not. */
export type End = 'served' | 'away' | 'gone';

/** An operation that is killed: where it begins, how it is asked for, and what it leads to. */
export interface KilledOperation {
  readonly name: string;
  readonly from: (lab: SandboxLab) => Promise<void>;
  readonly review: (lab: SandboxLab) => Promise<Review>;
  /** What may stand after it was finished or undone; the last is what it is for. */
  readonly ends: readonly End[];
  /** Rows of the live database when the operation succeeded: those of the session, or none. */
  readonly leaves: 'data' | 'nothing' | 'gone';
}

const needs = ({ server, clock, signal }: SandboxLab) => ({ swarm: server.swarm, clock, signal, random: randomText });
const deploy = (lab: SandboxLab, tag: string) =>
  reviewDeploy({ ...subject, image: lab.image(`samples/trust-game:${tag}`) }, { ...lab.server, signal: lab.signal });
const done = async (lab: SandboxLab, review: Promise<Review>) => {
  const end = (await lab.run(await review)).at(-1);
  if (end?.kind !== 'operation-finished') throw new Error(`preparing failed: ${JSON.stringify(end)}`);
};
const played = async (lab: SandboxLab) => {
  await done(lab, deploy(lab, 'v1'));
  playSession(lab, 'trust', { participants: 6 });
};
const after =
  (...steps: readonly ((lab: SandboxLab) => Promise<Review>)[]) =>
  async (lab: SandboxLab) => {
    await played(lab);
    for (const step of steps) await done(lab, step(lab));
  };
const stop = (lab: SandboxLab) => reviewStop(subject, lab.server);
const backup = (lab: SandboxLab) => reviewBackup(subject, lab.server);
const reset = (lab: SandboxLab) => reviewReset(subject, lab.server);
const away = (lab: SandboxLab) => reviewDelete({ ...subject, now: new Date('2027-01-01T00:00:00Z') }, lab.server);

export const killedOperations: readonly KilledOperation[] = [
  { name: 'deploy', from: after(), review: (lab) => deploy(lab, 'v2'), ends: ['served'], leaves: 'data' },
  {
    name: 'rollback',
    from: after((lab) => deploy(lab, 'v2')),
    review: (lab) => reviewRollback(subject, lab.server),
    ...{ ends: ['served'], leaves: 'data' },
  },
  {
    name: 'variable set',
    from: after(),
    review: (lab) =>
      reviewChange(
        {
          ...subject,
          verb: 'variable',
          change: (state) => ({ ...state, variables: { ...state.variables, COLOR: 'red' } }),
        },
        lab.server,
      ),
    ...{ ends: ['served'], leaves: 'data' },
  },
  { name: 'stop', from: after(), review: stop, ends: ['served', 'away'], leaves: 'data' },
  {
    name: 'start',
    from: after(stop),
    review: (lab) => reviewStart(subject, lab.server),
    ...{ ends: ['away', 'served'], leaves: 'data' },
  },
  {
    name: 'restart',
    from: after(),
    review: (lab) => reviewRestart(subject, lab.server),
    ...{ ends: ['served'], leaves: 'data' },
  },
  { name: 'backup', from: after(), review: backup, ends: ['served'], leaves: 'data' },
  { name: 'reset', from: after(), review: reset, ends: ['served'], leaves: 'nothing' },
  {
    name: 'undo',
    from: after(reset),
    review: (lab) => reviewUndo(subject, lab.server),
    ...{ ends: ['served'], leaves: 'data' },
  },
  {
    name: 'restore',
    from: after(backup, reset),
    review: async (lab) => {
      const { backups } = await listBackups(stack, needs(lab));
      const mine = backups.find(({ reason }) => reason === 'asked');
      return await reviewRestore({ ...subject, backup: mine?.id ?? '' }, lab.server);
    },
    ...{ ends: ['served'], leaves: 'data' },
  },
  { name: 'delete', from: after(), review: away, ends: ['served', 'away'], leaves: 'data' },
  {
    name: 'undelete',
    from: after(away),
    review: (lab) => reviewUndelete(subject, lab.server),
    ...{ ends: ['away', 'served'], leaves: 'data' },
  },
  {
    name: 'purge',
    from: after(away),
    review: (lab) => reviewPurge(subject, lab.server),
    ...{ ends: ['away', 'gone'], leaves: 'gone' },
  },
];

export interface PreparedKill {
  readonly operation: KilledOperation;
  readonly saved: SandboxJson;
  readonly at: number;
  /** How many requests the operation makes when nobody kills it. */
  readonly requests: number;
  readonly rows: number;
}

export async function prepareKill(operation: KilledOperation): Promise<PreparedKill> {
  await using lab = await openSandboxLab();
  await lab.prepare();
  await operation.from(lab);
  const saved = structuredClone(lab.sandbox.toJSON());
  const at = lab.sandbox.timeline.now();
  const rows = Math.max(...rowsOfAll(lab));
  const review = await operation.review(lab);
  lab.sandbox.engine.forgetCalls();
  await done(lab, Promise.resolve(review));
  return { operation, saved, at, rows, requests: lab.sandbox.engine.calls.length };
}

/** Who goes on with what was left. */
export const resumers = ['the same command', 'another process'] as const;
export type Resumer = (typeof resumers)[number];

/** Whether the request at which the process dies still arrives. */
export const moments = ['before', 'after'] as const;

/**
 * What is wrong after the process was killed at one request and somebody went on; undefined when the operation was
 * finished or undone, the data is whole, and one database is live.
 */
export async function killAt(
  { operation, saved, at, rows }: PreparedKill,
  request: number,
  { moment, resumer }: { moment: (typeof moments)[number]; resumer: Resumer },
): Promise<string | undefined> {
  const killed = await openSandboxLab({ saved: structuredClone(saved), start: at });
  const { sandbox } = killed;
  const { engine, timeline } = sandbox;
  const review = await operation.review(killed);
  engine.forgetCalls();
  let count = 0;
  engine.faults = () => {
    count += 1;
    if (count < request) return undefined;
    if (count > request) return { kind: 'reset-before' };
    killed.kill();
    return { kind: moment === 'before' ? 'reset-before' : 'reset-after' };
  };
  const died = await ended(killed.run(review));
  engine.faults = noFaults;
  if (died !== undefined) return `dies as a bug: ${died}`;

  await pass(timeline, 61_000);
  await using lab = await openLabOn(sandbox);
  try {
    const isLeft = await resume(lab, operation, resumer);
    if (isLeft) return isLeft;
    await pass(timeline, 2_000);
    return await whatIsWrong(lab, operation, rows);
  } catch (error) {
    if (error instanceof ExpectedError) return `${resumer}: ${error.code} ${error.message}: ${error.why}`;
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
  const { swarm } = lab.server;
  const { lock } = await observeStack(stack, { swarm });
  const left = lock && holderOf(lock);
  if (left && (await resumeOperation({ stack, operation: left.operation }, { swarm })))
    await lab.runAccepted(left.operation);
  if (resumer === 'another process') return undefined;
  // The same command: it looks again, and what is done already needs nothing.
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

async function whatIsWrong(lab: SandboxLab, operation: KilledOperation, rows: number): Promise<string | undefined> {
  const observed = await observeStack(stack, lab.server);
  const open = observed.operations.filter(({ state }) => !endStates.includes(state));
  if (open.length > 0) return `leaves ${open.map(({ request }) => request.verb).join(', ')} unfinished`;
  if (observed.lock && holderOf(observed.lock)) return 'leaves the lock held';
  if (observed.job || observed.trial) return 'leaves a job or a trial running';

  const end = await endOf(lab);
  if (!operation.ends.includes(end)) return `ends with the study ${end}`;
  if (end === 'gone') return undefined;
  const { databases } = clusterOf(lab, 'trust');
  const live = databases.filter(({ name }) => name === 'otree');
  if (live.length !== 1) return `leaves ${live.length} live databases`;
  if (!live[0]?.allowConnections) return 'leaves the live database closed';
  const made = databases.map(({ name }) => name).filter((name) => /^otree_(new_|check)/.test(name));
  if (made.length > 0) return `leaves ${made.join(', ')}`;
  const closed = databases.filter(({ name, allowConnections }) => name.startsWith('otree_old_') && allowConnections);
  if (closed.length > 0) return `leaves ${closed.map(({ name }) => name).join(', ')} open to connections`;
  // A purge that was killed has begun to remove: what is left is removed by the next one.
  if (operation.leaves === 'gone') return undefined;
  if (!rowsOfAll(lab).includes(rows)) return `loses rows: ${rowsOfAll(lab).join(', ')} instead of ${rows}`;
  const inLive = rowsIn(lab, 'trust');
  if (inLive !== rows && inLive !== 0) return `leaves ${inLive} of ${rows} rows live`;
  return undefined;
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
