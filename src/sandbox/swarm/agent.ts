import type { Program } from '../programs/program.ts';
import { pass } from '../timeline.ts';
import { type ContainerRecord, LiveContainer, makeRecord, type Surroundings } from './containers.ts';
import { allocateAddresses } from './networks.ts';
import {
  type ContainerSpec,
  hasEnded,
  hasReached,
  isCalledOff,
  type ServiceSpec,
  type Task,
  type TaskState,
} from './objects.ts';
import { fits } from './scheduler.ts';
import { goTime, type Store } from './store.ts';

/** How long the parts of a task's life take on a quiet machine, in milliseconds (measured on the bed, rounded). */
const took = { schedule: 60, accept: 60, prepare: 150, pull: 900, start: 300, gossip: 2_000, stop: 120 } as const;

const messages: Readonly<Record<TaskState, string>> = {
  new: 'created',
  allocated: 'allocated',
  pending: 'pending task scheduling',
  assigned: 'scheduler assigned task to node',
  accepted: 'accepted',
  preparing: 'preparing',
  ready: 'prepared',
  starting: 'starting',
  running: 'started',
  complete: 'finished',
  shutdown: 'shutdown',
  failed: 'started',
  rejected: 'preparing',
  remove: 'removed',
  orphaned: 'orphaned',
};

/** Where images come from, and what goes wrong with them. */
export interface ImageSource {
  /** The program of an image by reference; an error text where it cannot be had. */
  find(reference: string): { program: Program; held: boolean } | { error: string };
  /** dockerd's words when a container cannot be made or started; undefined when it can. */
  startError(reference: string): string | undefined;
  /** What its registry says of a reference; a status and dockerd's words where it has none. */
  describe(
    reference: string,
  ):
    | { digest: string; size: number; platform: { architecture: string; os: string } }
    | { status: number; error: string };
}

export interface AgentNeeds {
  store: Store;
  images: ImageSource;
  around: Surroundings;
  /** Told after every change of a task's state. */
  onTask: (task: Task) => void;
}

/** The nodes' part: takes each task from `new` to its end, as far as its desired state allows. */
export class Agent {
  readonly records = new Map<string, ContainerRecord>();
  readonly live = new Map<string, LiveContainer>();
  readonly #needs: AgentNeeds;
  readonly #woken = new Map<string, () => void>();

  constructor(needs: AgentNeeds) {
    this.#needs = needs;
  }

  /** Starts the life of a task that was just made. */
  run(task: Task): void {
    void this.#live(task);
  }

  /** Goes on with a task whose container ran when the sandbox was closed. */
  resume(task: Task, record: ContainerRecord): void {
    this.records.set(record.id, record);
    if (record.state !== 'running') return;
    const image = this.#needs.images.find(task.Spec.ContainerSpec.Image);
    if ('error' in image) return;
    const container = this.#make(record, image.program, true);
    void this.#watch(task, container);
  }

  /** Its desired state has changed: whoever waits for that looks again. */
  wake(task: Task): void {
    this.#woken.get(task.ID)?.();
  }

  /** For tests of faults: the task's program ends as if it had crashed. */
  crash(task: Task, exitCode: number): void {
    this.live.get(task.ID)?.kill(exitCode);
  }

  /** The task is gone for good, and its container and log with it. */
  forget(task: Task): void {
    for (const [id, record] of this.records) if (record.taskId === task.ID) this.records.delete(id);
    this.live.delete(task.ID);
  }

  recordOf(taskId: string): ContainerRecord | undefined {
    return [...this.records.values()].find((record) => record.taskId === taskId);
  }

