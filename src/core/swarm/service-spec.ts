import { createHash } from 'node:crypto';
import type { Platform } from '../domain/platform.ts';
import type { WantedState } from '../domain/release.ts';
import { namesOf, type StackName } from '../domain/stack-name.ts';
import { templateLiteral } from '../domain/variable.ts';
import type { Labels, Mount, ServiceSpec, TaskTemplate, UpdateConfig } from './engine-types.ts';
import { dockerLabel, label } from './labels.ts';
import { databaseHealthScript, databaseInitScript, entryScript, trialVariable, webHealthScript } from './scripts.ts';
import { databaseSlots, databases, webSlots } from './slots.ts';
import { traefikLabels } from './traefik-labels.ts';

export const seconds = (count: number) => count * 1_000_000_000;
export const megabytes = (count: number) => count * 1024 * 1024;

/** The id and name of the current secret object of each slot. */
export type SecretObjects = Readonly<Record<string, { id: string; name: string }>>;

/** What a spec is built from besides the wanted state: objects that exist, and numbers that only grow. */
export interface StackParts {
  readonly stack: StackName;
  readonly networkId: string;
  readonly publicNetworkId: string;
  /** The node of the database, and so of everything in the stack. */
  readonly nodeId: string;
  readonly secrets: SecretObjects;
}

export interface Stamp {
  readonly release: number;
  readonly operation: string;
  readonly epoch: number;
  readonly owner: string;
}

/** oTree: exactly one task, stop-first always, because two oTree processes split groups. */
export function webService(
  state: WantedState,
  parts: StackParts,
  options: { platform: Platform; stamp: Stamp; replicas: 0 | 1; forceUpdate: number; closedPaths: readonly string[] },
): ServiceSpec {
  const { stack } = parts;
  const { platform, stamp, replicas, forceUpdate, closedPaths } = options;
  return {
    Name: namesOf(stack).web,
    Labels: {
      ...stackLabels(state, stack, 'web', stamp),
      [label.host]: state.host,
      [label.state]: replicas === 1 ? 'running' : 'stopped',
      ...(state.guardIdleMinutes !== undefined && { [label.idleMinutes]: String(state.guardIdleMinutes) }),
      [dockerLabel.image]: state.imageGiven,
      ...traefikLabels({
        stack,
        host: state.host,
        port: state.port,
        release: stamp.release,
        tls: platform.tls.mode === 'files' ? 'given' : platform.tls.mode,
        closedPaths,
      }),
    },
    TaskTemplate: stamped({
      ...otreeTask(state, parts, { database: databases.live, restart: 'any' }),
      ForceUpdate: forceUpdate,
    }),
    ...oneTask,
    Mode: { Replicated: { Replicas: replicas } },
    // 15 s: Swarm alone then takes back an image that crashes after 8 s, with nobody left to watch (measured).
    UpdateConfig: stopFirst('rollback', 15),
    RollbackConfig: stopFirst('pause', 5),
  };
}

/** Web's own task without a route, beside the real one, on a database of its own: so a bad image is found in time. */
export function trialService(
  state: WantedState,
  parts: StackParts,
  { stamp, database }: { stamp: Stamp; database: string },
): ServiceSpec {
  return {
    Name: namesOf(parts.stack).trial,
    Labels: stackLabels(state, parts.stack, 'trial', stamp),
    TaskTemplate: stamped(otreeTask(state, parts, { database, restart: 'none' })),
    ...oneTask,
  };
}

export function otreeTask(
  state: WantedState,
  { stack, networkId, publicNetworkId, nodeId, secrets }: StackParts,
  { database, restart }: { database: string; restart: 'any' | 'none' },
): TaskTemplate {
  const slots = [...webSlots, ...state.secrets];
  return {
    ContainerSpec: {
      Image: state.image,
      Labels: { [dockerLabel.namespace]: stack },
      Command: ['/bin/sh', '-c', entryScript],
      Env: [
        'OTREE_PRODUCTION=1',
        'OTREE_AUTH_LEVEL=STUDY',
        'FORWARDED_ALLOW_IPS=*',
        'PYTHONUNBUFFERED=1',
        `PORT=${state.port}`,
        `DATABASE_ADDRESS=${databaseAddress(stack, database)}`,
        ...(database === databases.trial ? [`${trialVariable}=1`] : []),
        ...Object.entries(state.variables)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([name, value]) => `${name}=${templateLiteral(value)}`),
      ],
      Mounts: [{ Type: 'tmpfs', Target: '/oforest', TmpfsOptions: { SizeBytes: megabytes(128), Mode: 0o1777 } }],
      Secrets: mountedSecrets(slots, secrets),
      Healthcheck: {
        Test: ['CMD', '/bin/sh', '-c', webHealthScript, 'oforest', state.healthcheckPath, String(state.port)],
        // The probe waits by itself: this is how soon the first one begins, not how often it asks.
        Interval: seconds(0.3),
        Timeout: seconds(45),
        StartPeriod: seconds(45),
        Retries: 5,
      },
      StopGracePeriod: seconds(30),
      CapabilityDrop: ['ALL'],
    },
    Resources: {
      Limits: {
        MemoryBytes: state.memory.limitBytes,
        Pids: 512,
        ...(state.cpus && { NanoCPUs: Math.round(state.cpus * 1e9) }),
      },
      Reservations: { MemoryBytes: state.memory.reservationBytes },
    },
    RestartPolicy: { Condition: restart, Delay: seconds(2) },
    ...placedOn(nodeId, networkId, publicNetworkId),
  };
}

