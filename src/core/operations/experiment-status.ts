import { describeActor } from '../domain/actor.ts';
import { compareFingerprints, type ReleaseFit } from '../domain/fit.ts';
import { urlOf } from '../domain/platform.ts';
import type { ReleaseState } from '../domain/release.ts';
import type { StackName } from '../domain/stack-name.ts';
import { type StudyState, studyStateOf } from '../domain/study-state.ts';
import type { RecordedVerb } from '../domain/verb.ts';
import { holderOf } from '../records/lock.ts';
import type { OperationState } from '../records/operation-record.ts';
import type { ReleaseRecord } from '../records/release-record.ts';
import type { Service, Task } from '../swarm/engine-types.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import {
  baseRelease,
  isRetired,
  isStopped,
  type ObservedStack,
  observeStack,
  servingNumber,
  servingRelease,
} from '../swarm/observe-stack.ts';
import { notDeployed } from './review/absent-study.ts';

export interface ExperimentStatus {
  readonly stack: string;
  readonly state: StudyState;
  /** RFC 3339: until when a deleted study can be brought back. */
  readonly until: string | undefined;
  readonly release: number | undefined;
  readonly url: string;
  readonly image: string;
  readonly parts: readonly PartStatus[];
  readonly variables: readonly string[];
  readonly secrets: readonly string[];
  readonly operation:
    | { readonly id: string; readonly verb: RecordedVerb; readonly actor: string; readonly since: string }
    | undefined;
  readonly lastOperation:
    | { readonly id: string; readonly verb: RecordedVerb; readonly state: OperationState; readonly at: string }
    | undefined;
}

export interface PartStatus {
  readonly part: 'web' | 'db';
  readonly service: string;
  /** Swarm's own word for its newest task; "none" without one. */
  readonly task: string;
  readonly taskId: string;
  readonly since: string;
  /** What Swarm says went wrong; empty when nothing did. */
  readonly error: string;
  readonly node: string;
}

/** One study as it is now. Throws `experiment-not-found`. */
export async function experimentStatus(
  stack: StackName,
  { swarm }: { swarm: SwarmGateway },
): Promise<ExperimentStatus> {
  const observed = await observeStack(stack, { swarm });
  const { web, db, lock, operations, platform } = observed;
  if (!web && !db) throw notDeployed(stack);
  const release = servingRelease(observed);
  const holder = lock && holderOf(lock);
  const last = operations[0];
  const parts = [partStatus('web', web, observed), partStatus('db', db, observed)].filter((part) => part !== undefined);
  return {
    stack,
    state: stateOf(observed, parts),
    until: web?.Spec.Labels[label.until],
    release: servingNumber(observed),
    url: urlOf(release?.state.host ?? '', platform),
    image: release?.state.imageGiven ?? '',
    parts,
    variables: Object.keys(release?.state.variables ?? {}).sort(),
    secrets: [...(release?.state.secrets ?? [])].sort(),
    operation: holder && {
      id: holder.operation,
      verb: holder.verb,
      actor: describeActor(holder.actor),
      since: holder.since,
    },
    lastOperation: last && {
      id: last.request.id,
      verb: last.request.verb,
      state: last.state,
      at: last.request.createdAt,
    },
  };
}

function partStatus(
  part: PartStatus['part'],
  service: Service | undefined,
  { tasks, nodes }: ObservedStack,
): PartStatus | undefined {
  if (!service) return undefined;
  const newest = newestTask(tasks, service.ID);
  return {
    part,
    service: service.Spec.Name,
    task: newest?.Status.State ?? 'none',
    taskId: newest?.ID ?? '',
    since: newest?.Status.Timestamp ?? '',
    error: newest?.Status.Err ?? '',
    node: nodes.find(({ ID }) => ID === newest?.NodeID)?.Description.Hostname ?? '',
  };
}

function newestTask(tasks: readonly Task[], serviceId: string): Task | undefined {
  const own = tasks.filter(({ ServiceID }) => ServiceID === serviceId);
  return own.sort((a, b) => b.CreatedAt.localeCompare(a.CreatedAt))[0];
}

function stateOf(observed: ObservedStack, parts: readonly PartStatus[]): ExperimentStatus['state'] {
  const web = parts.find(({ part }) => part === 'web');
  return studyStateOf({
    deleted: isRetired(observed),
    stopped: !web || isStopped(observed),
    update: observed.web?.UpdateStatus?.State ?? '',
    task: web?.task ?? 'none',
    error: web?.error ?? '',
  });
}

/** One line of `oforest releases`. */
export interface ReleaseSummary {
  readonly release: number;
  readonly state: ReleaseState;
  readonly serving: boolean;
  readonly image: string;
  readonly digest: string;
  readonly otree: string;
  /** Whether it has the tables and pages of the one that serves, and so fits its data; undefined where it was never compared. */
  readonly fits: ReleaseFit | undefined;
  readonly source: number | undefined;
  readonly author: string;
  readonly createdAt: string;
}

/** Newest first. Throws `experiment-not-found`. */
export async function listReleases(
  stack: StackName,
  { swarm }: { swarm: SwarmGateway },
): Promise<readonly ReleaseSummary[]> {
  const observed = await observeStack(stack, { swarm });
  if (observed.releases.length === 0) throw notDeployed(stack);
  const serving = servingRelease(observed);
  return observed.releases.map((release) => summarise(release, serving));
}

function summarise(release: ReleaseRecord, serving: ReleaseRecord | undefined): ReleaseSummary {
  const { number, outcome, state, otree, fit, source, author, createdAt } = release;
  return {
    release: number,
    state: outcome,
    serving: number === serving?.number,
    fits: compareFingerprints(fit, serving?.fit),
    image: state.imageGiven,
    digest: state.image.split('@')[1] ?? '',
    otree: otree ?? '',
    source,
    author: describeActor(author),
    createdAt,
  };
}

/** The variables of the newest release that was proven or stored. Throws `experiment-not-found`. */
export async function readVariables(
  stack: StackName,
  { swarm }: { swarm: SwarmGateway },
): Promise<Readonly<Record<string, string>>> {
  const observed = await observeStack(stack, { swarm });
  const release = baseRelease(observed);
  if (!release) throw notDeployed(stack);
  return release.state.variables;
}