  async #live(task: Task): Promise<void> {
    const { store, images } = this.#needs;
    const { timeline } = store;
    if (!(await this.#place(task))) return;
    await pass(timeline, took.accept);
    if (this.#stopEarly(task)) return;
    this.#set(task, 'accepted');
    this.#set(task, 'preparing');
    const image = images.find(task.Spec.ContainerSpec.Image);
    await pass(timeline, 'held' in image && !image.held ? took.pull : took.prepare);
    if (this.#stopEarly(task)) return;
    if ('error' in image) return this.#set(task, 'rejected', image.error);
    const error = images.startError(task.Spec.ContainerSpec.Image) ?? mountError(task.Spec.ContainerSpec);
    if (error !== undefined) return this.#set(task, 'rejected', error);
    this.#set(task, 'ready');
    while (!hasReached(task.DesiredState, 'running')) await this.#wakeUp(task);
    if (this.#stopEarly(task)) return;
    await this.#startContainer(task, image.program);
  }

  /** Addresses and a node; waits as long as there are none. False when the task was called off meanwhile. */
  async #place(task: Task): Promise<boolean> {
    const { store } = this.#needs;
    await pass(store.timeline, took.schedule / 2);
    for (;;) {
      if (this.#stopEarly(task)) return false;
      const attachments = task.NetworksAttachments ?? allocateAddresses(store, task);
      if (attachments) {
        if (attachments.length > 0) task.NetworksAttachments = attachments;
        break;
      }
      await pass(store.timeline, 500);
    }
    this.#set(task, 'pending');
    await pass(store.timeline, took.schedule / 2);
    for (;;) {
      if (this.#stopEarly(task)) return false;
      const found = fits(store, task);
      if ('node' in found) {
        task.NodeID = found.node;
        this.#set(task, 'assigned');
        return true;
      }
      if (task.Status.Err !== found.why) this.#set(task, 'pending', found.why);
      await pass(store.timeline, 500);
    }
  }

  async #startContainer(task: Task, program: Program): Promise<void> {
    const { store } = this.#needs;
    this.#set(task, 'starting');
    await pass(store.timeline, took.start);
    if (this.#stopEarly(task)) return;
    const record = makeRecord({
      id: store.newHexId(),
      taskId: task.ID,
      serviceId: task.ServiceID,
      name: store.nameOf(task),
      nodeId: task.NodeID ?? '',
      spec: expanded(store, task),
      files: filesOf(store, task),
    });
    this.records.set(record.id, record);
    const container = this.#make(record, program, false);
    task.Status.ContainerStatus = { ContainerID: record.id, PID: 4711, ExitCode: 0 };
    if (record.error !== '') return this.#neverStarted(task, record);
    task.Status.PortStatus = portStatus(store.services.get(task.ServiceID)?.Spec);
    if (!(await this.#awaitHealth(container))) {
      const unhealthy = container.isRunning;
      if (unhealthy) await this.#shutDown(task, container);
      await container.ended;
      return this.#ended(task, container, unhealthy);
    }
    this.#set(task, 'running');
    await this.#watch(task, container);
  }

  #make(record: ContainerRecord, program: Program, resumed: boolean): LiveContainer {
    const { around, store } = this.#needs;
    const container = new LiveContainer(record, program, around, { resumed, onWrite: () => store.changed() });
    this.live.set(record.taskId, container);
    void this.#stopWhenCalledOff(record.taskId, container);
    return container;
  }

  async #stopWhenCalledOff(taskId: string, container: LiveContainer): Promise<void> {
    const task = this.#needs.store.tasks.get(taskId);
    if (!task) return;
    void container.ended.then(() => this.wake(task));
    while (container.isRunning && !isCalledOff(task)) await this.#wakeUp(task);
    if (container.isRunning) await this.#shutDown(task, container);
  }

  /** A task that runs, until it ends, is called off, or falls ill. */
  async #watch(task: Task, container: LiveContainer): Promise<void> {
    let unhealthy = false;
    const probing = this.#probe(container, () => {
      unhealthy = true;
      void this.#shutDown(task, container);
    });
    await container.ended;
    probing();
    this.#ended(task, container, unhealthy);
  }

  /** Where networks are to hear that it goes, dockerd waits before it stops a container. */
  async #shutDown(task: Task, container: LiveContainer): Promise<void> {
    const { timeline } = this.#needs.store;
    await pass(timeline, (task.NetworksAttachments?.length ?? 0) > 0 ? took.gossip : took.stop);
    const graceMs = (task.Spec.ContainerSpec.StopGracePeriod ?? 10_000_000_000) / 1e6;
    await container.stop(graceMs);
  }

