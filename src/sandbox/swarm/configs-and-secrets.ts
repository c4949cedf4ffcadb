import { EngineError, refused } from './engine-error.ts';
import { type Filters, matchesLabels, matchesStart } from './filters.ts';
import { badBase64, checkGoTypes } from './go-json.ts';
import type { ConfigOrSecret, Json, Labels } from './objects.ts';
import { findOne, type Store } from './store.ts';

type Sort = 'config' | 'secret';
const maxBytes = { config: 1000 * 1024, secret: 500 * 1024 } as const;
const validName = /^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_.]*[a-zA-Z0-9])?$/;

const mapOf = (store: Store, sort: Sort) => (sort === 'config' ? store.configs : store.secrets);

/** Configs and secrets are one thing with two names: immutable but for labels, unique by name whatever its case. */
export function createObject(store: Store, sort: Sort, spec: Json): string {
  const go = sort === 'config' ? 'ConfigSpec' : 'SecretSpec';
  checkGoTypes(spec, [
    ['Name', 'string', `${go}.Name`],
    ['Data', 'bytes', `${go}.Data`],
  ]);
  const { Name = '', Data = '' } = spec as { Name?: string; Data?: string };
  const bad = badBase64(Data);
  if (bad !== undefined) throw new EngineError(400, `illegal base64 data at input byte ${bad}`);
  const driver = (spec.Driver as { Name?: string } | undefined)?.Name;
  if (driver !== undefined) throw refused('Unknown', `plugin "${driver}" not found`);
  if (Name === '') throw refused('InvalidArgument', 'name must be provided');
  if (Name.length > 64 || !validName.test(Name))
    throw refused(
      'InvalidArgument',
      `invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]`,
    );
  const size = Buffer.from(Data, 'base64').length;
  if (size === 0 || size >= maxBytes[sort])
    throw refused('InvalidArgument', `${sort} data must be larger than 0 and less than ${maxBytes[sort]} bytes`);
  const objects = mapOf(store, sort);
  if ([...objects.values()].some((one) => one.Spec.Name.toLowerCase() === Name.toLowerCase()))
    throw refused('AlreadyExists', `${sort} ${Name} already exists`);
  const object = { ...store.stored(), Spec: { ...spec, Name, Labels: (spec.Labels as Labels) ?? {}, Data } };
  objects.set(object.ID, object);
  store.emit(sort, 'create', object.ID, { name: Name });
  return object.ID;
}

export function findObject(store: Store, sort: Sort, text: string): ConfigOrSecret {
  return findOne(mapOf(store, sort).values(), text, {
    idOf: ({ ID }) => ID,
    nameOf: ({ Spec }) => Spec.Name,
    notFound: `${sort} ${text} not found`,
    kind: sort,
  });
}

export function listObjects(store: Store, sort: Sort, filters: Filters): ConfigOrSecret[] {
  return [...mapOf(store, sort).values()].filter(
    ({ ID, Spec }) =>
      (!isNamed(filters) ||
        isAmong(ID, filters.get('id')) ||
        isAmong(Spec.Name, filters.get('name')) ||
        isAmong(Spec.Name, filters.get('names'))) &&
      matchesLabels(Spec.Labels, filters.get('label')),
  );
}

/** Ids and names together find either of them; labels narrow that. */
function isNamed(filters: Filters): boolean {
  return ['id', 'name', 'names'].some((name) => filters.has(name));
}

const isAmong = (text: string, starts: readonly string[] | undefined) =>
  starts !== undefined && matchesStart(text, starts);

export function updateObject(store: Store, sort: Sort, text: string, version: number, spec: Json): void {
  const object = findObject(store, sort, text);
  const sameName = spec.Name === object.Spec.Name;
  const sameData = spec.Data === undefined || spec.Data === '' || spec.Data === null || spec.Data === object.Spec.Data;
  if (!sameName || !sameData) throw refused('InvalidArgument', 'only updates to Labels are allowed');
  store.checkVersion(object, version);
  object.Spec = { ...object.Spec, Labels: (spec.Labels as Labels) ?? {} };
  store.touch(object);
  store.emit(sort, 'update', object.ID, { name: object.Spec.Name });
}

/** Versions do not count here; a service that names it does. */
export function removeObject(store: Store, sort: Sort, text: string): void {
  const object = findObject(store, sort, text);
  const users = [...store.services.values()].filter(({ Spec }) => {
    const { Configs, Secrets } = Spec.TaskTemplate.ContainerSpec ?? {};
    return sort === 'config'
      ? (Configs ?? []).some(({ ConfigID }) => ConfigID === object.ID)
      : (Secrets ?? []).some(({ SecretID }) => SecretID === object.ID);
  });
  if (users.length > 0) {
    const names = users.map(({ Spec }) => Spec.Name).join(', ');
    const services = users.length > 1 ? 'services' : 'service';
    throw refused('InvalidArgument', `${sort} '${object.Spec.Name}' is in use by the following ${services}: ${names}`);
  }
  mapOf(store, sort).delete(object.ID);
  store.changed();
  store.emit(sort, 'remove', object.ID, { name: object.Spec.Name });
}

/** As clients see it: the data of a secret is never given back. */
export function shownObject(sort: Sort, object: ConfigOrSecret): Json {
  if (sort === 'config') return { ...object };
  const { Data: _never, ...spec } = object.Spec;
  return { ...object, Spec: spec };
}
