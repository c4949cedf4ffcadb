import { matchesLabels, matchesOne, matchesStart, parseFilters } from '../swarm/filters.ts';
import { hasEnded, type Task } from '../swarm/objects.ts';
import { findOne, type Store } from '../swarm/store.ts';
import type { Handler } from './request.ts';

const accepted = ['id', 'label', 'name', 'node', 'service', 'desired-state', '_up-to-date', 'runtime'];

export const listTasks: Handler = ({ query }, { store }) => {
  const filters = parseFilters(query.get('filters'), accepted);
  const services = filters.get('service')?.map((text) => serviceIdOf(store, text));
  const nodes = filters.get('node')?.map((text) => nodeIdOf(store, text));
  const desired = filters.get('desired-state');
  const isWanted = (task: Task) => {
    const origin = store.origins.get(task.ID);
    return (
      matchesStart(task.ID, filters.get('id')) &&
      matchesLabels(origin?.serviceLabels ?? {}, filters.get('label')) &&
      matchesStart(`${origin?.serviceName}.${task.Slot}.${task.ID}`, filters.get('name')) &&
      matchesOne(task.ServiceID, services) &&
      matchesOne(task.NodeID ?? '', nodes) &&
      (desired === undefined || desired.includes(desiredOf(task)))
    );
  };
  return { status: 200, json: [...store.tasks.values()].filter(isWanted) };
};

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

/** Names and beginnings of ids stand for the service; what stands for none stays as it is and matches nothing. */
function serviceIdOf(store: Store, text: string): string {
  const services = [...store.services.values()];
  const found =
    services.find(({ ID }) => ID === text) ??
    services.find(({ Spec }) => Spec.Name === text) ??
    services.find(({ ID }) => ID.startsWith(text));
  return found?.ID ?? text;
}

function nodeIdOf(store: Store, text: string): string {
  const nodes = [...store.nodes.values()];
  const found = nodes.find(({ ID, Description }) => ID === text || Description.Hostname === text || text === 'self');
  return found?.ID ?? text;
}