  #neverStarted(task: Task, record: ContainerRecord): void {
    this.live.delete(task.ID);
    task.Status.ContainerStatus = { ContainerID: record.id, PID: 0, ExitCode: record.exitCode };
    this.#set(task, 'failed', `starting container failed: ${record.error}`);
  }

  #ended(task: Task, { record }: LiveContainer, unhealthy: boolean): void {
    const exitCode = record.exitCode;
    if (task.Status.ContainerStatus)
      task.Status.ContainerStatus = { ...task.Status.ContainerStatus, PID: 0, ExitCode: exitCode };
    this.live.delete(task.ID);
    const cause = unhealthy ? ': dockerexec: unhealthy container' : '';
    if (isCalledOff(task)) this.#set(task, 'shutdown');
    else if (exitCode === 0) this.#set(task, 'complete');
    else this.#set(task, 'failed', `task: non-zero exit (${exitCode})${cause}`);
  }

  /** True once healthy, or at once without a health check; false when it ended or turned out ill. */
  async #awaitHealth(container: LiveContainer): Promise<boolean> {
    if (testOf(container.record).length === 0) return true;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const stopProbing = this.#probe(
      container,
      () => resolve(false),
      () => resolve(true),
    );
    void container.ended.then(() => resolve(false));
    const healthy = await promise;
    stopProbing();
    return healthy;
  }

  /** Probes again and again, one interval after each answer; the returned function ends it. */
  #probe(container: LiveContainer, onIll: () => void, onHealthy?: () => void): () => void {
    const { record } = container;
    const test = testOf(record);
    if (test.length === 0) return () => undefined;
    const { timeline } = this.#needs.store;
    const check = record.spec.Healthcheck ?? {};
    const intervalMs = (check.Interval || 30e9) / 1e6;
    const timeoutMs = (check.Timeout || 30e9) / 1e6;
    const startedAt = Date.parse(record.startedAt);
    record.health ??= { Status: 'starting', FailingStreak: 0, Log: [] };
    const { health } = record;
    let done = false;
    const look = () => {
      if (done || !container.isRunning) return;
      const begun = timeline.now();
      const found = container.running.probe?.(test) ?? { exitCode: 0, stdout: '', stderr: '' };
      const afterMs = found.afterMs ?? 30;
      timeline.after(Math.min(afterMs, timeoutMs), () => {
        if (done || !container.isRunning) return;
        const late = afterMs > timeoutMs;
        const Output = late ? `Health check exceeded timeout (${timeoutMs / 1000}s)` : found.stdout + found.stderr;
        const ExitCode = late ? -1 : found.exitCode;
        health.Log = [...health.Log, { Start: goTime(begun), End: goTime(timeline.now()), ExitCode, Output }].slice(-5);
        if (ExitCode === 0) {
          health.FailingStreak = 0;
          health.Status = 'healthy';
          onHealthy?.();
        } else {
          const forgiven = health.Status === 'starting' && begun - startedAt < (check.StartPeriod ?? 0) / 1e6;
          if (!forgiven) health.FailingStreak += 1;
          if (health.FailingStreak >= (check.Retries || 3)) {
            health.Status = 'unhealthy';
            done = true;
            onIll();
          }
        }
        timeline.after(intervalMs, look);
      });
    };
    timeline.after(intervalMs, look);
    return () => {
      done = true;
    };
  }

  /** A task that was called off before it had a container. */
  #stopEarly(task: Task): boolean {
    if (hasEnded(task.Status.State)) return true;
    if (!this.#needs.store.tasks.has(task.ID)) return true;
    if (!isCalledOff(task)) return false;
    this.#set(task, 'shutdown');
    return true;
  }

  #set(task: Task, state: TaskState, error?: string): void {
    const { store, onTask } = this.#needs;
    const { Err: _before, ...status } = task.Status;
    const Message = hasEnded(state) && error ? failureMessage(task.Status.State) : messages[state];
    const never = state === 'rejected' && { ContainerStatus: { ContainerID: '', PID: 0, ExitCode: 0 } };
    task.Status = { ...status, ...never, Timestamp: store.time(), State: state, Message, ...(error && { Err: error }) };
    store.touch(task);
    onTask(task);
  }

  /** Resolves when the desired state of the task may have changed. */
  #wakeUp(task: Task): Promise<void> {
    return new Promise((resolve) => {
      const earlier = this.#woken.get(task.ID);
      this.#woken.set(task.ID, () => {
        earlier?.();
        this.#woken.delete(task.ID);
        resolve();
      });
    });
  }
}

