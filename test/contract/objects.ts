/** What the cases read of the Engine's answers. */
export interface EngineObject {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly CreatedAt: string;
  readonly UpdatedAt: string;
  readonly Spec: { readonly Name: string; readonly Labels: Readonly<Record<string, string>>; readonly Data?: string };
}

export interface Service extends EngineObject {
  readonly Spec: ServiceSpec;
  readonly PreviousSpec?: ServiceSpec;
  readonly UpdateStatus?: {
    readonly State: string;
    readonly Message: string;
    readonly StartedAt?: string;
    readonly CompletedAt?: string;
  };
  readonly Endpoint: unknown;
  readonly JobStatus?: { readonly JobIteration: { readonly Index: number } };
  readonly ServiceStatus?: unknown;
}

export interface ServiceSpec {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly TaskTemplate: { readonly ContainerSpec: { readonly Image: string }; readonly ForceUpdate?: number } & Part;
  readonly Mode?: Part;
  readonly UpdateConfig?: Part;
  readonly EndpointSpec?: Part;
}

export type Part = Readonly<Record<string, unknown>>;

export interface Task {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly CreatedAt: string;
  readonly Spec: Part & { readonly ContainerSpec: Part };
  readonly ServiceID: string;
  readonly Slot?: number;
  readonly NodeID?: string;
  readonly DesiredState: string;
  readonly Status: {
    readonly Timestamp: string;
    readonly State: string;
    readonly Message: string;
    readonly Err?: string;
    readonly ContainerStatus?: { readonly ContainerID: string; readonly PID: number; readonly ExitCode: number };
    readonly PortStatus: unknown;
  };
  readonly JobIteration?: { readonly Index: number };
  readonly NetworksAttachments?: readonly { readonly Addresses: readonly string[] }[];
}
