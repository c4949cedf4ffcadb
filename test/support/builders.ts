import { gzipSync } from 'node:zlib';
import { parseEnvironment } from '../../src/core/domain/environment.ts';
import { parseExperimentName } from '../../src/core/domain/experiment-name.ts';
import type { GuardCounts, PeopleByRow, PeopleTold } from '../../src/core/domain/guard.ts';
import type { OperationRequest } from '../../src/core/domain/operation-request.ts';
import type { Platform } from '../../src/core/domain/platform.ts';
import type { ReleaseState, WantedState } from '../../src/core/domain/release.ts';
import { namesOf, type StackName, stackName } from '../../src/core/domain/stack-name.ts';
import { recordLabels } from '../../src/core/records/record.ts';
import type { ReleaseRecord } from '../../src/core/records/release-record.ts';
import {
  type ConfigObject,
  type ContainerState,
  type EngineInfo,
  type Labels,
  type Node,
  Service,
  type ServiceSpec,
  type Task,
} from '../../src/core/swarm/engine-types.ts';
import { label } from '../../src/core/swarm/labels.ts';
import type { ObservedStack } from '../../src/core/swarm/observe-stack.ts';
import { closedPathsOf } from '../../src/core/swarm/otree-version.ts';
import {
  databaseService,
  oneTask,
  type SecretObjects,
  type StackParts,
  type Stamp,
  webService,
} from '../../src/core/swarm/service-spec.ts';
import { databaseSlots, webSlots } from '../../src/core/swarm/slots.ts';

/** What a test does not care about. Whatever matters in a test is given by the test. */

export const myExp: StackName = stackName(parseExperimentName('my-exp'), parseEnvironment('production'));
export const digestOf = (letter: string) => `sha256:${letter.repeat(64)}`;
const someTime = '2025-01-01T09:00:00.000Z';
const mebibyte = 1024 * 1024;

export function aPlatform(more: Partial<Platform> = {}): Platform {
  return {
    format: 1,
    domain: 'lab.test',
    addresses: [],
    tls: { mode: 'files', chain: 'a chain' },
    httpPort: 80,
    httpsPort: 443,
    entryNode: 'node1',
    images: { traefik: `traefik:v3.7@${digestOf('d')}`, postgres: `postgres:17@${digestOf('e')}` },
    preparedAt: someTime,
    ...more,
  };
}

export function aState(more: Partial<WantedState> = {}): WantedState {
  return {
    experiment: 'my-exp',
    environment: 'production',
    imageGiven: 'registry.test/lab/my-exp:v1',
    image: `registry.test/lab/my-exp@${digestOf('a')}`,
    host: 'my-exp.lab.test',
    port: 8000,
    healthcheckPath: '/login',
    memory: { reservationBytes: 256 * mebibyte, limitBytes: 512 * mebibyte },
    variables: {},
    secrets: [],
    ...more,
  };
}

/** The state with another image, as if the same reference had been built anew. */
export function withImage(letter: string, more: Partial<WantedState> = {}): WantedState {
  return aState({ image: `registry.test/lab/my-exp@${digestOf(letter)}`, ...more });
}

export function aStamp(more: Partial<Stamp> = {}): Stamp {
  return { release: 1, operation: 'operation1', epoch: 1, owner: 'ada@laptop (SSH, not verified)', ...more };
}

/** An object for each slot: `id-of-OTREE_REST_KEY`. */
export function secretObjects(slots: readonly string[] = []): SecretObjects {
  const all = [...new Set([...databaseSlots, ...webSlots, ...slots])];
  return Object.fromEntries(all.map((slot) => [slot, { id: `id-of-${slot}`, name: `my-exp_${slot.toLowerCase()}` }]));
}

export function someParts(more: Partial<StackParts> = {}): StackParts {
  return {
    stack: myExp,
    networkId: 'own-network',
    publicNetworkId: 'public-network',
    nodeId: 'node1',
    secrets: secretObjects(),
    ...more,
  };
}

