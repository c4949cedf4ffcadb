import {
  type Change,
  counted,
  describeKnownFit,
  disturbanceOfPlan,
  nounOfVerb,
  type Review,
} from '../../../core/index.ts';
import type { TuiState } from './state.ts';

/** A name, and what it is. */
export type Fact = readonly [string, string];

/**
 * What one decides by, name by name: what it becomes, what stays, how long it takes. Nothing where nothing is to be done.
 * `isEffectTold`: what people would see of it is told beside them.
 */
export function factsOf(
  state: Pick<TuiState, 'activity'>,
  review: Review,
  { isEffectTold = false }: { isEffectTold?: boolean } = {},
): readonly Fact[] {
  if (review.plan.length === 0) return [];
  return [
    ...releaseFacts(review),
    ...dataFacts(review),
    ...madeFacts(review),
    ...(isEffectTold ? [] : pauseFacts(review)),
    ...takesFacts(state, review),
  ];
}

function releaseFacts({ work, before, becomes }: Review): readonly Fact[] {
  if (work.kind !== 'run-release' || becomes === undefined) return [];
  const from = before.release === undefined ? '' : `v${before.release} → `;
  const again = work.source === undefined ? '' : `, which is v${work.source} again`;
  return [
    ['Release', `${from}v${becomes}${again}`],
    ['Image', work.state.imageGiven],
  ];
}

function dataFacts({ work, plan, fit }: Review): readonly Fact[] {
  switch (work.kind) {
    case 'run-release': {
      if (plan.some(({ subject, action }) => subject === 'db' && action === 'create')) return [];
      const columns = work.addColumns ? ' Columns that it lacks are added, after a backup.' : '';
      return [['Data', `kept.${columns}${fit === undefined ? '' : ` ${describeKnownFit(fit)}`}`]];
    }
    case 'start':
    case 'stop':
    case 'restart':
    case 'undelete':
      return [['Data', 'kept.']];
    case 'backup':
      return [['Data', 'not touched.']];
    default:
      return [];
  }
}

/** Of all that a new study has of its own, one sentence. */
function madeFacts({ plan }: Review): readonly Fact[] {
  const made = plan.filter(isMade);
  if (made.length === 0) return [];
  const has = (subject: Change['subject']) => made.some((change) => change.subject === subject);
  const passwords = made.filter(({ subject }) => subject === 'secret').length;
  const parts = [
    ...(has('db') ? ['a database'] : []),
    ...(has('network') ? ['a network'] : []),
    ...(passwords > 0 ? [counted(passwords, 'password')] : []),
  ];
  const last = parts.at(-1) ?? '';
  return [
    ['Makes', `${[parts.slice(0, -1).join(', '), last].filter((part) => part !== '').join(' and ')} of its own.`],
  ];
}

function isMade({ action, subject }: Change): boolean {
  return action === 'create' && (subject === 'network' || subject === 'secret' || subject === 'db');
}

/** Changes that no fact has told in whole. */
export function changesBeside({ plan }: Pick<Review, 'plan'>): readonly Change[] {
  return plan.filter((change) => !isMade(change));
}

function pauseFacts({ plan, work }: Review): readonly Fact[] {
  switch (disturbanceOfPlan(plan)) {
    case 'pause':
      return [['Pause', 'about 5 s for whoever is on a page.']];
    case 'gone':
      if (work.kind === 'stop') return [['Links', 'stop working until it is started again.']];
      return work.kind === 'delete' ? [] : [['Links', 'those given out for the present sessions stop working.']];
    case 'nothing':
      return [];
  }
}

/** As long as the last time that it went well. */
function takesFacts({ activity }: Pick<TuiState, 'activity'>, { stack, verb }: Review): readonly Fact[] {
  const last = activity.find((one) => one.stack === stack && one.verb === verb && one.state === 'succeeded');
  if (last?.endedAt === undefined) return [];
  const seconds = Math.max(1, Math.round((Date.parse(last.endedAt) - Date.parse(last.startedAt)) / 1000));
  const took = seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
  return [['Takes', `about ${took}, as the last ${nounOfVerb(verb)} did.`]];
}
