import { isDeepStrictEqual } from 'node:util';
import {
  hasEnded,
  hasReached,
  isCalledOff,
  type Service,
  type Task,
  type TaskState,
  type TaskTemplate,
} from './objects.ts';
import { meets } from './scheduler.ts';
import type { Store } from './store.ts';
import { Updater } from './updater.ts';

/** Swarm keeps so many tasks of a slot; older ones go, and their logs with them. */
const history = 5;

export interface OrchestratorNeeds {
  store: Store;
  /** The agent's part. */
  run: (task: Task) => void;
  wake: (task: Task) => void;
  forget: (task: Task) => void;
}

/** The managers' part: keeps as many tasks of each service as it should have, of the template it should have. */
export class Orchestrator {
  readonly #needs: OrchestratorNeeds;
  readonly #updaters = new Map<string, Updater>();
  readonly #attempts = new Map<string, number>();

  constructor(needs: OrchestratorNeeds) {
    this.#needs = needs;
  }

  /** After each write to a service, and when the sandbox opens: slots first, then an update of what is out of date. */
  reconcile(service: Service): void {
    this.#updaters.get(service.ID)?.cancel();
    this.#updaters.delete(service.ID);
    const { Mode } = service.Spec;
    if (Mode.ReplicatedJob) {
      this.#reconcileJob(service, Mode.ReplicatedJob);
      return;
    }
    if (Mode.Global) this.#spread(service);
    else this.#scale(service, Mode.Replicated?.Replicas ?? 1);
    this.update(service);
  }

  /** Its tasks are stopped and then removed. */
  remove(service: Service): void {
    this.#updaters.get(service.ID)?.cancel();
    this.#updaters.delete(service.ID);
    for (const task of this.#needs.store.tasksOf(service.ID)) this.desire(task, 'remove');
  }

  /** The agent tells every change of a task. */
  onTask(task: Task): void {
    const { store } = this.#needs;
    this.#updaters.get(task.ServiceID)?.onTask(task);
    if (!hasEnded(task.Status.State)) return;
    const service = store.services.get(task.ServiceID);
    if (!service || task.DesiredState === 'remove') this.#drop(task);
    else if (isCalledOff(task)) this.#prune(task);
    else this.#restart(service, task);
  }

  update(service: Service): void {
    const updater = new Updater(service, {
      store: this.#needs.store,
      slots: () => this.#slots(service).map(({ tasks }) => tasks),
      isCurrent: (task) => this.isCurrent(service, task),
      replace: (tasks, order) => this.#replace(service, tasks, order),
      desire: (task, state) => this.desire(task, state),
      rollBack: () => this.reconcile(service),
    });
    this.#updaters.set(service.ID, updater);
    updater.start();
  }

  desire(task: Task, state: TaskState): void {
    if (hasReached(task.DesiredState, state)) return;
    task.DesiredState = state;
    this.#needs.store.touch(task);
    if (hasEnded(task.Status.State) && state === 'remove') this.#drop(task);
    else this.#needs.wake(task);
  }

  /** Whether a task runs what the service says now; a new placement alone replaces none that still satisfies it. */
  isCurrent(service: Service, task: Task): boolean {
    if (service.JobStatus) return true;
    const template = service.Spec.TaskTemplate;
    const node = this.#needs.store.nodes.get(task.NodeID ?? '');
    const samePlace = isDeepStrictEqual(template.Placement, task.Spec.Placement);
    const fits = node === undefined ? samePlace : meets(template, node);
    return fits && sameTemplate(template, task.Spec);
  }

  /**
   * Slots with what is to be updated in them: tasks that should live; else the last one, where it ended and its policy
   * lets it rest. Going back, only the living count.
   */
  #slots(service: Service): { slot: number | string; tasks: Task[] }[] {
    const slots = new Map<number | string, Task[]>();
    for (const task of this.#needs.store.tasksOf(service.ID)) {
      if (task.DesiredState === 'remove') continue;
      const slot = task.Slot ?? task.NodeID ?? '';
      slots.set(slot, [...(slots.get(slot) ?? []), task]);
    }
    const isGoingBack = service.UpdateStatus?.State === 'rollback_started';
    return [...slots].flatMap(([slot, all]) => {
      const living = all.filter((task) => !isCalledOff(task));
      if (living.length > 0) return [{ slot, tasks: living }];
      const last = all.at(-1);
      return last && !isGoingBack && this.#mayRest(last) ? [{ slot, tasks: [last] }] : [];
    });
  }

  /** Whether the policy of a task that ended asks for no other one. */
  #mayRest({ Spec, Status, ServiceID, Slot, NodeID }: Task): boolean {
    const { Condition = 'any', MaxAttempts = 0 } = Spec.RestartPolicy ?? {};
    if (Condition === 'none' || (Condition === 'on-failure' && Status.State === 'complete')) return true;
    return MaxAttempts > 0 && (this.#attempts.get(`${ServiceID}/${Slot ?? NodeID}`) ?? 0) >= MaxAttempts;
  }