export function aWebSpec(
  state: WantedState,
  { parts = {}, ...more }: { parts?: Partial<StackParts> } & Partial<Parameters<typeof webService>[2]> = {},
): ServiceSpec {
  return webService(state, someParts({ secrets: secretObjects(state.secrets), ...parts }), {
    platform: aPlatform(),
    stamp: aStamp(),
    replicas: 1,
    forceUpdate: 0,
    closedPaths: [],
    ...more,
  });
}

export function aDatabaseSpec({ node = 'node1' } = {}): ServiceSpec {
  const initConfig = { id: 'init', name: 'of.init.1' };
  return databaseService(aState(), someParts({ nodeId: node }), { image: 'postgres:17', initConfig, stamp: aStamp() });
}

/** A service for who reads its labels alone, and perhaps wants a port of its node; stopped where nothing else is said. */
export function aLabelledService(
  name: string,
  labels: Labels,
  { replicas = 0, port }: { replicas?: number; port?: number } = {},
): ServiceSpec {
  const ports = port === undefined ? [] : [{ TargetPort: port, PublishedPort: port }];
  return {
    Name: name,
    Labels: labels,
    TaskTemplate: {
      ContainerSpec: { Image: 'localhost:5000/alpine:3', Labels: {}, Command: ['sleep', '1000000'] },
      RestartPolicy: { Condition: 'none' },
      Placement: { Constraints: [] },
      Networks: [],
      ForceUpdate: 0,
    },
    ...oneTask,
    Mode: { Replicated: { Replicas: replicas } },
    EndpointSpec: {
      Mode: 'dnsrr',
      Ports: ports.map((one) => ({ ...one, Protocol: 'tcp', PublishMode: 'host' })),
    },
  };
}

/** As dockerd hands a service back: through JSON, read by our schema. */
export function asService(spec: ServiceSpec, more: Partial<Omit<Service, 'Spec'>> = {}): Service {
  const { Name } = spec;
  const times = { CreatedAt: someTime, UpdatedAt: someTime };
  const json = JSON.parse(
    JSON.stringify({ ID: `id-of-${Name}`, Version: { Index: 1 }, ...times, Spec: spec, ...more }),
  );
  return Service.parse(json);
}

export function aConfig(name: string, labels: Labels, data: Buffer | string = '{}'): ConfigObject {
  const times = { CreatedAt: someTime, UpdatedAt: someTime };
  return {
    ID: `id-of-${name}`,
    Version: { Index: 1 },
    ...times,
    Spec: { Name: name, Labels: labels, Data: Buffer.from(data) },
  };
}

export function aRelease(
  number: number,
  {
    state = aState(),
    outcome = 'proven',
    otree = '6.0.15',
    operation = `operation${number}`,
    source,
  }: { state?: WantedState; outcome?: ReleaseState; otree?: string; operation?: string; source?: number } = {},
): ReleaseRecord {
  const author = { via: 'ssh', sshUser: 'ada', host: 'laptop' } as const;
  const release = { format: 1, number, state, author, createdAt: someTime, ...(source && { source }) } as const;
  const labels = recordLabels('release', myExp, {
    [label.number]: String(number),
    [label.state]: outcome,
    [label.operation]: operation,
    ...(otree && { [label.otree]: otree }),
  });
  const config = aConfig(namesOf(myExp).releaseRecord(number), labels, gzipSync(JSON.stringify(release)));
  return { ...release, outcome, otree: otree || undefined, fit: undefined, operation, config };
}

export const aManager: EngineInfo = {
  SystemTime: someTime,
  ServerVersion: '20.10.24',
  Architecture: 'x86_64',
  Swarm: { NodeID: 'node1', LocalNodeState: 'active', ControlAvailable: true, Error: '' },
};

export function aNode(id = 'node1', more: Partial<Node> = {}): Node {
  return {
    ID: id,
    Spec: { Role: 'manager', Availability: 'active' },
    Description: { Hostname: `host-of-${id}`, Platform: { Architecture: 'x86_64', OS: 'linux' } },
    Status: { State: 'ready', Addr: '192.0.2.10' },
    ManagerStatus: { Leader: true, Addr: '192.0.2.10:2377' },
    ...more,
  };
}

