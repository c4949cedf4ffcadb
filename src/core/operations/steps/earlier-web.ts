import { describeActor } from '../../domain/actor.ts';
import type { ReleaseRecord } from '../../records/release-record.ts';
import type { Service, ServiceSpec } from '../../swarm/engine-types.ts';
import { label } from '../../swarm/labels.ts';
import { isStopped, type ObservedStack } from '../../swarm/observe-stack.ts';
import { closedPathsOf } from '../../swarm/otree-version.ts';
import { webService } from '../../swarm/service-spec.ts';
import type { StackRun } from './stack-run.ts';
import { partsOf } from './update-web.ts';

/** What there is to go back to. */
export interface EarlierWeb {
  readonly release: ReleaseRecord;
  readonly spec: ServiceSpec | Service['Spec'];
  readonly stopped: boolean;
}

/**
 * Web as it was when the operation was reviewed: as it still is, or built again from that release's record where an
 * earlier run of the operation has changed it already. Undefined when nothing had served.
 */
export function earlierWeb(
  { request, lock }: Pick<StackRun, 'request' | 'lock'>,
  observed: ObservedStack,
): EarlierWeb | undefined {
  const { web, releases, platform } = observed;
  const { before } = request;
  const release = releases.find(({ number }) => number === before.release);
  if (!web || !release) return undefined;
  const isSame = web.Spec.Labels[label.release] === String(release.number) && isStopped(observed) === before.stopped;
  if (isSame) return { release, spec: web.Spec, stopped: before.stopped };
  const spec = webService(release.state, partsOf(observed), {
    platform,
    stamp: {
      release: release.number,
      operation: request.id,
      epoch: lock.epoch,
      owner: web.Spec.Labels[label.owner] ?? describeActor(request.actor),
    },
    replicas: before.stopped ? 0 : 1,
    forceUpdate: web.Spec.TaskTemplate.ForceUpdate,
    closedPaths: closedPathsOf(release.otree),
  });
  return { release, spec, stopped: before.stopped };
}
