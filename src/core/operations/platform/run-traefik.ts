import type { Clock } from '../../clock.ts';
import { ExpectedError } from '../../errors.ts';
import type { Service, ServiceSpec, Task } from '../../swarm/engine-types.ts';
import type { RegistryAuth, SwarmGateway } from '../../swarm/gateway.ts';
import { dockerLabel } from '../../swarm/labels.ts';
import { wantedTask } from '../../swarm/observe-stack.ts';
import { taskHashOf } from '../../swarm/service-spec.ts';
import { platformStack, traefikName } from '../../swarm/traefik-service.ts';
import { pollMs } from '../steps/stack-run.ts';
import { endedStates } from '../steps/task-failure.ts';
import { taskLines } from '../steps/task-log.ts';

export interface TraefikRun {
  readonly spec: ServiceSpec;
  /** Undefined when there is none yet. */
  readonly before: Service | undefined;
  readonly registryAuth: RegistryAuth | undefined;
  readonly ports: readonly number[];
}

interface Needs {
  readonly swarm: SwarmGateway;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const what = 'starting Traefik';
/** A new Traefik that cannot read its settings ends within a second. */
const stayUpMs = 3_000;
const pullTimeoutMs = 10 * 60_000;
const undoTimeoutMs = 120_000;
const placeGraceMs = 8_000;
/** Swarm starts the next task well within this time once the one before has ended. */
const handOverMs = 3_000;

/**
 * Creates or updates Traefik and waits until it runs to stay; yields what it waits for. Whatever keeps it from running is
 * thrown after the earlier Traefik is back, or the new one removed.
 */
export async function* runTraefik(run: TraefikRun, needs: Needs): AsyncGenerator<string, void, void> {
  const { spec, before, registryAuth } = run;
  const { swarm } = needs;
  const { tasks: earlier } = await look(needs);
  if (before) await swarm.updateService(before, spec, { registryAuth });
  else await swarm.createService(spec, { registryAuth });
  try {
    yield* awaitTraefik(run, earlier, needs);
  } catch (error) {
    needs.signal.throwIfAborted();
    if (!(error instanceof ExpectedError)) throw error;
    throw before ? await putBack(before, error, needs) : await takeAway(error, needs);
  }
}

async function* awaitTraefik(
  run: TraefikRun,
  earlier: readonly Task[],
  needs: Needs,
): AsyncGenerator<string, void, void> {
  const { clock, signal } = needs;
  const hash = taskHashOf(run.spec);
  const known = new Set(earlier.map(({ ID }) => ID));
  // Settings that ran before have tasks that ended before, under the same hash.
  const over = new Set(earlier.filter(hasEnded).map(({ ID }) => ID));
  const startedAt = clock.now().getTime();
  let runningSince: number | undefined;
  let said: string | undefined;
  for (;;) {
    const { service, tasks: all } = await look(needs);
    const tasks = all.filter(({ ID }) => !over.has(ID));
    const task = service && wantedTask(tasks, service.ID, hash);
    const now = clock.now().getTime();
    const update = service?.UpdateStatus?.State ?? '';
    if (update.startsWith('rollback') || update === 'paused')
      throw await failure(failedTask(tasks, hash) ?? task, run, needs);
    const ended = service && wantedTask(tasks.filter(hasEnded), service.ID, hash);
    // The moment one ends, Swarm makes the next: that is the newest, and it ends the same way.
    if (ended && (ended === task || !known.has(ended.ID))) throw await failure(ended, run, needs);
    if (task?.Status.State === 'running') runningSince ??= now;
    else runningSince = undefined;
    if (runningSince !== undefined && update !== 'updating' && now - runningSince >= stayUpMs) return;
    const stuck = task && stuckPlace(task, now - startedAt, run);
    if (stuck) throw stuck;
    if (runningSince === undefined && now - startedAt > pullTimeoutMs) throw tooLong(task);
    const on = waitsFor[task?.Status.State ?? ''] ?? 'the Swarm to start Traefik';
    if (on !== said) yield on;
    said = on;
    await clock.sleep(pollMs, signal);
  }
}

function hasEnded({ Status }: Task): boolean {
  return endedStates.includes(Status.State);
}

const waitsFor: Readonly<Record<string, string>> = {
  preparing: 'the server to pull the image of Traefik',
  running: 'Traefik to stay up',
};

async function look({
  swarm,
}: Pick<Needs, 'swarm'>): Promise<{ service: Service | undefined; tasks: readonly Task[] }> {
  const ofPlatform = { label: dockerLabel.namespace, value: platformStack };
  const [services, tasks] = await Promise.all([swarm.listServices(ofPlatform), swarm.listTasks(ofPlatform)]);
  return { service: services.find(({ Spec }) => Spec.Name === traefikName), tasks };
}

/** The newest task of these settings that says why it ended. */
function failedTask(tasks: readonly Task[], hash: string): Task | undefined {
  const failed = tasks.filter(({ Status, Spec }) => Status.Err !== '' && taskHashOf({ TaskTemplate: Spec }) === hash);
  return failed.sort((a, b) => b.CreatedAt.localeCompare(a.CreatedAt))[0];
}

async function failure(task: Task | undefined, run: TraefikRun, needs: Needs): Promise<ExpectedError> {
  const said = task?.Status.Err ?? '';
  const log = task ? await taskLines(task.ID, needs) : [];
  if (isPortTaken(said)) return portTaken(said, run);
  if (/no such image|manifest|pull access denied|unauthorized/i.test(said))
    return new ExpectedError('image-pull-failed', what, {
      why: `The server could not pull the image: ${said}`,
      hint: 'Check that the server reaches the registry, or name an image that it can pull with --traefik-image.',
    });
  if (said.includes('bind source path does not exist'))
    return new ExpectedError('operation-failed', what, {
      why: "dockerd's socket is somewhere else on that node.",
      hint: 'Name it with --docker-socket; `docker context inspect` on the server shows it.',
    });
  if (said.includes('OCI runtime create failed'))
    return new ExpectedError('operation-failed', what, {
      why: 'The image cannot be started as Traefik.',
      hint: 'Name one of Traefik with --traefik-image, for example traefik:v3.7.',
      log: [said],
    });
  return new ExpectedError('operation-failed', what, {
    why: said ? `It ended at once: ${said}.` : 'It ended at once.',
    hint: 'Mend what the log lines below say, or name another image with --traefik-image.',
    log,
  });
}

/** Words of dockerd (another program has the port) and of Swarm (another service has it). */
function isPortTaken(said: string): boolean {
  return /address already in use|port is already allocated|host-mode port already in use/i.test(said);
}

function portTaken(said: string, { ports }: TraefikRun): ExpectedError {
  const port = /:(\d+)(?:\/tcp)?:? (?:bind: |failed: )?(?:address already in use|port is already allocated)/.exec(
    said,
  )?.[1];
  const which = port ? `Port ${port}` : `One of the ports ${ports.join(' and ')}`;
  return new ExpectedError('port-taken', what, {
    why: `${which} is used by another program or service on that node.`,
    hint: `Stop that program (\`sudo ss -ltnp\` on the server names it), or choose others with --http-port and --https-port.`,
    details: { ports: ports.map(String) },
  });
}

function stuckPlace({ Status }: Task, waitingMs: number, run: TraefikRun): ExpectedError | undefined {
  if (waitingMs < placeGraceMs) return undefined;
  if (Status.State === 'pending' && isPortTaken(Status.Err)) return portTaken(Status.Err, run);
  if (Status.State === 'pending' && Status.Err !== '')
    return new ExpectedError('node-unsuitable', what, {
      why: `Its node cannot take it: ${Status.Err}.`,
      hint: 'Check `docker node ls`: the node must be ready and active, with 64 MB of memory to spare.',
    });
  return undefined;
}

function tooLong(task: Task | undefined): ExpectedError {
  return new ExpectedError('timed-out', what, {
    why: `It does not run after ${pullTimeoutMs / 60_000} minutes (its task is ${task?.Status.State ?? 'missing'}).`,
    hint: 'Check the connection of the server to the registry.',
  });
}

/**
 * Swarm takes a failed update back by itself; a task that it cannot even place it leaves waiting, so we do it. We also tell
 * it once more where it would wait for a minute before it starts the earlier Traefik.
 */
async function putBack(before: Service, error: ExpectedError, needs: Needs): Promise<ExpectedError> {
  const { clock, signal, swarm } = needs;
  const hash = taskHashOf(before.Spec);
  const until = clock.now().getTime() + undoTimeoutMs;
  let stranded = { id: '', since: 0 };
  for (let now = clock.now().getTime(); now < until; now = clock.now().getTime()) {
    const { service, tasks } = await look(needs);
    const update = service?.UpdateStatus?.State ?? '';
    if (service && taskHashOf(service.Spec) !== hash && !update.startsWith('rollback'))
      await swarm.updateService(service, before.Spec).catch(ignoreConflict);
    const task = service && wantedTask(tasks, service.ID, hash);
    if (task?.Status.State === 'running')
      return error.with({ now: 'The earlier Traefik serves again.', details: { serves: 'earlier' } });
    if (service && task && isStranded(task, tasks)) {
      if (stranded.id !== task.ID) stranded = { id: task.ID, since: now };
      if (now - stranded.since >= handOverMs) {
        await swarm.updateService(service, startedOnceMore(service.Spec)).catch(ignoreConflict);
        stranded.since = Number.POSITIVE_INFINITY;
      }
    }
    await clock.sleep(pollMs, signal);
  }
  return error.with({
    now: 'The earlier Traefik is not back yet: no study can be reached.',
    details: { serves: 'nothing' },
  });
}

/**
 * Ready, but behind a task that was never placed and so never ends: Swarm had begun to start the failed one again, found the
 * port still taken by the one before, and was taken back in that moment. It then waits for a minute (seen on 20.10 with
 * ports of the node, in 5 of 35 updates that failed; told to start once more, the task ran within 3 s).
 */
function isStranded({ ServiceID, DesiredState }: Task, tasks: readonly Task[]): boolean {
  const ofService = tasks.filter((task) => task.ServiceID === ServiceID);
  return (
    DesiredState === 'ready' &&
    ofService.some((task) => task.NodeID === '' && task.DesiredState === 'shutdown' && !hasEnded(task))
  );
}

function startedOnceMore(spec: Service['Spec']): Service['Spec'] {
  const { TaskTemplate } = spec;
  return { ...spec, TaskTemplate: { ...TaskTemplate, ForceUpdate: TaskTemplate.ForceUpdate + 1 } };
}

function ignoreConflict(error: unknown): void {
  if (!(error instanceof ExpectedError) || error.code !== 'version-conflict') throw error;
}

async function takeAway(error: ExpectedError, needs: Needs): Promise<ExpectedError> {
  const { service } = await look(needs);
  if (service) await needs.swarm.removeService(service.ID);
  return error.with({ now: 'Traefik was removed again; nothing answers yet.', details: { serves: 'nothing' } });
}
