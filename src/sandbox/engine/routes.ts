import * as objects from '../swarm/configs-and-secrets.ts';
import { EngineError, refused } from '../swarm/engine-error.ts';
import { matchesLabels, matchesOne, matchesStart, parseFilters } from '../swarm/filters.ts';
import * as networks from '../swarm/networks.ts';
import { findNode } from '../swarm/nodes.ts';
import type { Json, Node } from '../swarm/objects.ts';
import * as services from '../swarm/services.ts';
import { readFiles, statFile, writeFiles } from './archive-routes.ts';
import { containerRoutes } from './container-routes.ts';
import { events } from './events.ts';
import { serviceLogs, taskLogs } from './logs.ts';
import { bodyOf, checkJsonType, type Handler, versionOf } from './request.ts';
import { inspectTask, listTasks } from './task-routes.ts';
import { inspectVolume, listVolumes, removeVolume } from './volume-routes.ts';

export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly handler: Handler;
  /** Whether it asks the managers, and so fails without a leader. */
  readonly ofSwarm: boolean;
}

/** Everything below `/v1.41/` but `_ping`, `version` and `info`, which need no Swarm. */
export function makeRoutes(): readonly Route[] {
  const containers = containerRoutes();
  const table: [string, Handler][] = [
    ['GET /services', listServices],
    ['POST /services/create', createService],
    ['GET /services/:id', inspectService],
    ['POST /services/:id/update', updateService],
    ['DELETE /services/:id', removeService],
    ['GET /services/:id/logs', serviceLogs],
    ['GET /tasks', listTasks],
    ['GET /tasks/:id', inspectTask],
    ['GET /tasks/:id/logs', taskLogs],
    ['GET /networks', listNetworks],
    ['POST /networks/create', createNetwork],
    ['GET /networks/:id', inspectNetwork],
    ['DELETE /networks/:id', removeNetwork],
    ...(['secret', 'config'] as const).flatMap(objectRoutes),
    ['GET /nodes', listNodes],
    ['GET /nodes/:id', inspectNode],
    ['POST /nodes/:id/update', updateNode],
    ['GET /distribution/*name/json', distribution],
    ['GET /swarm', inspectSwarm],
    ['GET /events', events],
    ['GET /containers/json', containers.list],
    ['GET /containers/:id/json', containers.inspect],
    ['POST /containers/:id/exec', containers.createExec],
    ['POST /exec/:id/start', containers.startExec],
    ['GET /exec/:id/json', containers.inspectExec],
    ['HEAD /containers/:id/archive', statFile],
    ['GET /containers/:id/archive', readFiles],
    ['PUT /containers/:id/archive', writeFiles],
    ['GET /volumes', listVolumes],
    ['GET /volumes/:name', inspectVolume],
    ['DELETE /volumes/:name', removeVolume],
  ];
  return table.map(([words, handler]) => {
    const [method = '', path = ''] = words.split(' ');
    const pattern = new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)').replace(/\*(\w+)/g, '(?<$1>.+)')}$`);
    return { method, pattern, handler, ofSwarm: /^\/(services|tasks|secrets|configs|nodes|swarm)/.test(path) };
  });
}

const listServices: Handler = ({ query }, { store }) => {
  const filters = parseFilters(query.get('filters'), ['id', 'label', 'mode', 'name', 'runtime'], 400);
  const found = services.listServices(store, filters);
  const status = ['1', 'true'].includes(query.get('status') ?? '');
  return { status: 200, json: status ? found.map((service) => services.withStatus(store, service)) : found };
};

const createService: Handler = (request, model) => ({
  status: 201,
  json: { ID: model.createService(bodyOf(request)).ID },
});

const inspectService: Handler = ({ parts, query }, { store }) => {
  const service = services.findService(store, parts.id ?? '');
  return { status: 200, json: query.get('insertDefaults') === 'true' ? services.withDefaults(service) : service };
};

const updateService: Handler = (request, model) => {
  const version = versionOf(request, 'service');
  model.updateService(request.parts.id ?? '', {
    version,
    rollback: request.query.get('rollback'),
    body: bodyOf(request),
  });
  return { status: 200, json: { Warnings: null } };
};

const removeService: Handler = ({ parts }, model) => {
  model.removeService(parts.id ?? '');
  return { status: 200, text: '' };
};

