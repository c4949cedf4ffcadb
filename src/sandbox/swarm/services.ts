import { EngineError, refused } from './engine-error.ts';
import { type Filters, matchesLabels, matchesOne, matchesStart } from './filters.ts';
import { allocateVirtual, attachedTo, networksOf } from './networks.ts';
import { hasEnded, type Json, type Port, type Service, type ServiceSpec } from './objects.ts';
import { readServiceSpec } from './service-spec.ts';
import { findOne, type Store } from './store.ts';

export function createService(store: Store, body: Json): Service {
  const spec = readServiceSpec(store, body);
  if ([...store.services.values()].some((one) => one.Spec.Name.toLowerCase() === spec.Name.toLowerCase()))
    throw refused('AlreadyExists', `name conflicts with an existing object: service ${spec.Name} already exists`);
  checkIngressPorts(store, spec, undefined);
  const service: Service = { ...store.stored(), Spec: spec, Endpoint: {} };
  service.Endpoint = endpointOf(store, spec);
  if (spec.Mode.ReplicatedJob) service.JobStatus = { JobIteration: {}, LastExecution: store.time() };
  store.services.set(service.ID, service);
  store.revise(service.ID);
  store.emit('service', 'create', service.ID, { name: spec.Name });
  return service;
}

/** Replaces the spec, or puts the previous one back. */
export function updateService(
  store: Store,
  text: string,
  { version, rollback, body }: { version: number; rollback: string | null; body: Json },
): Service {
  const service = findService(store, text);
  if (rollback !== null && rollback !== '' && rollback !== 'previous' && rollback !== 'none')
    throw new EngineError(500, `unrecognized rollback option ${rollback}`);
  if (rollback !== 'previous' && body.Name !== service.Spec.Name)
    throw refused('Unimplemented', 'renaming services is not supported');
  const spec = rollback === 'previous' ? service.Spec : readServiceSpec(store, body);
  store.checkVersion(service, version);
  if (rollback === 'previous') return putBack(store, service);
  if (modeOf(spec) !== modeOf(service.Spec)) throw refused('Unimplemented', 'service mode change is not allowed');
  checkIngressPorts(store, spec, service.ID);
  service.PreviousSpec = service.Spec;
  service.Spec = spec;
  service.Endpoint = endpointOf(store, spec, service);
  delete service.UpdateStatus;
  store.touch(service);
  store.revise(service.ID);
  if (spec.Mode.ReplicatedJob)
    service.JobStatus = {
      JobIteration: { Index: (service.JobStatus?.JobIteration.Index ?? 0) + 1 },
      LastExecution: store.time(),
    };
  store.emit('service', 'update', service.ID, { name: spec.Name });
  return service;
}

function putBack(store: Store, service: Service): Service {
  if (!service.PreviousSpec) throw refused('FailedPrecondition', `service ${service.ID} does not have a previous spec`);
  const current = service.Spec;
  service.Spec = service.PreviousSpec;
  service.PreviousSpec = current;
  store.unrevise(service.ID);
  service.UpdateStatus = { State: 'rollback_started', StartedAt: store.time(), Message: 'manually requested rollback' };
  store.touch(service);
  store.emit('service', 'update', service.ID, { name: service.Spec.Name });
  return service;
}

export function findService(store: Store, text: string): Service {
  return findOne(store.services.values(), text, {
    idOf: ({ ID }) => ID,
    nameOf: ({ Spec }) => Spec.Name,
    notFound: `service ${text} not found`,
    kind: 'service',
  });
}

export function listServices(store: Store, filters: Filters): Service[] {
  return [...store.services.values()].filter(
    ({ ID, Spec }) =>
      matchesStart(ID, filters.get('id')) &&
      matchesStart(Spec.Name, filters.get('name')) &&
      matchesLabels(Spec.Labels, filters.get('label')) &&
      matchesOne(modeOf(Spec), filters.get('mode')),
  );
}

/** Gone at once; its tasks are stopped and go later. */
export function removeService(store: Store, text: string): Service {
  const service = findService(store, text);
  store.services.delete(service.ID);
  store.revisions.delete(service.ID);
  store.changed();
  store.emit('service', 'remove', service.ID, { name: service.Spec.Name });
  return service;
}

