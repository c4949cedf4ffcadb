import { randomText } from '../../src/core/clock.ts';
import type { Work } from '../../src/core/domain/operation-request.ts';
import { parseStackName } from '../../src/core/domain/stack-name.ts';
import { completeReview, type Review } from '../../src/core/operations/review/review.ts';
import {
  reviewBackup,
  reviewDelete,
  reviewPurge,
  reviewReset,
  reviewRestore,
  reviewUndelete,
  reviewUndo,
} from '../../src/core/operations/review/review-data.ts';
import { reviewChange, reviewDeploy, reviewRollback } from '../../src/core/operations/review/review-release.ts';
import { reviewRestart, reviewStart, reviewStop } from '../../src/core/operations/review/review-running.ts';
import { listBackups } from '../../src/core/operations/steps/backup-files.ts';
import { observeStack } from '../../src/core/swarm/observe-stack.ts';
import { backupsVolume, clusterOf, playSession } from '../support/sandbox-data.ts';
import type { SandboxLab } from '../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../support/trust-game.ts';

export const stack = parseStackName('trust');

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
  /** Asked for again it does the opposite. */
  readonly turnsBack?: boolean;
  /** Where there is no data yet: what makes room for a new beginning when Postgres died while it set itself up. */
  readonly clear?: (lab: SandboxLab) => Promise<Review>;
  /** What else is wrong after it succeeded. */
  readonly lacks?: (lab: SandboxLab) => string | undefined;
}

const needs = ({ server, clock, signal }: SandboxLab) => ({ swarm: server.swarm, clock, signal, random: randomText });
export const done = async (lab: SandboxLab, review: Promise<Review>) => {
  const end = (await lab.run(await review)).at(-1);
  if (end?.kind !== 'operation-finished') throw new Error(`preparing failed: ${JSON.stringify(end)}`);
};
const played = async (lab: SandboxLab) => {
  await done(lab, reviewTrust(lab, 'v1'));
  playSession(lab, 'trust', { participants: 6 });
};
const after =
  (...steps: readonly ((lab: SandboxLab) => Promise<Review>)[]) =>
  async (lab: SandboxLab) => {
    await played(lab);
    for (const step of steps) await done(lab, step(lab));
  };
const stop = (lab: SandboxLab) => reviewStop(trust, lab.server);
const backup = (lab: SandboxLab) => reviewBackup(trust, lab.server);
const reset = (lab: SandboxLab) => reviewReset(trust, lab.server);
const undo = (lab: SandboxLab) => reviewUndo(trust, lab.server);
const away = (lab: SandboxLab) => reviewDelete({ ...trust, now: new Date('2027-01-01T00:00:00Z') }, lab.server);

/** As the keeper asks for what its timetable says. */
async function chore(lab: SandboxLab, work: Extract<Work, { kind: 'drill' | 'drop-data' }>): Promise<Review> {
  const observed = await observeStack(stack, lab.server);
  const change = {
    action: 'remove',
    subject: 'backup',
    name: stack,
    because: 'it is time',
    interrupts: false,
  } as const;
  return await completeReview(observed, { verb: work.kind, plan: [change], work }, lab.server);
}

async function newestBackup(lab: SandboxLab): Promise<string> {
  const { backups } = await listBackups(stack, needs(lab));
  return backups[0]?.id ?? '';
}

/** All that was set aside, and all backups but the newest. */
async function dropOld(lab: SandboxLab): Promise<Review> {
  const { backups, archives } = await listBackups(stack, needs(lab));
  return await chore(lab, {
    kind: 'drop-data',
    archives: archives.map(({ database }) => database),
    backups: backups.slice(1).map(({ id }) => id),
  });
}

function keepsOld(lab: SandboxLab): string | undefined {
  const old = clusterOf(lab, stack).databases.filter(({ name }) => name.startsWith('otree_old_'));
  const dumps = backupsVolume(lab, stack).paths.filter((path) => path.includes('.dump'));
  return old.length === 0 && dumps.length === 1 ? undefined : `keeps ${old.length} databases and ${dumps.length} dumps`;
}

function lacksColumn(lab: SandboxLab): string | undefined {
  const { columns } = clusterOf(lab, stack).find('otree').table('trust_player');
  return columns.has('expected_back') ? undefined : 'lacks the column';
}

const served = { ends: ['served'], leaves: 'data' } as const;

export const killedOperations: readonly KilledOperation[] = [
  {
    name: 'first deploy',
    from: async () => undefined,
    review: (lab) => reviewTrust(lab, 'v1'),
    ...{ ends: ['gone', 'away', 'served'], leaves: 'nothing' },
    clear: (lab) => reviewPurge(trust, lab.server),
  },
  { name: 'deploy', from: after(), review: (lab) => reviewTrust(lab, 'v2'), ...served },
  {
    name: 'deploy --add-columns',
    from: after(),
    review: (lab) =>
      reviewDeploy(
        { ...trust, image: lab.image('samples/trust-game:v4'), addColumns: true },
        { ...lab.server, signal: lab.signal },
      ),
    ...served,
    lacks: lacksColumn,
  },
  {
    name: 'rollback',
    from: after((lab) => reviewTrust(lab, 'v2')),
    review: (lab) => reviewRollback(trust, lab.server),
    ...served,
  },
  {
    name: 'variable set',
    from: after(),
    review: (lab) =>
      reviewChange(
        {
          ...trust,
          verb: 'variable',
          change: (state) => ({ ...state, variables: { ...state.variables, COLOR: 'red' } }),
        },
        lab.server,
      ),
    ...served,
  },
  { name: 'stop', from: after(), review: stop, ends: ['served', 'away'], leaves: 'data' },
  {
    name: 'start',
    from: after(stop),
    review: (lab) => reviewStart(trust, lab.server),
    ...{ ends: ['away', 'served'], leaves: 'data' },
  },
  { name: 'restart', from: after(), review: (lab) => reviewRestart(trust, lab.server), ...served },
  { name: 'backup', from: after(), review: backup, ...served },
  { name: 'reset', from: after(), review: reset, ends: ['served'], leaves: 'nothing' },
  { name: 'undo', from: after(reset), review: undo, ...served, turnsBack: true },
  {
    name: 'restore',
    from: after(backup, reset),
    review: async (lab) => {
      const { backups } = await listBackups(stack, needs(lab));
      const mine = backups.find(({ reason }) => reason === 'asked');
      return await reviewRestore({ ...trust, backup: mine?.id ?? '' }, lab.server);
    },
    ...served,
  },
  {
    name: 'drill',
    from: after(backup),
    review: async (lab) => await chore(lab, { kind: 'drill', backup: await newestBackup(lab) }),
    ...served,
  },
  { name: 'drop-data', from: after(backup, reset, undo), review: dropOld, ...served, lacks: keepsOld },
  { name: 'delete', from: after(), review: away, ends: ['served', 'away'], leaves: 'data' },
  {
    name: 'undelete',
    from: after(away),
    review: (lab) => reviewUndelete(trust, lab.server),
    ...{ ends: ['away', 'served'], leaves: 'data' },
  },
  {
    name: 'purge',
    from: after(away),
    review: (lab) => reviewPurge(trust, lab.server),
    ...{ ends: ['away', 'gone'], leaves: 'gone' },
  },
];
