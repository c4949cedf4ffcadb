import type { Change } from '../../domain/change.ts';
import type { EnvironmentName } from '../../domain/environment.ts';
import type { ExperimentName } from '../../domain/experiment-name.ts';
import type { ReleaseFit } from '../../domain/fit.ts';
import type { OperationRequest, Work } from '../../domain/operation-request.ts';
import { urlOf } from '../../domain/platform.ts';
import type { Secret } from '../../domain/secret.ts';
import { type StackName, stackName } from '../../domain/stack-name.ts';
import type { Verb } from '../../domain/verb.ts';
import { holderOf, isStale, type LockHolder } from '../../records/lock.ts';
import type { SwarmGateway } from '../../swarm/gateway.ts';
import { isRetired, isStopped, type ObservedStack, observeStack, servingRelease } from '../../swarm/observe-stack.ts';
import { notDeployed, studyRetired } from './absent-study.ts';
import { basisOf } from './basis.ts';
import type { HeldData } from './held-data.ts';

/** What would be done and why, as data, before anything is done. Reviewing writes nothing. */
export interface Review {
  readonly stack: StackName;
  readonly verb: Verb;
  readonly plan: readonly Change[];
  readonly work: Work;
  /** Where the study answers afterwards. */
  readonly url: string;
  /** Values to be stored when it is started; in memory until then. */
  readonly newSecrets: readonly NewSecret[];
  /** What serves now; undefined before the first deployment and while the study is stopped. */
  readonly serving: number | undefined;
  readonly before: OperationRequest['before'];
  /** What all of this was made from (`basisOf`): only as long as it holds, the plan is what was decided. */
  readonly basis: string;
  /** Number that a new release would get; undefined where none comes. */
  readonly becomes: number | undefined;
  /** Whether a new image fits the data, as far as earlier trials of it tell; undefined where none comes. */
  readonly fit: ReleaseFit | 'not-checked' | undefined;
  /** What the data holds that this is about; undefined where it is about none, or nobody can say. */
  readonly held: HeldData | undefined;
  /** `typed-name`: people would lose data or a study; only its name, typed, is a yes. */
  readonly wants: 'nothing' | 'typed-name';
  /** An operation that an earlier process left unfinished: it comes first (`resumeOperation`). */
  readonly interrupted: LockHolder | undefined;
  /** An operation that somebody runs at this moment. */
  readonly running: LockHolder | undefined;
}

export interface NewSecret {
  readonly slot: string;
  readonly value: Secret;
}

export interface Subject {
  readonly experiment: ExperimentName;
  readonly environment: EnvironmentName;
}

/** What every review says of the stack beside its own plan. */
export async function completeReview(
  observed: ObservedStack,
  review: Pick<Review, 'verb' | 'plan' | 'work'> &
    Partial<Pick<Review, 'newSecrets' | 'wants' | 'fit' | 'held'>> & { host?: string },
  { swarm }: { swarm: SwarmGateway },
): Promise<Review> {
  const {
    newSecrets = [],
    wants = 'nothing',
    fit,
    held,
    host = servingRelease(observed)?.state.host ?? '',
    ...rest
  } = review;
  const release = servingRelease(observed);
  const stopped = isStopped(observed);
  // Not a first release that failed and was stopped: there is nothing to go back to.
  const earlier = release?.outcome === 'proven' || !stopped ? release?.number : undefined;
  return {
    ...rest,
    stack: observed.stack,
    newSecrets,
    wants,
    fit,
    held,
    url: urlOf(host, observed.platform),
    serving: serving(observed),
    becomes: rest.work.kind === 'run-release' ? (observed.releases[0]?.number ?? 0) + 1 : undefined,
    before: { ...(earlier !== undefined && { release: earlier }), stopped },
    basis: basisOf(observed),
    ...(await othersAtWork(observed, { swarm })),
  };
}

/** Who holds the lock, with a sign of life in the last minute or without. */
async function othersAtWork(
  { lock }: ObservedStack,
  { swarm }: { swarm: SwarmGateway },
): Promise<Pick<Review, 'interrupted' | 'running'>> {
  const holder = lock && holderOf(lock);
  if (!lock || !holder) return { interrupted: undefined, running: undefined };
  return (await isStale(lock, { swarm }))
    ? { interrupted: holder, running: undefined }
    : { interrupted: undefined, running: holder };
}

/** The stack as it is; an empty one where nothing was ever deployed. Throws `study-retired`. */
export async function observe(
  { experiment, environment }: Subject,
  { swarm }: { swarm: SwarmGateway },
): Promise<ObservedStack> {
  const observed = await observeStack(stackName(experiment, environment), { swarm });
  if (isRetired(observed)) throw studyRetired(observed);
  return observed;
}

/** The study, deployed and not deleted. Throws `experiment-not-found`, `study-retired`. */
export async function observeDeployed(subject: Subject, needs: { swarm: SwarmGateway }): Promise<ObservedStack> {
  const observed = await observe(subject, needs);
  if (!observed.web) throw notDeployed(observed.stack);
  return observed;
}

/** What serves now; undefined while the study is stopped. */
export function serving(observed: ObservedStack): number | undefined {
  return isStopped(observed) ? undefined : servingRelease(observed)?.number;
}
