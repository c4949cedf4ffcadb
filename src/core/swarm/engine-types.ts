/**
 * What we read of dockerd's replies (lenient: unknown fields are dropped) and what we write to it (exact).
 * Field names are the Docker Engine API's own, so that they can be looked up there.
 */
import * as z from 'zod';

export type Labels = Readonly<Record<string, string>>;
const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

/** The part of a service that oForest builds; never accepted from users. */
export interface ServiceSpec {
  Name: string;
  Labels: Labels;
  TaskTemplate: TaskTemplate;
  Mode: { Replicated: { Replicas: number } };
  UpdateConfig: UpdateConfig;
  RollbackConfig?: UpdateConfig;
  EndpointSpec: { Mode: 'dnsrr'; Ports?: readonly PublishedPort[] };
}

export interface PublishedPort {
  Protocol: 'tcp';
  TargetPort: number;
  PublishedPort: number;
  PublishMode: 'host';
}

export interface UpdateConfig {
  Parallelism: 1;
  FailureAction: 'rollback' | 'pause';
  /** Nanoseconds. */
  Monitor: number;
  MaxFailureRatio: 0;
  Order: 'stop-first';
}

export interface TaskTemplate {
  ContainerSpec: ContainerSpec;
  Resources?: {
    Limits?: { MemoryBytes?: number; NanoCPUs?: number; Pids?: number };
    Reservations?: { MemoryBytes?: number };
  };
  RestartPolicy: { Condition: 'any' | 'none'; Delay?: number };
  Placement: { Constraints: readonly string[] };
  Networks: readonly { Target: string; Aliases?: readonly string[] }[];
  LogDriver?: { Name: 'json-file'; Options: Record<string, string> };
  ForceUpdate: number;
}

export interface ContainerSpec {
  Image: string;
  Labels: Labels;
  Command?: readonly string[];
  Args?: readonly string[];
  Env?: readonly string[];
  Init?: boolean;
  User?: string;
  Mounts?: readonly Mount[];
  Secrets?: readonly { File: MountedFile; SecretID: string; SecretName: string }[];
  Configs?: readonly { File: MountedFile; ConfigID: string; ConfigName: string }[];
  Healthcheck?: Healthcheck;
  StopGracePeriod?: number;
  CapabilityDrop?: readonly string[];
}

export type Mount =
  | { Type: 'volume'; Source: string; Target: string; VolumeOptions?: { Labels: Labels } }
  | { Type: 'tmpfs'; Target: string; TmpfsOptions: { SizeBytes: number; Mode: number } }
  | { Type: 'bind'; Source: string; Target: string; ReadOnly: true };

export interface MountedFile {
  Name: string;
  UID: '0';
  GID: '0';
  Mode: number;
}

export interface Healthcheck {
  Test: readonly string[];
  /** Nanoseconds. */
  Interval: number;
  Timeout: number;
  StartPeriod: number;
  Retries: number;
}

/** The specs we wrote ourselves come back as we wrote them: kept whole, read in the few places that matter. */
const observedSpec = z.looseObject({
  Name: z.string(),
  Labels: labels,
  TaskTemplate: z.looseObject({
    ForceUpdate: z.number().default(0),
    ContainerSpec: z
      .looseObject({
        Image: z.string().default(''),
        Labels: labels,
        Command: z.array(z.string()).nullish(),
        Secrets: z
          .array(z.looseObject({ SecretID: z.string(), SecretName: z.string() }))
          .nullish()
          .transform((value) => value ?? []),
      })
      .optional(),
    Placement: z.looseObject({ Constraints: z.array(z.string()).nullish() }).optional(),
  }),
  Mode: z.looseObject({ Replicated: z.looseObject({ Replicas: z.number().default(1) }).optional() }),
});

export const Service = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  CreatedAt: z.string(),
  UpdatedAt: z.string(),
  Spec: observedSpec,
  UpdateStatus: z
    .object({ State: z.string().default(''), Message: z.string().default(''), StartedAt: z.string().nullish() })
    .nullish(),
});
export type Service = z.infer<typeof Service>;

export const Task = z.object({
  ID: z.string(),
  CreatedAt: z.string(),
  ServiceID: z.string(),
  NodeID: z.string().default(''),
  Slot: z.number().default(0),
  DesiredState: z.string(),
  Spec: z.object({
    ContainerSpec: z.object({ Image: z.string().default(''), Labels: labels }).optional(),
  }),
  Status: z.object({
    Timestamp: z.string(),
    State: z.string(),
    Message: z.string().default(''),
    Err: z.string().default(''),
    ContainerStatus: z.object({ ContainerID: z.string().default(''), ExitCode: z.number().nullish() }).nullish(),
  }),
});
export type Task = z.infer<typeof Task>;

export const Node = z.object({
  ID: z.string(),
  Spec: z.object({ Role: z.string().default(''), Availability: z.string().default('') }),
  Description: z.object({
    Hostname: z.string().default(''),
    Platform: z.object({ Architecture: z.string().default(''), OS: z.string().default('') }),
    Resources: z.object({ MemoryBytes: z.number().default(0) }).optional(),
    Engine: z.object({ EngineVersion: z.string().default('') }).optional(),
  }),
  Status: z.object({ State: z.string(), Addr: z.string().default('') }),
  ManagerStatus: z
    .object({
      Leader: z.boolean().default(false),
      Addr: z.string().default(''),
      Reachability: z.string().optional(),
    })
    .nullish(),
});
export type Node = z.infer<typeof Node>;

export const Network = z.object({
  Id: z.string(),
  Name: z.string(),
  Driver: z.string(),
  Labels: labels,
  IPAM: z.object({ Config: z.array(z.object({ Subnet: z.string().optional() })).nullish() }).nullish(),
});
export type Network = z.infer<typeof Network>;

export const SecretObject = z.object({
  ID: z.string(),
  CreatedAt: z.string(),
  Spec: z.object({ Name: z.string(), Labels: labels }),
});
export type SecretObject = z.infer<typeof SecretObject>;

export const ConfigObject = z.object({
  ID: z.string(),
  Version: z.object({ Index: z.number() }),
  CreatedAt: z.string(),
  UpdatedAt: z.string(),
  Spec: z.object({
    Name: z.string(),
    Labels: labels,
    Data: z
      .string()
      .nullish()
      .transform((base64) => Buffer.from(base64 ?? '', 'base64')),
  }),
});
export type ConfigObject = z.infer<typeof ConfigObject>;

export const EngineInfo = z.object({
  SystemTime: z.string(),
  ServerVersion: z.string(),
  Architecture: z.string().default(''),
  Swarm: z.object({
    NodeID: z.string().default(''),
    LocalNodeState: z.string().default(''),
    ControlAvailable: z.boolean().default(false),
    Error: z.string().default(''),
  }),
});
export type EngineInfo = z.infer<typeof EngineInfo>;

/** The health probes of a container: only on the node where it runs. */
export const ContainerState = z.object({
  State: z.object({
    Status: z.string(),
    ExitCode: z.number().default(0),
    OOMKilled: z.boolean().default(false),
    Error: z.string().default(''),
    Health: z
      .object({
        Status: z.string(),
        Log: z
          .array(z.object({ ExitCode: z.number(), Output: z.string().default('') }))
          .nullish()
          .transform((value) => value ?? []),
      })
      .nullish(),
  }),
});
export type ContainerState = z.infer<typeof ContainerState>;
