import {
  hasEnded,
  hasReached,
  type Service,
  type ServiceSpec,
  type Task,
  type TaskState,
  type UpdateConfig,
  type UpdateState,
} from './objects.ts';
import type { Store } from './store.ts';

export interface UpdaterNeeds {
  store: Store;
  /** Tasks that should live, slot by slot. */
  slots: () => Task[][];
  isCurrent: (task: Task) => boolean;
  replace: (tasks: readonly Task[], order: 'stop-first' | 'start-first') => Task;
  desire: (task: Task, state: TaskState) => void;
  /** The service has its previous spec again: begin anew. */
  rollBack: () => void;
}

const words: Readonly<Record<UpdateState, string>> = {
  updating: 'update in progress',
  paused: '',
  completed: 'update completed',
  rollback_started: '',
  rollback_paused: '',
  rollback_completed: 'rollback completed',
};

/** So long Swarm waits for the task of before to end, and then starts the next all the same. */
const patienceMs = 60_000;

/** One rolling update of a service; the next one, or the end of the service, cancels it. */
export class Updater {
  readonly #service: Service;
  readonly #needs: UpdaterNeeds;
  /** Tasks this update made, and since when they run. */
  readonly #made = new Map<string, { runsSince: number | undefined; counted: boolean }>();
  readonly #waiting = new Set<() => void>();
  #failed: Task | undefined;
  #cancelled = false;

  constructor(service: Service, needs: UpdaterNeeds) {
    this.#service = service;
    this.#needs = needs;
  }

  cancel(): void {
    this.#cancelled = true;
    this.#lookAgain();
  }

  onTask(task: Task): void {
    const made = this.#made.get(task.ID);
    if (made) {
      const now = this.#needs.store.timeline.now();
      if (task.Status.State === 'running') made.runsSince ??= now;
      const early = made.runsSince === undefined || now - made.runsSince <= this.#monitorMs;
      if (hasEnded(task.Status.State) && task.DesiredState !== 'remove' && early && !made.counted) {
        made.counted = true;
        this.#failed ??= task;
      }
    }
    this.#lookAgain();
  }

  start(): void {
    void this.#run();
  }

  async #run(): Promise<void> {
    const { slots, isCurrent } = this.#needs;
    const state = this.#service.UpdateStatus?.State;
    const dirty = slots().filter((tasks) => tasks.some((task) => !isCurrent(task)));
    const backwards = state === 'rollback_started';
    if (dirty.length === 0) {
      if (state === 'updating') this.#note('completed');
      if (backwards) this.#note('rollback_completed');
      return;
    }
    if (!backwards) this.#note('updating');
    const parallel = this.#config.Parallelism ?? 1;
    const width = parallel === 0 ? dirty.length : parallel;
    for (let first = 0; first < dirty.length && !this.#stopped; first += width) {
      if (first > 0 && this.#config.Delay) await this.#sleep(this.#config.Delay / 1e6);
      await Promise.all(dirty.slice(first, first + width).map((tasks) => this.#renew(tasks)));
    }
    if (!this.#stopped) await this.#until(() => this.#stopped, this.#monitorMs);
    if (this.#cancelled) return;
    if (this.#failed && this.#action !== 'continue') return this.#giveUp(this.#failed, backwards);
    this.#note(backwards ? 'rollback_completed' : 'completed');
  }

  /** One slot: the new task is made, the old ones go, and then or before it starts; returns once it runs or has ended. */
  async #renew(tasks: Task[]): Promise<void> {
    const { desire, replace } = this.#needs;
    const order = this.#config.Order ?? 'stop-first';
    const clean = this.#cleanOf(tasks);
    const others = tasks.filter((task) => task !== clean);
    if (clean) for (const task of others) desire(task, 'shutdown');
    const next = clean ?? replace(tasks, order);
    this.#made.set(next.ID, { runsSince: undefined, counted: false });
    if (order === 'stop-first' || clean) {
      await this.#until(() => others.every(({ Status }) => hasEnded(Status.State)), patienceMs);
      if (this.#cancelled) return;
      desire(next, 'running');
    }
    await this.#until(() => hasReached(next.Status.State, 'running'));
    if (order === 'start-first' && !this.#cancelled && next.Status.State === 'running')
      for (const task of others) desire(task, 'shutdown');
  }

  /** A task of the slot that runs, or will run, what is wanted already: it stays. */
  #cleanOf(tasks: readonly Task[]): Task | undefined {
    const clean = tasks.filter((task) => this.#needs.isCurrent(task));
    return clean.find(({ DesiredState }) => DesiredState === 'running') ?? clean[0];
  }

  #giveUp(task: Task, backwards: boolean): void {
    const because = `due to failure or early termination of task ${task.ID}`;
    const { PreviousSpec } = this.#service;
    if (backwards) this.#note('rollback_paused', `update paused ${because}`);
    else if (this.#action === 'rollback' && PreviousSpec) this.#putBack(PreviousSpec, because);
    else this.#note('paused', `update paused ${because}`);
  }

  #putBack(previous: ServiceSpec, because: string): void {
    this.#cancelled = true;
    this.#service.Spec = previous;
    delete this.#service.PreviousSpec;
    this.#needs.store.unrevise(this.#service.ID);
    this.#note('rollback_started', `update rolled back ${because}`);
    this.#needs.rollBack();
  }

  get #config(): UpdateConfig {
    const { Spec, UpdateStatus } = this.#service;
    return (UpdateStatus?.State === 'rollback_started' ? Spec.RollbackConfig : Spec.UpdateConfig) ?? {};
  }

  get #action(): string {
    return this.#config.FailureAction ?? 'pause';
  }

  get #monitorMs(): number {
    return (this.#config.Monitor ?? 5e9) / 1e6;
  }

  get #stopped(): boolean {
    return this.#cancelled || (this.#failed !== undefined && this.#action !== 'continue');
  }

  #note(State: UpdateState, Message = words[State]): void {
    const { store } = this.#needs;
    const { UpdateStatus, Spec, ID } = this.#service;
    const ended = State === 'completed' || State === 'rollback_completed';
    const begun = State === 'updating' || State === 'rollback_started' ? store.time() : UpdateStatus?.StartedAt;
    this.#service.UpdateStatus = {
      State,
      ...(begun && { StartedAt: begun }),
      ...(ended && { CompletedAt: store.time() }),
      Message,
    };
    store.touch(this.#service);
    store.emit('service', 'update', ID, {
      name: Spec.Name,
      'updatestate.new': State,
      ...(UpdateStatus && { 'updatestate.old': UpdateStatus.State }),
    });
  }

  #sleep(ms: number): Promise<void> {
    return this.#until(() => false, ms);
  }

  /** Until the condition holds, the time is over, or the update is cancelled; looked at after every change of a task. */
  #until(holds: () => boolean, limitMs?: number): Promise<void> {
    return new Promise((resolve) => {
      let over = false;
      const stopTimer =
        limitMs === undefined
          ? () => undefined
          : this.#needs.store.timeline.after(limitMs, () => {
              over = true;
              look();
            });
      const look = () => {
        if (!over && !this.#cancelled && !holds()) return;
        this.#waiting.delete(look);
        stopTimer();
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  #lookAgain(): void {
    for (const look of [...this.#waiting]) look();
  }
}
