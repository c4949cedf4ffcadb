import type { Clock, RandomText } from '../../clock.ts';
import { describeActor } from '../../domain/actor.ts';
import type { StepId } from '../../domain/operation-event.ts';
import type { OperationRequest } from '../../domain/operation-request.ts';
import type { StackName } from '../../domain/stack-name.ts';
import type { EntryGateway } from '../../entry/gateway.ts';
import type { Lock } from '../../records/lock.ts';
import type { Service } from '../../swarm/engine-types.ts';
import type { RegistryAuth, SwarmGateway } from '../../swarm/gateway.ts';
import { label } from '../../swarm/labels.ts';
import type { Stamp } from '../../swarm/service-spec.ts';
import type { Journal } from './step.ts';

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
  /** An earlier process began it and vanished. */
  readonly isResumed: boolean;
  /** Steps that an earlier, interrupted run of this operation finished. */
  readonly finished: ReadonlySet<StepId>;
  /** Steps that one began, whether or not it finished them. */
  readonly begun: ReadonlySet<StepId>;
  /** Throws when the lock was taken over, or when somebody asked to cancel; LeftUnfinished where that cannot be read. */
  readonly confirm: () => Promise<void>;
  /** The same without cancelling: for steps that must be finished once they are begun. */
  readonly confirmOwn: () => Promise<void>;
}

/** The journal for steps past the point where an operation can still be cancelled. */
export function pastCancelling({ finished, confirmOwn }: StackRun): Journal {
  return { finished, confirm: confirmOwn };
}

/** How often we look while waiting: two list calls each time. */
export const pollMs = 400;

/** Who writes a service, and for which release. */
export function stampOf(
  { request, lock }: Pick<StackRun, 'request' | 'lock'>,
  web: Service | undefined,
  { number }: { number: number },
): Stamp {
  const owner = web?.Spec.Labels[label.owner] ?? describeActor(request.actor);
  return { release: number, operation: request.id, epoch: lock.epoch, owner };
}
