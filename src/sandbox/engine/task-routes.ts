import { EngineError } from '../swarm/engine-error.ts';
import { matchesLabels, matchesOne, matchesStart, parseFilters } from '../swarm/filters.ts';
import { findNode } from '../swarm/nodes.ts';
import { hasEnded, type Task } from '../swarm/objects.ts';
import { findService } from '../swarm/services.ts';
import { findOne, type Store } from '../swarm/store.ts';
import type { Handler } from './request.ts';

const accepted = ['id', 'label', 'name', 'node', 'service', 'desired-state', '_up-to-date', 'runtime'];

export const listTasks: Handler = ({ query }, { store }) => {
  const filters = parseFilters(query.get('filters'), accepted);
  const services = filters.get('service')?.map((text) => findService(store, text).ID);
  const nodes = filters.get('node')?.map((text) => findNode(store, text).ID);
  const desired = filters.get('desired-state');
  for (const state of desired ?? [])
    if (!['running', 'shutdown', 'accepted'].includes(state))
      throw new EngineError(500, `Invalid desired-state filter: '${state}'`);
  const isWanted = (task: Task) =>
    matchesStart(task.ID, filters.get('id')) &&
    matchesLabels(store.origins.get(task.ID)?.serviceLabels ?? {}, filters.get('label')) &&
    matchesStart(store.nameOf(task), filters.get('name')) &&
    matchesOne(task.ServiceID, services) &&
    matchesOne(task.NodeID ?? '', nodes) &&
    (!filters.has('_up-to-date') || isUpToDate(store, task)) &&
    (desired === undefined || desired.includes(desiredOf(task)));
  return { status: 200, json: [...store.tasks.values()].filter(isWanted) };
};

/** Whether its service still asks for what it runs. */
function isUpToDate(store: Store, { ServiceID, Spec }: Task): boolean {
  const service = store.services.get(ServiceID);
  const { Runtime: _runtime, ...template } = service?.Spec.TaskTemplate ?? {};
  return service !== undefined && JSON.stringify(template) === JSON.stringify(Spec);
}

/** Clients ask for one of three; what is to be removed counts as shut down. */
function desiredOf({ DesiredState }: Task): string {
  if (hasEnded(DesiredState)) return 'shutdown';
  return DesiredState === 'ready' ? 'accepted' : DesiredState;
}

export const inspectTask: Handler = ({ parts }, { store }) => ({ status: 200, json: findTask(store, parts.id ?? '') });

export function findTask(store: Store, text: string): Task {
  return findOne(store.tasks.values(), text, {
    idOf: ({ ID }) => ID,
    nameOf: ({ ID }) => ID,
    notFound: `task ${text} not found`,
    kind: 'task',
  });
}