const listNetworks: Handler = ({ query }, { store }) => {
  const filters = parseFilters(query.get('filters'), ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type']);
  return { status: 200, json: networks.listNetworks(store, filters) };
};

const createNetwork: Handler = (request, { store }) => {
  checkJsonType(request);
  return { status: 201, json: networks.createNetwork(store, bodyOf(request)) };
};

const inspectNetwork: Handler = ({ parts }, { store }) => ({
  status: 200,
  json: networks.findNetwork(store, parts.id ?? ''),
});

const removeNetwork: Handler = ({ parts }, { store }) => {
  networks.removeNetwork(store, parts.id ?? '');
  return { status: 204, text: '' };
};

const goTypeOf = { secret: 'swarm.SecretSpec', config: 'swarm.ConfigSpec' } as const;

/** Secrets and configs have the same five. */
function objectRoutes(sort: 'secret' | 'config'): [string, Handler][] {
  const list: Handler = ({ query }, { store }) => {
    const filters = parseFilters(query.get('filters'), ['id', 'label', 'name', 'names']);
    const found = objects.listObjects(store, sort, filters);
    return { status: 200, json: found.map((one) => objects.shownObject(sort, one)) };
  };
  const create: Handler = (request, { store }) => ({
    status: 201,
    json: { ID: objects.createObject(store, sort, bodyOf(request, goTypeOf[sort])) },
  });
  const inspect: Handler = ({ parts }, { store }) => ({
    status: 200,
    json: objects.shownObject(sort, objects.findObject(store, sort, parts.id ?? '')),
  });
  const update: Handler = (request, { store }) => {
    objects.updateObject(
      store,
      sort,
      request.parts.id ?? '',
      versionOf(request, sort),
      bodyOf(request, goTypeOf[sort]),
    );
    return { status: 200, text: '' };
  };
  const remove: Handler = ({ parts }, { store }) => {
    objects.removeObject(store, sort, parts.id ?? '');
    return { status: 204, text: '' };
  };
  return [
    [`GET /${sort}s`, list],
    [`POST /${sort}s/create`, create],
    [`GET /${sort}s/:id`, inspect],
    [`POST /${sort}s/:id/update`, update],
    [`DELETE /${sort}s/:id`, remove],
  ];
}

const listNodes: Handler = ({ query }, { store }) => {
  const filters = parseFilters(query.get('filters'), ['id', 'label', 'membership', 'name', 'node.label', 'role']);
  const found = [...store.nodes.values()].filter(
    ({ ID, Spec, Description }) =>
      matchesStart(ID, filters.get('id')) &&
      matchesStart(Description.Hostname, filters.get('name')) &&
      matchesOne(Spec.Role, filters.get('role')) &&
      matchesLabels(Spec.Labels, filters.get('node.label')),
  );
  return { status: 200, json: found };
};

const inspectNode: Handler = ({ parts }, { store }) => ({ status: 200, json: findNode(store, parts.id ?? '') });

/** What an admin may say of a node: labels, role, and whether it takes tasks. */
const updateNode: Handler = (request, { store }) => {
  const node = findNode(store, request.parts.id ?? '');
  const version = versionOf(request, 'node');
  const { Labels = {}, Role = node.Spec.Role, Availability = 'active' } = bodyOf(request) as Partial<Node['Spec']>;
  if (!['active', 'pause', 'drain'].includes(Availability))
    throw new EngineError(400, `invalid Availability: "${Availability}"`);
  store.checkVersion(node, version);
  if (Role === 'worker' && node.Spec.Role === 'manager')
    throw refused('FailedPrecondition', 'attempting to demote the last manager of the swarm');
  node.Spec = { ...node.Spec, Labels, Role, Availability };
  store.touch(node);
  return { status: 200, text: '' };
};

/** Asks the registry, as clients do before they deploy a tag. */
const distribution: Handler = ({ parts }, { images }) => {
  const name = parts.name ?? '';
  if (!/^[a-z0-9._\-/:@]+$/.test(name))
    throw new EngineError(400, 'invalid reference format: repository name must be lowercase');
  const found = images.describe(name);
  if ('error' in found) throw new EngineError(found.status, found.error);
  const { digest, size, platform } = found;
  const Descriptor = { mediaType: 'application/vnd.docker.distribution.manifest.v2+json', digest, size };
  return { status: 200, json: { Descriptor, Platforms: [platform] } };
};

const inspectSwarm: Handler = (_request, { store }) => {
  const orchestration: Json = { TaskHistoryRetentionLimit: 5 };
  return {
    status: 200,
    json: { ID: 'sandbox', Version: { Index: store.index }, Spec: { Name: 'default', Orchestration: orchestration } },
  };
};

/** The handler of a request; throws what dockerd says of an address it does not know. */
export function routeOf(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; parts: Record<string, string> } {
  const found = routes.filter(({ pattern }) => pattern.test(path));
  const route = found.find((one) => one.method === method);
  if (route) {
    const groups = route.pattern.exec(path)?.groups ?? {};
    return {
      route,
      parts: Object.fromEntries(Object.entries(groups).map(([name, text]) => [name, decodeURIComponent(text)])),
    };
  }
  throw new EngineError(404, 'page not found');
}