export function aTask({
  state = 'running',
  err = '',
  exitCode,
  service = 'id-of-my-exp_web',
  desired = 'running',
}: {
  state?: string;
  err?: string;
  exitCode?: number;
  service?: string;
  desired?: string;
} = {}): Task {
  return {
    ID: 'task1',
    CreatedAt: someTime,
    ServiceID: service,
    NodeID: 'node1',
    Slot: 1,
    DesiredState: desired,
    Spec: { ContainerSpec: { Image: '', Labels: {} } },
    Status: {
      Timestamp: someTime,
      State: state,
      Message: '',
      Err: err,
      ContainerStatus: { ContainerID: 'container1', ExitCode: exitCode },
    },
  };
}

export function aContainer({
  exitCode = 0,
  outOfMemory = false,
  error = '',
  health,
  probes = [],
}: {
  exitCode?: number;
  outOfMemory?: boolean;
  error?: string;
  health?: string;
  /** What the probes printed, oldest first. */
  probes?: readonly string[];
} = {}): ContainerState {
  const log = probes.map((Output) => ({ ExitCode: 1, Output }));
  return {
    State: {
      Status: 'exited',
      ExitCode: exitCode,
      OOMKilled: outOfMemory,
      Error: error,
      ...((health || log.length > 0) && { Health: { Status: health ?? 'starting', Log: log } }),
    },
  };
}

/** A prepared Swarm on which the stack was never deployed. */
export function nothingDeployed(more: Partial<ObservedStack> = {}): ObservedStack {
  const network = { Driver: 'overlay', Labels: {}, IPAM: { Config: [] } };
  return {
    stack: myExp,
    platform: aPlatform(),
    web: undefined,
    db: undefined,
    trial: undefined,
    job: undefined,
    tasks: [],
    network: undefined,
    publicNetwork: { Id: 'public-network', Name: 'oforest_public', ...network },
    nodes: [aNode()],
    secrets: {},
    secretObjects: [],
    releases: [],
    operations: [],
    lock: undefined,
    ...more,
  };
}

/** The stack as oForest leaves it after a deployment of the state as v1. */
export function deployed(
  state: WantedState = aState(),
  { replicas = 1, otree = '6.0.15' }: { replicas?: 0 | 1; otree?: string } = {},
  more: Partial<ObservedStack> = {},
): ObservedStack {
  const spec = aWebSpec(state, { replicas, closedPaths: closedPathsOf(otree) });
  return nothingDeployed({
    web: asService(spec),
    db: asService(aDatabaseSpec()),
    network: { Id: 'own-network', Name: 'my-exp_default', Driver: 'overlay', Labels: {}, IPAM: { Config: [] } },
    secrets: secretObjects(state.secrets),
    releases: [aRelease(1, { state, otree })],
    ...more,
  });
}

/** A database that knows of nobody. */
export const nobody: PeopleByRow = {
  onPage: 0,
  waiting: 0,
  waitingConnected: 0,
  lastPage: 0,
  lastPageSilent: 0,
  silent: 0,
  apart: 0,
};

/** People in a session, as answers and events tell them. */
export function peopleTold(sentence: string, counts: Partial<GuardCounts> = {}): PeopleTold {
  return { onPage: 0, waiting: 0, inRoom: 0, lastPage: 0, openPages: 0, ...counts, known: true, sentence };
}

export function aRequest(more: Partial<OperationRequest> = {}): OperationRequest {
  return {
    format: 1,
    id: 'operation1',
    stack: myExp,
    verb: 'restart',
    actor: { via: 'ssh', sshUser: 'ada', host: 'laptop' },
    createdAt: someTime,
    plan: [],
    before: { stopped: false },
    guard: { ignoreOpenPages: false },
    work: { kind: 'restart' },
    ...more,
  };
}
