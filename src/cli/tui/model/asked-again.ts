import type { Activity } from '../../../core/index.ts';
import type { Asked, PlainVerb, Subject } from './effects.ts';
import { findStudy, type TuiState } from './state.ts';

/** What an operation was asked to do, whoever asked and from wherever; undefined where no screen asks for such a thing. */
export function askedAgain(state: TuiState, operation: string): Asked | undefined {
  const activity = state.activity.find((one) => one.operation === operation);
  const study = activity && studyOf(state, activity);
  if (!study) return undefined;
  const { verb, asked } = activity;
  const { image, addColumns, release, backup } = asked;
  if (image !== undefined) return { verb: 'deploy', study, image, ...(addColumns && { addColumns }) };
  if (verb === 'rollback' && release !== undefined) return { verb, study, to: release };
  if (backup !== undefined) return { verb: 'restore', study, backup };
  return isPlain(verb) ? { verb, study } : undefined;
}

/** A study that never served is in no list. */
function studyOf(state: TuiState, { stack, asked }: Activity): Subject | undefined {
  const named = asked.study ?? findStudy(state, stack);
  return named && { experiment: named.experiment, environment: named.environment, stack };
}

const plain: Readonly<Record<PlainVerb, true>> = {
  ...{ start: true, stop: true, restart: true, backup: true },
  ...{ reset: true, undo: true, delete: true, undelete: true, purge: true },
};

function isPlain(verb: string): verb is PlainVerb {
  return Object.hasOwn(plain, verb);
}