  #scale(service: Service, replicas: number): void {
    const slots = this.#slots(service);
    if (slots.length > replicas) {
      const rank = ({ tasks }: { tasks: Task[] }) => (tasks.some(({ Status }) => Status.State === 'running') ? 0 : 1);
      const order = slots.sort((a, b) => rank(a) - rank(b) || Number(a.slot) - Number(b.slot));
      for (const { tasks } of order.slice(replicas)) for (const task of tasks) this.desire(task, 'remove');
      return;
    }
    const taken = new Set(slots.map(({ slot }) => slot));
    for (let slot = 1, missing = replicas - slots.length; missing > 0; slot += 1) {
      if (taken.has(slot)) continue;
      this.#make(service, { Slot: slot }, 'running');
      missing -= 1;
    }
  }

  #spread(service: Service): void {
    const nodes = new Set(this.#slots(service).map(({ slot }) => slot));
    for (const node of this.#needs.store.nodes.values())
      if (!nodes.has(node.ID) && meets(service.Spec.TaskTemplate, node))
        this.#make(service, { NodeID: node.ID }, 'running');
  }

  /** Every write to a job is a new run of it, a change of labels too (measured). */
  #reconcileJob(
    service: Service,
    { TotalCompletions, MaxConcurrent = 1 }: { TotalCompletions?: number; MaxConcurrent?: number },
  ): void {
    const iteration = service.JobStatus?.JobIteration.Index ?? 0;
    const isOfNow = ({ JobIteration }: Task) => (JobIteration?.Index ?? 0) === iteration;
    for (const task of this.#needs.store.tasksOf(service.ID)) if (!isOfNow(task)) this.desire(task, 'remove');
    const mine = this.#needs.store.tasksOf(service.ID).filter(isOfNow);
    const open = (TotalCompletions ?? MaxConcurrent) - mine.filter(({ Status }) => Status.State === 'complete').length;
    const alive = mine.filter(({ Status }) => !hasEnded(Status.State)).length;
    for (let slot = mine.length; slot < mine.length + Math.min(open, MaxConcurrent) - alive; slot += 1)
      this.#make(
        service,
        { ...(slot > 0 && { Slot: slot }), JobIteration: iteration > 0 ? { Index: iteration } : {} },
        'complete',
      );
  }

  #make(service: Service, place: Partial<Task>, desired: TaskState): Task {
    const { store } = this.#needs;
    const task: Task = {
      ...store.stored(),
      Labels: {},
      Spec: templateOf(service),
      ServiceID: service.ID,
      ...place,
      Status: { Timestamp: store.time(), State: 'new', Message: 'created', PortStatus: {} },
      DesiredState: desired,
    };
    store.tasks.set(task.ID, task);
    store.origins.set(task.ID, {
      serviceName: service.Spec.Name,
      serviceLabels: service.Spec.Labels,
      revision: store.revisions.get(service.ID)?.now ?? 0,
      ports: service.Spec.EndpointSpec?.Ports ?? [],
    });
    this.#prune(task);
    this.#needs.run(task);
    return task;
  }

  /** A task that ended by itself: another one takes its slot after the delay, as long as the policy allows. */
  #restart(service: Service, task: Task): void {
    const { Condition = 'any', Delay = 5e9, MaxAttempts = 0 } = task.Spec.RestartPolicy ?? {};
    const failed = task.Status.State !== 'complete';
    if (service.JobStatus && (!failed || Condition === 'none')) {
      this.#reconcileJob(service, service.Spec.Mode.ReplicatedJob ?? {});
      return;
    }
    this.desire(task, 'shutdown');
    const attemptsKey = `${service.ID}/${task.Slot ?? task.NodeID}`;
    const attempts = (this.#attempts.get(attemptsKey) ?? 0) + 1;
    if (Condition === 'none' || (Condition === 'on-failure' && !failed)) return;
    if (MaxAttempts > 0 && attempts > MaxAttempts) return;
    this.#attempts.set(attemptsKey, attempts);
    const { Slot, JobIteration } = task;
    const place = {
      ...(Slot !== undefined && { Slot }),
      ...(Slot === undefined && task.NodeID && { NodeID: task.NodeID }),
      ...(JobIteration && { JobIteration }),
    };
    const next = this.#make(service, place, 'ready');
    this.#needs.store.timeline.after(Delay / 1e6, () => {
      if (this.#needs.store.tasks.has(next.ID)) this.desire(next, service.JobStatus ? 'complete' : 'running');
    });
  }

  /** Puts a task of the current template into a slot; resolves the new one at once. */
  #replace(service: Service, tasks: readonly Task[], order: 'stop-first' | 'start-first'): Task {
    const [first] = tasks;
    const place = first?.Slot === undefined ? { ...(first?.NodeID && { NodeID: first.NodeID }) } : { Slot: first.Slot };
    const next = this.#make(service, place, order === 'start-first' ? 'running' : 'ready');
    if (order === 'stop-first') for (const task of tasks) this.desire(task, 'shutdown');
    return next;
  }

  #prune(task: Task): void {
    const { store } = this.#needs;
    const inSlot = store
      .tasksOf(task.ServiceID)
      .filter(
        ({ Slot, NodeID, JobIteration }) =>
          !JobIteration && (Slot === undefined ? NodeID === task.NodeID : Slot === task.Slot),
      );
    // To count attempts, it has to keep them.
    const surplus = inSlot.length - Math.max(history, (task.Spec.RestartPolicy?.MaxAttempts ?? 0) + 1);
    const ended = inSlot.filter((one) => hasEnded(one.Status.State) && isCalledOff(one));
    for (const old of ended.slice(0, Math.max(0, surplus))) this.#drop(old);
  }

  #drop(task: Task): void {
    const { store, forget } = this.#needs;
    store.tasks.delete(task.ID);
    store.origins.delete(task.ID);
    store.changed();
    forget(task);
  }
}

/** A task does not name its runtime. */
function templateOf({ Spec }: Service): TaskTemplate {
  const { Runtime: _runtime, ...template } = structuredClone(Spec.TaskTemplate);
  return template;
}

/** Whatever the order of their keys: dockerd compares what it parsed. */
function sameTemplate(one: TaskTemplate, other: TaskTemplate): boolean {
  const shape = ({ Placement: _placement, Runtime: _runtime, ...rest }: TaskTemplate) => rest;
  return isDeepStrictEqual(shape(one), shape(other));
}
