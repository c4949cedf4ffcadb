import type { Clock } from '../../clock.ts';
import { ExpectedError } from '../../errors.ts';
import { closedPageName } from '../../swarm/closed-page.ts';
import type { Service, ServiceSpec } from '../../swarm/engine-types.ts';
import type { RegistryAuth, SwarmGateway } from '../../swarm/gateway.ts';
import { dockerLabel } from '../../swarm/labels.ts';
import { wantedTask } from '../../swarm/observe-stack.ts';
import { taskHashOf } from '../../swarm/service-spec.ts';
import { platformStack } from '../../swarm/traefik-service.ts';
import { pollMs } from '../steps/stack-run.ts';
import { endedStates } from '../steps/task-failure.ts';

export interface ClosedPageRun {
  /** What there is at this moment, and what it is to become: an operation may write its addresses meanwhile. */
  readonly look: () => Promise<{ before: Service | undefined; spec: ServiceSpec }>;
  readonly registryAuth: RegistryAuth | undefined;
}

interface Needs {
  readonly swarm: SwarmGateway;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** An image without perl ends within a second. */
const stayUpMs = 1_500;
const pullTimeoutMs = 10 * 60_000;
const placeGraceMs = 8_000;

/**
 * Creates or updates the page for closed studies and waits until it runs, or until waiting is of no use; yields what it
 * waits for. A page that does not run is no error: studies do without it.
 */
export async function* runClosedPage(run: ClosedPageRun, needs: Needs): AsyncGenerator<string, void, void> {
  const { clock, signal } = needs;
  const earlier = new Set((await lookAtTasks(needs)).tasks.map(({ ID }) => ID));
  const { spec, isNew } = await write(run, needs);
  // Other addresses alone start no task.
  if (!isNew) return;
  const hash = taskHashOf(spec);
  const startedAt = clock.now().getTime();
  let runningSince: number | undefined;
  yield 'the page for closed studies to run';
  for (;;) {
    const { service, tasks } = await lookAtTasks(needs);
    const ours = tasks.filter(({ ID }) => !earlier.has(ID));
    const task = service && wantedTask(ours, service.ID, hash);
    const { State: state = '', Err: problem = '' } = task?.Status ?? {};
    const now = clock.now().getTime();
    if (state !== 'running') runningSince = undefined;
    else runningSince ??= now;
    if (runningSince !== undefined && now - runningSince >= stayUpMs) return;
    const waitedMs = now - startedAt;
    const isStuck = state === 'pending' && problem !== '' && waitedMs > placeGraceMs;
    // The moment one ends, Swarm makes the next: that is the newest, and it ends the same way.
    const hasEnded = ours.some(
      ({ ServiceID, Status }) => ServiceID === service?.ID && endedStates.includes(Status.State),
    );
    if (hasEnded || isStuck || waitedMs > pullTimeoutMs) return;
    await clock.sleep(pollMs, signal);
  }
}

async function write({ look, registryAuth }: ClosedPageRun, { swarm }: Needs) {
  for (let tries = 0; ; tries += 1) {
    const { before, spec } = await look();
    try {
      if (before) await swarm.updateService(before, spec, { registryAuth });
      else await swarm.createService(spec, { registryAuth });
      return { spec, isNew: !before || taskHashOf(before.Spec) !== taskHashOf(spec) };
    } catch (error) {
      const again = error instanceof ExpectedError && error.code === 'version-conflict' && tries < 10;
      if (!again) throw error;
    }
  }
}

async function lookAtTasks({ swarm }: Pick<Needs, 'swarm'>) {
  const ofPlatform = { label: dockerLabel.namespace, value: platformStack };
  const [services, tasks] = await Promise.all([swarm.listServices(ofPlatform), swarm.listTasks(ofPlatform)]);
  const service = services.find(({ Spec }) => Spec.Name === closedPageName);
  return { service, tasks };
}
