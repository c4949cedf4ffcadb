import { namesOf } from '../domain/stack-name.ts';
import { templateLiteral } from '../domain/variable.ts';
import type { ServiceSpec } from '../swarm/engine-types.ts';
import { dockerLabel, label } from '../swarm/labels.ts';
import {
  megabytes,
  mountedSecrets,
  mountedVolume,
  oneTask,
  placedOn,
  type StackParts,
  type Stamp,
  seconds,
  stackLabels,
  stamped,
} from '../swarm/service-spec.ts';
import { databaseSlots } from '../swarm/slots.ts';

export interface JobDescription {
  /** The constant script, as `/bin/sh -c` gets it. */
  readonly script: string;
  /** The step of the operation that it belongs to: with the operation it names the job. */
  readonly step: string;
  readonly variables: Readonly<Record<string, string>>;
  /** The database's own volume as well, at /data: for `purge` alone. */
  readonly withData?: boolean;
}

/**
 * One task on the database's node with the backups mounted, that runs to its end once. Never Swarm's own ReplicatedJob:
 * that runs again after a label-only update or a restart of the daemon (measured).
 */
export function jobService(
  { script, step, variables, withData = false }: JobDescription,
  { stack, networkId, nodeId, secrets }: Omit<StackParts, 'publicNetworkId'>,
  { image, stamp, subject }: { image: string; stamp: Stamp; subject: { experiment: string; environment: string } },
): ServiceSpec {
  const names = namesOf(stack);
  const environment = {
    ...{ DATABASE_HOST: names.db, OPERATION: stamp.operation, STEP: step, EPOCH: String(stamp.epoch) },
    ...variables,
  };
  return {
    Name: names.job,
    Labels: { ...stackLabels(subject, stack, 'job', stamp), [label.step]: step },
    TaskTemplate: stamped({
      ContainerSpec: {
        Image: image,
        Labels: { [dockerLabel.namespace]: stack },
        Command: ['/bin/sh', '-c', script, 'oforest'],
        Env: Object.entries(environment).map(([name, value]) => `${name}=${templateLiteral(value)}`),
        Mounts: [
          mountedVolume(stack, names.backupsVolume, '/backups'),
          ...(withData ? [mountedVolume(stack, names.dbVolume, '/data')] : []),
        ],
        Secrets: mountedSecrets(databaseSlots, secrets),
        StopGracePeriod: seconds(5),
      },
      Resources: { Reservations: { MemoryBytes: megabytes(32) } },
      RestartPolicy: { Condition: 'none' },
      ...placedOn(nodeId, networkId),
    }),
    ...oneTask,
  };
}
