import type { Clock, RandomText } from '../clock.ts';
import type { OperationRequest } from '../domain/operation-request.ts';
import type { StackName } from '../domain/stack-name.ts';
import type { EntryGateway } from '../entry/gateway.ts';
import type { Lock } from '../records/lock.ts';
import type { RegistryAuth, SwarmGateway } from '../swarm/gateway.ts';

/** What the steps of one operation on one stack share. */
export interface StackRun {
  readonly stack: StackName;
  readonly request: OperationRequest;
  readonly lock: Lock;
  readonly swarm: SwarmGateway;
  readonly entry: EntryGateway;
  readonly clock: Clock;
  readonly random: RandomText;
  readonly signal: AbortSignal;
  /** Credentials for the registry of an image; undefined for a public one. */
  readonly registryAuth: (image: string) => RegistryAuth | undefined;
}

/** How often we look while waiting: two list calls each time. */
export const pollMs = 400;
