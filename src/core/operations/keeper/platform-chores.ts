import type { Clock, RandomText } from '../../clock.ts';
import type { Change } from '../../domain/change.ts';
import type { OperationRequest } from '../../domain/operation-request.ts';
import { parseStackName } from '../../domain/stack-name.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { observeStack } from '../../swarm/observe-stack.ts';
import { completeReview } from '../review/review.ts';
import { startOperation } from '../start-operation.ts';
import { listBackups } from '../steps/backup-files.ts';
import type { Chores } from './keeper-chores.ts';
import { surveyStudies } from './kept-studies.ts';
import type { Due, KeptData, Timetable } from './timetable.ts';

interface Needs {
  readonly swarm: SwarmGateway;
  readonly clock: Clock;
  readonly random: RandomText;
  readonly signal: AbortSignal;
}

type Work = Exclude<Due, { kind: 'look' }>;

/** The timetable's work as operations of the keeper, with records, locks and refusals like anybody's. */
export function platformChores(timetable: Timetable, needs: Needs): Chores {
  return {
    timetable,
    studies: () => surveyStudies(needs),
    look: (stack) => lookAtData(stack, needs),
    async start(due) {
      const observed = await observeStack(parseStackName(due.stack), needs);
      const review = await completeReview(
        observed,
        { verb: due.kind, plan: [changeOf(due)], work: workOf(due) },
        needs,
      );
      return await startOperation(review, { actor: { via: 'keeper' } }, needs);
    },
  };
}

async function lookAtData(stack: string, needs: Needs): Promise<Omit<KeptData, 'lookedAt'>> {
  const { backups, archives } = await listBackups(parseStackName(stack), needs);
  return {
    backups: backups.flatMap(({ id, takenAt, verifiedAt, reason }) =>
      verifiedAt === undefined ? [] : [{ id, takenAt, verifiedAt, nightly: reason === 'nightly' }],
    ),
    archives,
  };
}

function workOf(due: Work): OperationRequest['work'] {
  switch (due.kind) {
    case 'backup':
      return { kind: 'backup', reason: 'nightly' };
    case 'drill':
      return { kind: 'drill', backup: due.backup };
    case 'drop-data':
      return { kind: 'drop-data', archives: [...due.archives], backups: [...due.backups] };
  }
}

function changeOf(due: Work): Change {
  const change = { name: due.stack, interrupts: false } as const;
  switch (due.kind) {
    case 'backup':
      return { ...change, action: 'back up', subject: 'data', because: 'it is done every night' };
    case 'drill':
      return {
        ...change,
        action: 'back up',
        subject: 'backup',
        because: `${due.backup} is restored beside the data to prove it`,
      };
    case 'drop-data':
      return {
        ...change,
        action: 'remove',
        subject: 'backup',
        because: 'newer ones are kept, and what was set aside is two weeks old',
      };
  }
}
