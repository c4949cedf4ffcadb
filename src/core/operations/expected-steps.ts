import { restartsWeb } from '../domain/change.ts';
import type { StepId } from '../domain/operation-event.ts';
import { isNewer, type OperationRequest, type RecordedRequest } from '../domain/operation-request.ts';

/** The steps of an operation that nothing goes wrong with, in their order: so that it can be said how far it is. */
export function expectedSteps(request: RecordedRequest): readonly StepId[] {
  if (isNewer(request)) return [];
  const { work, before, guard } = request;
  const disturbed: readonly StepId[] = guard.interrupt === undefined ? [] : ['audit'];
  switch (work.kind) {
    case 'run-release':
      return [...stepsOfRelease(request, work.addColumns), 'record-proven', ...disturbed, 'tidy'];
    case 'start':
      return ['start-database', ...servesAgain, ...disturbed, 'tidy'];
    case 'restart':
      return ['start-database', 'guard', 'keep-page-times', ...servesAgain, ...disturbed, 'tidy'];
    case 'stop':
      return ['guard', 'keep-page-times', 'show-closed', 'stop-web', ...disturbed, 'tidy'];
    case 'backup':
      return ['start-database', 'keep-page-times', ...backup, 'tidy'];
    case 'drill':
      return ['verify-backup', 'tidy'];
    case 'drop-data':
      return ['drop-data', 'tidy'];
    case 'reset':
      return replacing([...backup, 'create-database', 'try-image'], before);
    case 'undo':
      return replacing(['copy-archive', 'try-image', 'drop-copy'], before);
    case 'restore': {
      const brought: readonly StepId[] = work.foreign ? ['prove-upload'] : [];
      return replacing([...brought, ...backup, 'create-database', 'fill-database', 'try-image'], before);
    }
    case 'delete': {
      const first: readonly StepId[] = ['start-database', 'keep-page-times', ...backup, 'guard'];
      return [...first, 'show-closed', 'stop-web', 'retire', 'audit', 'stop-database', 'tidy'];
    }
    case 'undelete':
      return ['start-database', ...servesAgain, 'audit', 'tidy'];
    case 'purge':
      return ['stop-database', 'drop-data', 'hide-closed', 'remove-study'];
  }
}

const backup: readonly StepId[] = ['dump', 'verify-backup'];
const servesAgain: readonly StepId[] = ['update-web', 'prove', 'hide-closed', 'settle'];

function stepsOfRelease({ plan }: OperationRequest, addColumns: boolean): readonly StepId[] {
  const objects: readonly StepId[] = ['record-release', 'create-network', 'store-secrets', 'start-database'];
  if (!restartsWeb(plan)) return [...objects, 'update-web', 'prove', 'hide-closed'];
  const columns: readonly StepId[] = addColumns ? ['keep-page-times', ...backup, 'add-columns'] : [];
  return [...objects, 'try-image', ...columns, 'guard', 'keep-page-times', ...servesAgain];
}

function replacing(prepare: readonly StepId[], { stopped }: OperationRequest['before']): readonly StepId[] {
  const first: readonly StepId[] = ['start-database', 'keep-page-times', ...prepare, 'guard'];
  const runs: readonly StepId[] = stopped ? [] : ['update-web', 'prove', 'settle'];
  return [...first, 'stop-web', 'swap-databases', ...runs, 'audit', 'tidy'];
}
