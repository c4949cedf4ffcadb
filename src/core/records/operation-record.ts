import type { OperationEvent } from '../domain/operation-event.ts';
import {
  isNewer,
  type OperationRequest,
  parseRecordedRequest,
  type RecordedRequest,
} from '../domain/operation-request.ts';
import { namesOf, type StackName } from '../domain/stack-name.ts';
import { ExpectedError } from '../errors.ts';
import type { ConfigObject } from '../swarm/engine-types.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { oncePerConfig } from './once-per-config.ts';
import { checkFormat, isRecord, recordLabels } from './record.ts';

export type OperationState = 'accepted' | 'running' | 'succeeded' | 'failed' | 'interrupted';
export const endStates: readonly OperationState[] = ['succeeded', 'failed', 'interrupted'];

/** Kept in full for each stack, so that `watch` can tell a finished operation again. */
const kept = 5;

/** The journal of one operation: who follows it, near or far, live or later, reads the same events from here. */
export interface OperationRecord {
  readonly request: RecordedRequest;
  readonly state: OperationState;
  readonly events: readonly OperationEvent[];
  readonly config: ConfigObject;
}

export async function createOperationRecord(
  { request }: { request: OperationRequest },
  { swarm }: { swarm: SwarmGateway },
): Promise<void> {
  const stack = request.stack as StackName;
  const labels = recordLabels('operation', stack, {
    [label.operation]: request.id,
    [label.verb]: request.verb,
    [label.state]: 'accepted' satisfies OperationState,
    [label.time]: request.createdAt,
    [label.events]: '[]',
  });
  await swarm.createConfig(namesOf(stack).operationRecord(request.id), labels, Buffer.from(JSON.stringify(request)));
}

/** Undefined when no stack has an operation of that id. */
export async function findOperation(
  id: string,
  { swarm }: { swarm: SwarmGateway },
): Promise<OperationRecord | undefined> {
  const configs = await swarm.listConfigs({ label: label.operation, value: id });
  const config = configs.find((candidate) => isRecord(candidate, 'operation'));
  return config && readOperation(config);
}

/** Newest first, out of the configs of one stack. */
export function operationsIn(configs: readonly ConfigObject[]): readonly OperationRecord[] {
  return configs
    .filter((config) => isRecord(config, 'operation'))
    .map(readOperation)
    .sort((a, b) => b.request.createdAt.localeCompare(a.request.createdAt));
}

export const readOperation = oncePerConfig((config): OperationRecord => {
  checkFormat(config);
  const labels = config.Spec.Labels;
  return {
    request: parseRecordedRequest(JSON.parse(config.Spec.Data.toString('utf8'))),
    state: (labels[label.state] ?? 'accepted') as OperationState,
    events: JSON.parse(labels[label.events] ?? '[]') as OperationEvent[],
    config,
  };
});

/** Throws `format-too-new` for what only a newer oForest knows how to do: nobody is to run, finish or undo it here. */
export function refuseNewer(request: RecordedRequest): asserts request is OperationRequest {
  if (!isNewer(request)) return;
  const { id, verb, stack, work } = request;
  throw new ExpectedError('format-too-new', `running \`${verb}\` on ${stack}`, {
    why: `A newer oForest asked for it, and this one does not know how to do it (${work.asked}).`,
    now: `Nothing was changed; the operation ${id} waits for an oForest that knows it.`,
    hint: 'Update oForest on this computer, then try again.',
    details: { operation: id },
  });
}

/** Writes whose answer was lost, or that dockerd could not do at the moment, are tried again so often. */
const retries = 3;

/**
 * Appends events and moves the state, by compare-and-set on top of whatever else was noted meanwhile. A write whose answer
 * was lost may have been done: the record tells. True when somebody asked to cancel the operation.
 */
export async function noteOperation(
  id: string,
  note: { events?: readonly OperationEvent[]; state?: OperationState; runner?: string },
  { swarm }: { swarm: SwarmGateway },
): Promise<boolean> {
  let isCancelled = false;
  for (let tries = 0; tries < 10; tries += 1) {
    const record = await findOperation(id, { swarm });
    isCancelled = record?.config.Spec.Labels[label.cancel] !== undefined;
    if (!record || endStates.includes(record.state) || (tries > 0 && holds(record, note))) break;
    const labels = {
      ...record.config.Spec.Labels,
      [label.events]: JSON.stringify([...record.events, ...(note.events ?? [])]),
      ...(note.state && { [label.state]: note.state }),
      ...(note.runner && { [label.runner]: note.runner }),
    };
    try {
      if (await swarm.relabelConfig(record.config, labels)) break;
    } catch (error) {
      if (!(error instanceof ExpectedError) || tries >= retries) throw error;
    }
  }
  return isCancelled;
}

/** Events carry their time, so that no two are alike. */
function holds({ events }: OperationRecord, note: { events?: readonly OperationEvent[] }): boolean {
  const written = new Set(events.map((event) => JSON.stringify(event)));
  return (note.events ?? []).length > 0 && (note.events ?? []).every((event) => written.has(JSON.stringify(event)));
}

/** Removes finished operations beyond the newest few, and not the last that made a backup: it says how old that is. */
export async function pruneOperations(stack: StackName, { swarm }: { swarm: SwarmGateway }): Promise<void> {
  const operations = operationsIn(await swarm.listConfigs({ label: label.stack, value: stack }));
  const finished = operations.filter(({ state }) => endStates.includes(state));
  const lastBackup = finished.find(({ events }) => events.some(({ kind }) => kind === 'backup-made'));
  for (const { config } of finished.slice(kept)) if (config !== lastBackup?.config) await swarm.removeConfig(config.ID);
}