function failureMessage(state: TaskState): string {
  return state === 'running' ? 'started' : messages[state];
}

/** What a node of the sandbox has outside of its containers. */
const hostPaths = /^\/(?:var\/run|run|etc|tmp|proc|sys)(?:\/|$)/;

function mountError({ Mounts = [] }: ContainerSpec): string | undefined {
  const lost = Mounts.find(({ Type, Source = '' }) => Type === 'bind' && !hostPaths.test(Source));
  return lost && `invalid mount config for type "bind": bind source path does not exist: ${lost.Source}`;
}

function portStatus(spec: ServiceSpec | undefined): Task['Status']['PortStatus'] {
  const Ports = (spec?.EndpointSpec?.Ports ?? []).filter(({ PublishMode }) => PublishMode === 'host');
  // One for IPv4 and one for IPv6.
  return Ports.length > 0 ? { Ports: [...Ports, ...Ports] } : {};
}

/** Go templates in variables: what the node knows of the task, and texts in quotes. */
function expanded(store: Store, task: Task): ContainerSpec {
  const { ContainerSpec } = task.Spec;
  if (!ContainerSpec.Env?.some((variable) => variable.includes('{{'))) return ContainerSpec;
  const node = store.nodes.get(task.NodeID ?? '');
  const known: Readonly<Record<string, string>> = {
    '.Service.ID': task.ServiceID,
    '.Service.Name': store.serviceNameOf(task.ID),
    '.Node.ID': task.NodeID ?? '',
    '.Node.Hostname': node?.Description.Hostname ?? '',
    '.Task.ID': task.ID,
    '.Task.Name': store.nameOf(task),
    '.Task.Slot': String(task.Slot ?? 0),
  };
  const expand = (text: string) =>
    text.replace(/\{\{\s*("(?:[^"\\]|\\.)*"|[.\w]+)\s*\}\}/g, (_whole, word: string) =>
      word.startsWith('"') ? (JSON.parse(word) as string) : (known[word] ?? ''),
    );
  return { ...ContainerSpec, Env: ContainerSpec.Env.map(expand) };
}

function testOf({ spec }: ContainerRecord): readonly string[] {
  const test = spec.Healthcheck?.Test ?? [];
  return test[0] === 'NONE' ? [] : test;
}

function filesOf(store: Store, { Spec: { ContainerSpec } }: Task): Record<string, string> {
  const files: Record<string, string> = {};
  for (const { File, SecretID } of ContainerSpec.Secrets ?? [])
    files[File.Name.startsWith('/') ? File.Name : `/run/secrets/${File.Name}`] =
      store.secrets.get(SecretID)?.Spec.Data ?? '';
  for (const { File, ConfigID } of ContainerSpec.Configs ?? [])
    files[File.Name.startsWith('/') ? File.Name : `/${File.Name}`] = store.configs.get(ConfigID)?.Spec.Data ?? '';
  return files;
}
