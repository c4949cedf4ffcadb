import type { Program } from '../programs/program.ts';
import { pass } from '../timeline.ts';
import { type ContainerRecord, LiveContainer, makeRecord, type Surroundings } from './containers.ts';
import { awaitHealth, probe } from './health.ts';
import { allocateAddresses } from './networks.ts';
import { hasEnded, hasReached, isCalledOff, type Task, type TaskState } from './objects.ts';
import { fits } from './scheduler.ts';
import { expanded, filesOf, mountError, portStatus } from './spec-on-node.ts';
import type { Store } from './store.ts';

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
      if (task.DesiredState === 'remove' && this.#stopEarly(task)) return false;
      const attachments = task.NetworksAttachments ?? allocateAddresses(store, task);
      if (!attachments && this.#stopEarly(task)) return false;
      if (attachments) {
        if (attachments.length > 0) task.NetworksAttachments = attachments;
        break;
      }
      await pass(store.timeline, 500);
    }
    this.#set(task, 'pending');
    await pass(store.timeline, took.schedule / 2);
    for (;;) {
      const found = fits(store, task);
      if (!isStranded(store, task, found) && this.#stopEarly(task)) return false;
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
    if (!(await awaitHealth(container, store.timeline))) {
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
    const stopProbing = probe(container, this.#needs.store.timeline, {
      onIll: () => {
        unhealthy = true;
        void this.#shutDown(task, container);
      },
    });
    await container.ended;
    stopProbing();
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

/**
 * Called off before it had a node, and none has room for it: Swarm ends such a task when its service has a newer spec, and
 * forgets it when the service went back to an earlier one, so that whatever is to follow waits (20.10).
 */
function isStranded(store: Store, task: Task, found: ReturnType<typeof fits>): boolean {
  return (
    'why' in found && task.DesiredState === 'shutdown' && store.services.has(task.ServiceID) && !store.isOutdated(task)
  );
}

function failureMessage(state: TaskState): string {
  return state === 'running' ? 'started' : messages[state];
}
