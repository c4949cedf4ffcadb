/** Objects of the Swarm as the Engine API shows them; what nobody reads is kept as it came. */
export type Labels = Record<string, string>;
export type Json = { [key: string]: unknown };

export interface Stored {
  ID: string;
  Version: { Index: number };
  CreatedAt: string;
  UpdatedAt: string;
}

export interface ConfigOrSecret extends Stored {
  Spec: { Name: string; Labels: Labels; Data: string; Templating?: unknown; Driver?: unknown };
}

export interface Network {
  Id: string;
  Name: string;
  Created: string;
  Scope: 'swarm' | 'local';
  Driver: string;
  EnableIPv6: boolean;
  /** Without a configuration while another network has the subnet it wants. */
  IPAM: { Driver: string; Options: null; Config: { Subnet: string; Gateway: string }[] | null };
  Internal: boolean;
  Attachable: boolean;
  Ingress: boolean;
  ConfigFrom: { Network: string };
  ConfigOnly: boolean;
  Containers: null | Json;
  Options: Labels | null;
  Labels: Labels;
}

export interface Node extends Stored {
  Spec: { Labels: Labels; Role: 'manager' | 'worker'; Availability: 'active' | 'pause' | 'drain'; Name?: string };
  Description: {
    Hostname: string;
    Platform: { Architecture: string; OS: string };
    Resources: { NanoCPUs: number; MemoryBytes: number };
    Engine: { EngineVersion: string; Plugins?: unknown };
  };
  Status: { State: 'ready' | 'down'; Addr: string };
  ManagerStatus?: { Leader?: boolean; Reachability: string; Addr: string };
}

export interface Mounted {
  File: { Name: string; UID: string; GID: string; Mode: number };
}

export interface ContainerSpec {
  Image: string;
  Labels?: Labels;
  Command?: string[];
  Args?: string[];
  Env?: string[];
  Healthcheck?: { Test?: string[]; Interval?: number; Timeout?: number; StartPeriod?: number; Retries?: number };
  StopGracePeriod?: number;
  Mounts?: { Type?: string; Source?: string; Target?: string; VolumeOptions?: { Labels?: Labels } }[];
  Secrets?: (Mounted & { SecretID: string; SecretName: string })[];
  Configs?: (Mounted & { ConfigID: string; ConfigName: string; Runtime?: unknown })[];
  [other: string]: unknown;
}

export interface TaskTemplate {
  ContainerSpec: ContainerSpec;
  Resources?: {
    Limits?: { MemoryBytes?: number; NanoCPUs?: number };
    Reservations?: { MemoryBytes?: number; NanoCPUs?: number };
  };
  RestartPolicy?: { Condition?: 'any' | 'on-failure' | 'none'; Delay?: number; MaxAttempts?: number; Window?: number };
  Placement?: { Constraints?: string[]; MaxReplicas?: number; Platforms?: { Architecture?: string; OS?: string }[] };
  Networks?: { Target: string; Aliases?: string[] }[];
  ForceUpdate?: number;
  Runtime?: string;
  [other: string]: unknown;
}

export interface UpdateConfig {
  Parallelism?: number;
  Delay?: number;
  FailureAction?: 'pause' | 'continue' | 'rollback';
  Monitor?: number;
  MaxFailureRatio?: number;
  Order?: 'stop-first' | 'start-first';
}

export interface Port {
  Name?: string;
  Protocol?: string;
  TargetPort?: number;
  PublishedPort?: number;
  PublishMode?: 'ingress' | 'host';
}

export interface ServiceSpec {
  Name: string;
  Labels: Labels;
  TaskTemplate: TaskTemplate;
  Mode: {
    Replicated?: { Replicas?: number };
    Global?: Json;
    ReplicatedJob?: { MaxConcurrent?: number; TotalCompletions?: number };
    GlobalJob?: Json;
  };
  UpdateConfig?: UpdateConfig;
  RollbackConfig?: UpdateConfig;
  EndpointSpec?: { Mode?: 'vip' | 'dnsrr'; Ports?: Port[] };
  Networks?: { Target: string; Aliases?: string[] }[];
  [other: string]: unknown;
}

export type UpdateState =
  | 'updating'
  | 'paused'
  | 'completed'
  | 'rollback_started'
  | 'rollback_paused'
  | 'rollback_completed';

export interface Service extends Stored {
  Spec: ServiceSpec;
  PreviousSpec?: ServiceSpec;
  Endpoint: Json;
  UpdateStatus?: { State: UpdateState; StartedAt?: string; CompletedAt?: string; Message: string };
  JobStatus?: { JobIteration: { Index?: number }; LastExecution?: string };
}

const taskStates = [
  'new',
  'allocated',
  'pending',
  'assigned',
  'accepted',
  'preparing',
  'ready',
  'starting',
  'running',
  'complete',
  'shutdown',
  'failed',
  'rejected',
  'remove',
  'orphaned',
] as const;
export type TaskState = (typeof taskStates)[number];

export interface Task extends Stored {
  Labels: Labels;
  Spec: TaskTemplate;
  ServiceID: string;
  Slot?: number;
  NodeID?: string;
  Status: {
    Timestamp: string;
    State: TaskState;
    Message: string;
    Err?: string;
    ContainerStatus?: { ContainerID: string; PID: number; ExitCode: number };
    PortStatus: Json;
  };
  DesiredState: TaskState;
  NetworksAttachments?: { Network: Json; Addresses: string[] }[];
  JobIteration?: { Index?: number };
}

/** Whether a state is this mark or behind it; the life of a task goes one way. */
export function hasReached(state: TaskState, mark: TaskState): boolean {
  return taskStates.indexOf(state) >= taskStates.indexOf(mark);
}

/** Whether it has ended for good. */
export function hasEnded(state: TaskState): boolean {
  return hasReached(state, 'complete');
}

/** Whether its managers want it to end. */
export function isCalledOff({ DesiredState }: Task): boolean {
  return hasReached(DesiredState, 'shutdown');
}
