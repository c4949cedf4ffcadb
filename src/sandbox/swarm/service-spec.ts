import { EngineError, refused } from './engine-error.ts';
import { checkGoTypes, type GoFields } from './go-json.ts';
import { networksOf } from './networks.ts';
import type { ContainerSpec, Json, ServiceSpec, TaskTemplate, UpdateConfig } from './objects.ts';
import type { Store } from './store.ts';

const validName = /^[a-zA-Z0-9]+(?:[a-zA-Z0-9-_]*[a-zA-Z0-9])?$/;
const validImage = /^(?:[\w.-]+(?::\d+)?\/)?[a-z0-9._/-]+(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/;
const minMemoryBytes = 4 * 1024 * 1024;
const minNanoCpus = 1e6;
const maxRaftBytes = 1.5 * 1024 * 1024;

const goFields: GoFields = [
  ['Name', 'string', 'ServiceSpec.Name'],
  ['Mode.Replicated.Replicas', 'uint64', 'ReplicatedService.Mode.Replicated.Replicas'],
  ['UpdateConfig.Parallelism', 'uint64', 'UpdateConfig.UpdateConfig.Parallelism'],
  ['Labels', 'labels', 'ServiceSpec.Labels'],
  ['Mode', 'mode', 'ServiceSpec.Mode'],
  ['TaskTemplate', 'template', 'ServiceSpec.TaskTemplate'],
  ['TaskTemplate.ForceUpdate', 'uint64', 'TaskSpec.TaskTemplate.ForceUpdate'],
  ['TaskTemplate.ContainerSpec.Command', 'texts', 'ContainerSpec.TaskTemplate.ContainerSpec.Command'],
  ['TaskTemplate.Resources.Limits.MemoryBytes', 'int64', 'Limit.TaskTemplate.Resources.Limits.MemoryBytes'],
];

/** What a client sent, checked as dockerd 20.10 checks it (in its words) and filled in as it shows it. */
export function readServiceSpec(store: Store, body: Json): ServiceSpec {
  checkGoTypes(body, goFields);
  const spec = withoutNulls(body) as ServiceSpec;
  spec.Labels ??= {};
  const template = spec.TaskTemplate as TaskTemplate | undefined;
  const runtime = template?.Runtime ?? 'container';
  if (!['', 'container', 'plugin'].includes(runtime)) throw new EngineError(400, 'unsupported runtime');
  if (!template?.ContainerSpec || runtime === 'plugin')
    throw new EngineError(400, 'mismatched Runtime and *Spec fields');
  spec.Name ||= `${pick(store, adjectives)}_${pick(store, people)}`;
  checkKinds(spec);
  namesToIds(store, spec);
  checkName(spec.Name);
  checkTemplates(template.ContainerSpec);
  checkHealth(template.ContainerSpec);
  checkReplicas(spec);
  checkResources(template);
  checkRestartPolicy(template);
  checkConstraints(template);
  checkContainer(template.ContainerSpec);
  checkUpdateConfig(spec.UpdateConfig);
  checkEndpoint(spec);
  checkReferences(store, template.ContainerSpec);
  if (JSON.stringify(spec).length > maxRaftBytes)
    throw refused('Unknown', "raft: raft message is too large and can't be sent");
  fillIn(spec);
  return spec;
}

const adjectives = ['stoic', 'brave', 'quiet', 'merry'] as const;
const people = ['perlman', 'lovelace', 'hopper', 'noether'] as const;
const pick = (store: Store, words: readonly string[]) => words[store.random(1).charCodeAt(0) % words.length] ?? '';

function checkName(name: string): void {
  if (!validName.test(name)) throw refused('InvalidArgument', 'name must be valid as a DNS name component');
  if (name.length > 63) throw refused('InvalidArgument', 'name must be 63 characters or fewer');
}

/** What dockerd itself refuses before a manager sees it: words it does not know. */
function checkKinds({ Mode, TaskTemplate: template, UpdateConfig, RollbackConfig, EndpointSpec }: ServiceSpec): void {
  const modes = Object.entries(Mode ?? {}).filter(([, value]) => value !== null && value !== undefined);
  if (modes.length > 1) throw new EngineError(400, 'must specify only one service mode');
  for (const { FailureAction = '', Order = '' } of [UpdateConfig ?? {}, RollbackConfig ?? {}]) {
    if (!['', 'pause', 'continue', 'rollback'].includes(FailureAction))
      throw new EngineError(400, `unrecognized update failure action ${FailureAction}`);
    if (!['', 'stop-first', 'start-first'].includes(Order))
      throw new EngineError(400, `unrecognized update order ${Order}`);
  }
  for (const { Type = 'bind' } of template.ContainerSpec.Mounts ?? [])
    if (!['bind', 'volume', 'tmpfs', 'npipe'].includes(Type))
      throw new EngineError(400, `invalid MountType: "${Type}"`);
  const condition = template.RestartPolicy?.Condition ?? 'any';
  if (!['', 'any', 'on-failure', 'none'].includes(condition))
    throw new EngineError(400, `invalid RestartCondition: "${condition}"`);
  for (const { File, Runtime } of template.ContainerSpec.Configs ?? []) {
    if (!File && !Runtime) throw new EngineError(400, 'invalid Config: either File or Runtime should be set');
    if (File && Runtime) throw new EngineError(400, 'invalid Config: cannot specify both File and Runtime');
  }
  const mode = EndpointSpec?.Mode;
  if (mode && !['vip', 'dnsrr'].includes(mode)) throw new EngineError(400, `invalid resolution mode: "${mode}"`);
}

function checkResources({ Resources }: TaskTemplate): void {
  for (const { NanoCPUs = 0, MemoryBytes = 0 } of [Resources?.Limits ?? {}, Resources?.Reservations ?? {}]) {
    if (NanoCPUs !== 0 && NanoCPUs < minNanoCpus)
      throw refused('InvalidArgument', `invalid cpu value ${goFloat(NanoCPUs / 1e9)}: Must be at least 0.001`);
    if (MemoryBytes !== 0 && MemoryBytes < minMemoryBytes)
      throw refused('InvalidArgument', `invalid memory value ${MemoryBytes}: Must be at least 4MiB`);
  }
}

/** Go writes exponents with two digits. */
function goFloat(value: number): string {
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2');
}

function checkRestartPolicy({ RestartPolicy }: TaskTemplate): void {
  const { Delay = 0, Window = 0 } = RestartPolicy ?? {};
  if (Delay < 0) throw refused('InvalidArgument', 'TaskSpec: restart-delay cannot be negative');
  if (Window < 0) throw refused('InvalidArgument', 'TaskSpec: restart-window cannot be negative');
}

function checkConstraints({ Placement }: TaskTemplate): void {
  for (const constraint of Placement?.Constraints ?? []) {
    const parts = constraint.split(/==|!=/);
    if (parts.length < 2) throw refused('Unknown', 'constraint expected one operator from ==, !=');
    const [key = '', ...rest] = parts;
    const value = constraint.slice(key.length + 2).trim();
    if (!/^[a-zA-Z0-9_.-]+$/.test(key.trim())) throw refused('Unknown', `key '${key.trim()}' is invalid`);
    if (rest.length > 1 || !/^[a-zA-Z0-9:\-_\s.*()?+[\]\\^$|/]+$/.test(value))
      throw refused('Unknown', `value '${value}' is invalid`);
  }
}

function checkContainer({ Image, Mounts = [] }: ContainerSpec): void {
  if (!Image) throw refused('InvalidArgument', 'ContainerSpec: image reference must be provided');
  if (!validImage.test(Image))
    throw refused('InvalidArgument', `ContainerSpec: "${Image}" is not a valid repository/tag`);
  const targets = new Set<string>();
  for (const { Target = '' } of Mounts) {
    if (targets.has(Target)) throw refused('InvalidArgument', `ContainerSpec: duplicate mount point: ${Target}`);
    targets.add(Target);
  }
}

function checkUpdateConfig(config: UpdateConfig | undefined): void {
  const { Delay = 0, Monitor = 0, MaxFailureRatio = 0 } = config ?? {};
  if (Delay < 0) throw refused('InvalidArgument', 'TaskSpec: update-delay cannot be negative');
  if (Monitor < 0) throw refused('InvalidArgument', 'TaskSpec: update-monitor cannot be negative');
  if (MaxFailureRatio < 0 || MaxFailureRatio > 1)
    throw refused('InvalidArgument', 'TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1');
}

function checkEndpoint({ EndpointSpec }: ServiceSpec): void {
  const ports = EndpointSpec?.Ports ?? [];
  const ingress = ports.some(({ PublishMode = 'ingress' }) => PublishMode !== 'host');
  if (EndpointSpec?.Mode === 'dnsrr' && ingress)
    throw refused('InvalidArgument', "EndpointSpec: port published with ingress mode can't be used with dnsrr mode");
  const seen = new Set<string>();
  for (const { PublishMode = 'ingress', PublishedPort = 0, Protocol = 'tcp' } of ports) {
    if (PublishedPort === 0) continue;
    const key = `${PublishMode}/${PublishedPort}/${Protocol}`;
    if (seen.has(key)) throw refused('InvalidArgument', 'EndpointSpec: duplicate published ports provided');
    seen.add(key);
  }
}

/** Networks may be named; what is stored are their ids. The older place for them, at the top, stays where it is. */
function namesToIds(store: Store, spec: ServiceSpec): void {
  for (const holder of [spec.TaskTemplate, spec])
    if (holder.Networks)
      holder.Networks = holder.Networks.map((network) => ({ ...network, Target: idOfNetwork(store, network.Target) }));
}

function idOfNetwork(store: Store, Target: string): string {
  if (Target === 'none')
    throw new EngineError(404, 'could not find the corresponding predefined swarm network: network none not found');
  if (Target === 'ingress')
    throw refused('InvalidArgument', 'Service cannot be explicitly attached to the ingress network "ingress"');
  const [id] = networksOf([{ Target }], store);
  if (id === undefined) throw new EngineError(500, `network ${Target} not found`);
  return id;
}

/** Go templates in variables, host names and mounts are tried when a service is made. */
function checkTemplates({ Env = [], Hostname, Mounts = [] }: ContainerSpec): void {
  for (const variable of Env) {
    const wrong = templateError(variable);
    if (wrong) throw refused('InvalidArgument', `expanding env failed: expanding env ${goQuoted(variable)}: ${wrong}`);
  }
  const ofHost = templateError(String(Hostname ?? ''));
  if (ofHost) throw refused('InvalidArgument', `expanding hostname failed: ${ofHost}`);
  for (const { Source = '' } of Mounts) {
    const wrong = templateError(Source);
    if (wrong)
      throw refused('InvalidArgument', `expanding mounts failed: expanding mount source ${goQuoted(Source)}: ${wrong}`);
  }
}

const goQuoted = (text: string) => JSON.stringify(text);
const knownFields = /^\.(Service|Node|Task)\.(ID|Name|Labels|Hostname|Platform|Slot)\b/;

function templateError(text: string): string | undefined {
  const at = text.indexOf('{{');
  if (at < 0) return undefined;
  const value = text.includes('=') && /^\w+=/.test(text) ? text.slice(text.indexOf('=') + 1) : text;
  const inner = /\{\{\s*(.*?)\s*\}\}/.exec(value)?.[1];
  if (inner === undefined) return 'template: expansion:1: unclosed action';
  if (knownFields.test(inner)) return undefined;
  const [word = ''] = inner.split(/\s/);
  if (!word.startsWith('.'))
    return /^[a-z]/i.test(word) ? `template: expansion:1: function "${word}" not defined` : undefined;
  const column = value.indexOf('{{') + 2;
  return `template: expansion:1:${column}: executing "expansion" at <${word}>: can't evaluate field ${word.slice(1)} in type *template.Context`;
}

function checkHealth({ Healthcheck = {} }: ContainerSpec): void {
  const { Retries = 0 } = Healthcheck;
  for (const name of ['Interval', 'Timeout', 'StartPeriod'] as const) {
    const value = Healthcheck[name] ?? 0;
    if (value !== 0 && value < 1e6)
      throw refused('InvalidArgument', `ContainerSpec: ${name} in HealthConfig cannot be less than 1ms`);
  }
  if (Retries < 0) throw refused('InvalidArgument', 'ContainerSpec: Retries in HealthConfig cannot be negative');
}

function checkReplicas({ Mode, UpdateConfig }: ServiceSpec): void {
  if ((Mode?.Replicated?.Replicas ?? 0) >= 2 ** 63)
    throw refused('InvalidArgument', 'Number of replicas must be non-negative');
  if ((Mode?.ReplicatedJob || Mode?.GlobalJob) && UpdateConfig)
    throw refused('InvalidArgument', 'Jobs may not have an update config');
}

interface Reference {
  id: string;
  name: string;
  target: string | undefined;
}

function checkReferences(store: Store, { Secrets = [], Configs = [] }: ContainerSpec): void {
  const secrets = Secrets.map(({ SecretID, SecretName, File }) => ({
    id: SecretID,
    name: SecretName,
    target: File?.Name,
  }));
  const configs = Configs.filter(({ File }) => File).map(({ ConfigID, ConfigName, File }) => ({
    id: ConfigID,
    name: ConfigName,
    target: File?.Name,
  }));
  checkTargets('secret', secrets);
  checkTargets('config', configs);
  checkPresent('secret', secrets, store);
  checkPresent('config', configs, store);
}

function checkTargets(sort: 'secret' | 'config', references: readonly Reference[]): void {
  const byTarget = new Map<string, string>();
  for (const { id, name, target } of references) {
    if (!id || !name) throw refused('InvalidArgument', `malformed ${sort} reference`);
    if (target === undefined) throw refused('InvalidArgument', `malformed ${sort} reference, no target provided`);
    if (target === '')
      throw refused('InvalidArgument', `malformed file ${sort} reference, invalid target file name provided`);
    const earlier = byTarget.get(target);
    if (earlier !== undefined)
      throw refused(
        'InvalidArgument',
        `${sort} references '${earlier}' and '${name}' have a conflicting target: '${target}'`,
      );
    byTarget.set(target, name);
  }
}

function checkPresent(sort: 'secret' | 'config', references: readonly Reference[], store: Store): void {
  const objects = sort === 'secret' ? store.secrets : store.configs;
  const missing = references.filter(({ id, name }) => objects.get(id)?.Spec.Name !== name).map(({ name }) => name);
  if (missing.length > 0)
    throw refused('InvalidArgument', `${sort}${missing.length > 1 ? 's' : ''} not found: ${missing.join(', ')}`);
}

function fillIn(spec: ServiceSpec): void {
  const template = spec.TaskTemplate;
  template.ForceUpdate ??= 0;
  template.Runtime ??= 'container';
  template.ContainerSpec.Isolation ??= 'default';
  if (template.RestartPolicy) template.RestartPolicy = { Condition: 'any', MaxAttempts: 0, ...template.RestartPolicy };
  for (const mount of template.ContainerSpec.Mounts ?? []) mount.Type ||= 'bind';
  const { ReplicatedJob, Global, GlobalJob } = spec.Mode ?? {};
  if (ReplicatedJob) {
    const MaxConcurrent = ReplicatedJob.MaxConcurrent ?? 1;
    spec.Mode = { ReplicatedJob: { MaxConcurrent, TotalCompletions: ReplicatedJob.TotalCompletions ?? MaxConcurrent } };
  } else if (!Global && !GlobalJob) spec.Mode = { Replicated: { Replicas: spec.Mode?.Replicated?.Replicas ?? 1 } };
  for (const part of ['UpdateConfig', 'RollbackConfig'] as const)
    if (spec[part])
      spec[part] = { Parallelism: 0, FailureAction: 'pause', MaxFailureRatio: 0, Order: 'stop-first', ...spec[part] };
  if (spec.EndpointSpec) {
    spec.EndpointSpec.Mode ??= 'vip';
    const kinds = { Protocol: 'tcp', PublishMode: 'ingress' } as const;
    if (spec.EndpointSpec.Ports)
      spec.EndpointSpec.Ports = spec.EndpointSpec.Ports.map((port) => ({ ...kinds, ...port }));
  }
  dropEmpty(spec.TaskTemplate as unknown as Json);
}

/** Go takes null for nothing given. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const given = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(given.map(([key, inner]) => [key, withoutNulls(inner)]));
}

/** Empty lists do not come back from dockerd. */
function dropEmpty(value: Json): void {
  for (const [key, inner] of Object.entries(value)) {
    if (Array.isArray(inner) && inner.length === 0) delete value[key];
    else if (typeof inner === 'object' && inner !== null && !Array.isArray(inner)) dropEmpty(inner as Json);
  }
}
