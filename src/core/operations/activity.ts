import { describeActor } from '../domain/actor.ts';
import type { OperationEvent, StepId } from '../domain/operation-event.ts';
import type { RecordedRequest } from '../domain/operation-request.ts';
import type { StackName } from '../domain/stack-name.ts';
import type { RecordedVerb } from '../domain/verb.ts';
import type { ErrorFacts } from '../errors.ts';
import { holderOf, staleAfterMs } from '../records/lock.ts';
import { endStates, type OperationRecord, type OperationState, operationsIn } from '../records/operation-record.ts';
import { isRecord } from '../records/record.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { readCancel } from './cancel-operation.ts';
import { expectedSteps } from './expected-steps.ts';
import { toComeAfter } from './progress.ts';
import { notDeployed } from './review/absent-study.ts';

/** One operation: who did what, when, and what came of it. */
export interface Activity {
  readonly operation: string;
  readonly stack: string;
  /** As typed: deploy, reset … */
  readonly verb: RecordedVerb;
  readonly by: string;
  /** RFC 3339, as all times here. */
  readonly startedAt: string;
  /** `stale`: not ended, and nobody is at work on it any more. */
  readonly state: OperationState | 'stale';
  readonly endedAt: string | undefined;
  /** Of one that is not ended: the step it is at. */
  readonly step: StepId | undefined;
  /** Which of how many steps that is; undefined where it is none of those that were to be expected. */
  readonly place: { readonly step: number; readonly of: number } | undefined;
  /** What served before it, as far as anything did. */
  readonly before: number | undefined;
  /** The release that it makes, or made; undefined where it makes none. */
  readonly release: number | undefined;
  /** The backup that it made, restored and compared, as far as it came. */
  readonly backup: { readonly id: string; readonly at: string; readonly rows: number } | undefined;
  readonly error: Pick<ErrorFacts, 'code' | 'what' | 'why'> | undefined;
  /** Who asked it to stop. */
  readonly cancelledBy: string | undefined;
  /** What it was to do, as far as a verb and a study do not say it already: with these, it can be asked for again. */
  readonly asked: Asked;
}

interface Asked {
  /** Of a deployment or a rollback, also of a study that never served. */
  readonly study?: { readonly experiment: string; readonly environment: string };
  /** As the person wrote it. */
  readonly image?: string;
  readonly addColumns?: true;
  /** The release to go back to. */
  readonly release?: number;
  /** The backup to restore; absent where it came from a file. */
  readonly backup?: string;
}

/**
 * What was done, newest first, of one study or of all; what runs now is among it. The newest few of each study are kept.
 * Throws `experiment-not-found` for a study of which nothing is known.
 */
export async function listActivity(
  stack: StackName | undefined,
  { swarm }: { swarm: SwarmGateway },
): Promise<readonly Activity[]> {
  const list = (name: string, value: string) => swarm.listConfigs({ label: name, value });
  const [configs, { SystemTime }] = await Promise.all([
    stack === undefined
      ? Promise.all([list(label.kind, 'operation'), list(label.kind, 'lock')]).then((lists) => lists.flat())
      : list(label.stack, stack),
    swarm.observeManager(),
  ]);
  const isFresh = (updatedAt: string) => Date.parse(SystemTime) - Date.parse(updatedAt) < staleAfterMs;
  const live = new Set(
    configs
      .filter((config) => isRecord(config, 'lock') && isFresh(config.UpdatedAt))
      .map((config) => holderOf(config)?.operation),
  );
  const activities = operationsIn(configs).map((record) => activityOf(record, live.has(record.request.id)));
  if (stack !== undefined && activities.length === 0) {
    const services = await swarm.listServices({ label: label.stack, value: stack });
    if (services.length === 0) throw notDeployed(stack);
  }
  return activities;
}

function activityOf({ request, state, events, config }: OperationRecord, isLive: boolean): Activity {
  const { id, stack, verb, actor, createdAt, before } = request;
  const hasEnded = endStates.includes(state);
  const last = events.at(-1);
  const cancel = readCancel(config);
  const failure = last?.kind === 'operation-failed' ? last.error : undefined;
  return {
    operation: id,
    stack,
    verb,
    by: describeActor(actor),
    startedAt: createdAt,
    state: hasEnded || isLive ? state : 'stale',
    endedAt: hasEnded ? (last?.at ?? config.UpdatedAt) : undefined,
    step: hasEnded ? undefined : stepOf(events),
    place: hasEnded ? undefined : placeOf(events, expectedSteps(request)),
    before: before.release,
    release: events.find((event) => event.kind === 'release-recorded')?.release,
    backup: backupIn(events),
    error: failure && {
      code: failure.code,
      what: failure.what,
      ...(failure.why !== undefined && { why: failure.why }),
    },
    cancelledBy: cancel && describeActor(cancel.actor),
    asked: askedIn(request),
  };
}

function askedIn({ verb, work }: RecordedRequest): Asked {
  if (work.kind === 'restore') return work.foreign ? {} : { backup: work.backup };
  if (work.kind !== 'run-release') return {};
  const { state, source, addColumns } = work;
  return {
    study: { experiment: state.experiment, environment: state.environment },
    ...(verb === 'deploy' && { image: state.imageGiven, ...(addColumns && { addColumns }) }),
    ...(source !== undefined && { release: source }),
  };
}

function backupIn(events: readonly OperationEvent[]): Activity['backup'] {
  const made = events.findLast((event) => event.kind === 'backup-made');
  return made && { id: made.backup, at: made.at, rows: made.rows };
}

function stepOf(events: readonly OperationEvent[]): StepId | undefined {
  return events.findLast((event) => event.kind === 'step-started')?.step;
}

/** What had nothing to do is neither of the steps nor of their number. */
function placeOf(events: readonly OperationEvent[], expected: readonly StepId[]): Activity['place'] {
  let toCome = expected;
  let step = 0;
  for (const event of events) {
    toCome = event.kind === 'operation-started' ? expected : toComeAfter(toCome, event);
    if (event.kind === 'operation-started') step = 0;
    if (event.kind === 'step-started') step += 1;
  }
  const last = stepOf(events);
  return last !== undefined && expected.includes(last) ? { step, of: step + toCome.length } : undefined;
}