/** libpq gives up after 5 s, and notices within two minutes when the other side has vanished. */
function databaseAddress(stack: StackName, database: string): string {
  const options = 'connect_timeout=5&keepalives_idle=60&keepalives_interval=10&keepalives_count=6';
  return `${namesOf(stack).db}:5432/${database}?${options}&application_name=oforest-web`;
}

/** Postgres: pinned to one node by id, because a second copy on an empty volume elsewhere is how data is lost. */
export function databaseService(
  state: Pick<WantedState, 'experiment' | 'environment'>,
  { stack, networkId, nodeId, secrets }: StackParts,
  { image, initConfig, stamp }: { image: string; initConfig: { id: string; name: string }; stamp: Stamp },
): ServiceSpec {
  const names = namesOf(stack);
  return {
    Name: names.db,
    Labels: { ...stackLabels(state, stack, 'db', stamp), [dockerLabel.image]: image },
    TaskTemplate: stamped({
      ContainerSpec: {
        Image: image,
        Labels: { [dockerLabel.namespace]: stack },
        Env: [
          'POSTGRES_USER=postgres',
          'POSTGRES_DB=postgres',
          `POSTGRES_PASSWORD_FILE=/run/secrets/POSTGRES_PASSWORD`,
          'PGDATA=/var/lib/postgresql/data/pgdata',
        ],
        Mounts: [mountedVolume(stack, names.dbVolume, '/var/lib/postgresql/data')],
        Secrets: mountedSecrets(databaseSlots, secrets),
        Configs: [
          {
            File: { Name: '/docker-entrypoint-initdb.d/10-oforest.sh', UID: '0', GID: '0', Mode: 0o555 },
            ConfigID: initConfig.id,
            ConfigName: initConfig.name,
          },
        ],
        Healthcheck: {
          Test: ['CMD', '/bin/sh', '-c', databaseHealthScript],
          Interval: seconds(1),
          Timeout: seconds(30),
          StartPeriod: seconds(60),
          Retries: 5,
        },
        StopGracePeriod: seconds(60),
      },
      Resources: { Reservations: { MemoryBytes: megabytes(64) } },
      RestartPolicy: { Condition: 'any', Delay: seconds(2) },
      ...placedOn(nodeId, networkId),
    }),
    ...oneTask,
  };
}

/** The init script as a config: one for all stacks, named after its content. */
export const databaseInitConfig = {
  name: `of.init.${createHash('sha256').update(databaseInitScript).digest('hex').slice(0, 12)}`,
  data: Buffer.from(databaseInitScript),
};

/** What all our services have in common: one task, found at its own address; an update that fails is left as it is. */
export const oneTask = {
  Mode: { Replicated: { Replicas: 1 } },
  UpdateConfig: stopFirst('pause', 5),
  EndpointSpec: { Mode: 'dnsrr' },
} as const satisfies Partial<ServiceSpec>;

/** There are never two tasks at once. */
export function stopFirst(FailureAction: UpdateConfig['FailureAction'], monitorSeconds: number): UpdateConfig {
  return {
    Parallelism: 1,
    FailureAction,
    Monitor: seconds(monitorSeconds),
    MaxFailureRatio: 0,
    Order: 'stop-first',
  };
}

/** The end of a task's template: the one node that it runs on, what it reaches, and how much of its log is kept. */
export function placedOn(nodeId: string, ...networkIds: readonly string[]) {
  return {
    Placement: { Constraints: [`node.id==${nodeId}`] },
    Networks: networkIds.map((Target) => ({ Target })),
    LogDriver: { Name: 'json-file', Options: { 'max-size': '10m', 'max-file': '3' } },
    ForceUpdate: 0,
  } as const satisfies Partial<TaskTemplate>;
}

/** A volume of the stack: labelled as that where Docker makes it for this task. */
export function mountedVolume(stack: StackName, Source: string, Target: string): Mount {
  const Labels = { [label.stack]: stack, [dockerLabel.namespace]: stack };
  return { Type: 'volume', Source, Target, VolumeOptions: { Labels } };
}

export function mountedSecrets(slots: readonly string[], secrets: SecretObjects) {
  return [...slots].sort().map((slot) => {
    const object = secrets[slot];
    if (!object) throw new Error(`no secret object for the slot ${slot}`);
    return {
      File: { Name: slot, UID: '0', GID: '0', Mode: 0o444 } as const,
      SecretID: object.id,
      SecretName: object.name,
    };
  });
}

type Part = 'web' | 'db' | 'trial' | 'job';

export function stackLabels(
  state: Pick<WantedState, 'experiment' | 'environment'>,
  stack: StackName,
  part: Part,
  { release, operation, epoch, owner }: Stamp,
): Labels {
  return {
    [dockerLabel.namespace]: stack,
    [label.stack]: stack,
    [label.part]: part,
    [label.experiment]: state.experiment,
    [label.environment]: state.environment,
    [label.release]: String(release),
    [label.operation]: operation,
    [label.epoch]: String(epoch),
    [label.owner]: owner,
  };
}

/** Marks the containers with the hash of their template: how a task of these settings is told from an earlier one. */
export function stamped(template: TaskTemplate): TaskTemplate {
  const { ContainerSpec } = template;
  return {
    ...template,
    ContainerSpec: { ...ContainerSpec, Labels: { ...ContainerSpec.Labels, [label.task]: taskHash(template) } },
  };
}

function taskHash(template: TaskTemplate): string {
  return createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 16);
}

export function taskHashOf(spec: { TaskTemplate: { ContainerSpec?: { Labels: Labels } } }): string {
  return spec.TaskTemplate.ContainerSpec?.Labels[label.task] ?? '';
}
