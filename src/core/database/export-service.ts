import type { WantedState } from '../domain/release.ts';
import type { ServiceSpec } from '../swarm/engine-types.ts';
import {
  oneTask,
  otreeTask,
  type StackParts,
  type Stamp,
  seconds,
  stackLabels,
  stamped,
} from '../swarm/service-spec.ts';
import { databases } from '../swarm/slots.ts';
import { exportScript } from './scripts/export-script.ts';

export interface ExportWishes {
  /** Without labels and worker ids of participants. */
  readonly anonymous: boolean;
  /** `excel` as oTree's own: CSV that begins with a byte order mark. */
  readonly format: 'csv' | 'excel';
  /** Also a wide file for each session. */
  readonly perSession: boolean;
}

/** How long the files are held for whoever fetches them, when nobody removes the service. */
const exportHoldSeconds = 60 * 60;

/** Web's own task without web: the same code, secrets and database, off the public network, and it runs our script once. */
export function exportService(
  state: WantedState,
  parts: StackParts,
  { name, stamp, anonymous, format, perSession }: ExportWishes & { name: string; stamp: Stamp },
): ServiceSpec {
  const task = otreeTask(state, parts, { database: databases.live, restart: 'none' });
  const { Healthcheck: _never, ...container } = task.ContainerSpec;
  return {
    Name: name,
    Labels: stackLabels(state, parts.stack, 'job', stamp),
    TaskTemplate: stamped({
      ...task,
      ContainerSpec: {
        ...container,
        Command: ['/bin/sh', '-c', exportScript],
        Env: [
          ...(container.Env ?? []),
          `HOLD_SECONDS=${exportHoldSeconds}`,
          `ANONYMOUS=${anonymous ? 1 : ''}`,
          `EXCEL=${format === 'excel' ? 1 : ''}`,
          `PER_SESSION=${perSession ? 1 : ''}`,
        ],
        StopGracePeriod: seconds(5),
      },
      Networks: [{ Target: parts.networkId }],
    }),
    ...oneTask,
  };
}