/** With `?status=true`: how many tasks run, and how many should. */
export function withStatus(store: Store, service: Service): Json {
  const tasks = store.tasksOf(service.ID);
  return {
    ...service,
    ServiceStatus: {
      RunningTasks: tasks.filter(({ Status }) => Status.State === 'running').length,
      DesiredTasks:
        service.Spec.Mode.Replicated?.Replicas ?? tasks.filter(({ DesiredState }) => !hasEnded(DesiredState)).length,
      CompletedTasks: service.JobStatus ? tasks.filter(({ Status }) => Status.State === 'complete').length : 0,
    },
  };
}

export function modeOf({ Mode }: ServiceSpec): string {
  if (Mode.Global) return 'global';
  if (Mode.ReplicatedJob) return 'replicated-job';
  return Mode.GlobalJob ? 'global-job' : 'replicated';
}

function endpointOf(store: Store, spec: ServiceSpec, earlier?: Service): Json {
  const { EndpointSpec } = spec;
  const Ports = EndpointSpec?.Ports?.map((port) => ({ ...port, PublishedPort: port.PublishedPort ?? freePort(store) }));
  if (EndpointSpec?.Mode === 'dnsrr') return { Spec: Ports ? { ...EndpointSpec } : {}, ...(Ports && { Ports }) };
  const kept = (earlier?.Endpoint.VirtualIPs as { NetworkID: string; Addr: string }[] | undefined) ?? [];
  const isPublished = Ports?.some(({ PublishMode }) => PublishMode !== 'host');
  const onIngress = isPublished
    ? [...store.networks.values()].filter(({ Ingress }) => Ingress).map(({ Id }) => Id)
    : [];
  const VirtualIPs = [...onIngress, ...networksOf(attachedTo(spec), store)].map((NetworkID) => ({
    NetworkID,
    Addr: kept.find((one) => one.NetworkID === NetworkID)?.Addr ?? allocateVirtual(store, NetworkID) ?? '',
  }));
  return {
    Spec: EndpointSpec ? { ...EndpointSpec } : {},
    ...(Ports && { Ports }),
    ...(VirtualIPs.length > 0 && { VirtualIPs }),
  };
}

/** Where a service names no port, Swarm gives one from 30000 on. */
function freePort(store: Store): number {
  const taken = [...store.services.values()].flatMap(({ Endpoint }) => (Endpoint.Ports as Port[] | undefined) ?? []);
  let port = 30_000;
  while (taken.some(({ PublishedPort }) => PublishedPort === port)) port += 1;
  return port;
}

/** What dockerd assumes where a spec is silent; shown on demand alone. */
export function withDefaults(service: Service): Service {
  const { Spec } = service;
  const { TaskTemplate: template } = Spec;
  const updates = {
    Parallelism: 1,
    FailureAction: 'pause',
    Monitor: 5e9,
    MaxFailureRatio: 0,
    Order: 'stop-first',
  } as const;
  return {
    ...service,
    Spec: {
      ...Spec,
      TaskTemplate: {
        ...template,
        ContainerSpec: { StopGracePeriod: 10e9, DNSConfig: {}, ...template.ContainerSpec },
        Resources: template.Resources ?? {},
        RestartPolicy: { Condition: 'any', Delay: 5e9, MaxAttempts: 0, ...template.RestartPolicy },
        Placement: template.Placement ?? {},
      },
      UpdateConfig: { ...updates, ...Spec.UpdateConfig },
      RollbackConfig: { ...updates, ...Spec.RollbackConfig },
    },
  };
}

/** A port of the ingress network is taken on every node, whoever else wants it; ports of hosts are the tasks' business. */
function checkIngressPorts(store: Store, spec: ServiceSpec, own: string | undefined): void {
  for (const { PublishedPort = 0, Protocol = 'tcp', PublishMode } of spec.EndpointSpec?.Ports ?? []) {
    if (PublishedPort === 0) continue;
    for (const other of store.services.values()) {
      const taken = (other.Spec.EndpointSpec?.Ports ?? []).find(
        (port) => port.PublishedPort === PublishedPort && (port.Protocol ?? 'tcp') === Protocol,
      );
      if (!taken || other.ID === own || (taken.PublishMode === 'host' && PublishMode === 'host')) continue;
      const kind = taken.PublishMode === 'host' ? 'a host-published' : 'an ingress';
      throw refused(
        'InvalidArgument',
        `port '${PublishedPort}' is already in use by service '${other.Spec.Name}' (${other.ID}) as ${kind} port`,
      );
    }
  }
}
