import { EngineError } from '../swarm/engine-error.ts';
import { matchesLabels, parseFilters } from '../swarm/filters.ts';
import type { SwarmModel } from '../swarm/swarm-model.ts';
import type { Volume } from '../volumes/volume.ts';
import type { Handler } from './request.ts';

/** Volumes of the node that is asked: the first manager. */
export const listVolumes: Handler = ({ query }, model) => {
  const filters = parseFilters(query.get('filters'), ['dangling', 'driver', 'label', 'name']);
  const names = filters.get('name');
  const dangling = filters.get('dangling')?.map((word) => ['1', 'true'].includes(word));
  const found = model.volumes
    .ofNode(hereIn(model))
    .filter(
      (volume) =>
        (names === undefined || names.some((name) => volume.name.includes(name))) &&
        (dangling === undefined || dangling.includes(usersOf(model, volume).length === 0)) &&
        matchesLabels(volume.labels, filters.get('label')),
    );
  return { status: 200, json: { Volumes: found.map(shown), Warnings: null } };
};

export const inspectVolume: Handler = ({ parts }, model) => ({
  status: 200,
  json: shown(findVolume(model, parts.name ?? '')),
});

/** What stands on it goes with it, a cluster of Postgres too. Containers count also after their end. */
export const removeVolume: Handler = ({ parts, query }, model) => {
  const name = parts.name ?? '';
  const isForced = ['1', 'true'].includes(query.get('force') ?? '');
  if (isForced && !model.volumes.find(hereIn(model), name)) return { status: 204, text: '' };
  const volume = findVolume(model, name);
  const users = usersOf(model, volume);
  if (users.length > 0) throw new EngineError(409, `remove ${name}: volume is in use - [${users.join(', ')}]`);
  model.volumes.remove(volume);
  model.clusters.delete(name);
  model.store.changed();
  return { status: 204, text: '' };
};

const hereIn = ({ store }: SwarmModel) => [...store.nodes.keys()][0] ?? '';

function findVolume(model: SwarmModel, name: string): Volume {
  const volume = model.volumes.find(hereIn(model), name);
  if (volume) return volume;
  throw new EngineError(404, `get ${name}: no such volume`);
}

function usersOf({ agent }: SwarmModel, { name, nodeId }: Volume): string[] {
  const mounts = [...agent.records.values()].filter(
    (record) =>
      record.nodeId === nodeId &&
      (record.spec.Mounts ?? []).some(({ Type, Source }) => Type === 'volume' && Source === name),
  );
  return mounts.map(({ id }) => id);
}

function shown({ name, labels, createdAt }: Volume) {
  return {
    CreatedAt: `${new Date(createdAt).toISOString().slice(0, 19)}Z`,
    Driver: 'local',
    Labels: Object.keys(labels).length > 0 ? labels : null,
    Mountpoint: `/var/lib/docker/volumes/${name}/_data`,
    Name: name,
    Options: null,
    Scope: 'local',
  };
}
