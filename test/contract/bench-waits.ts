import type { Bench } from './bench.ts';
import type { Service, Task } from './objects.ts';

export type Condition = (task: Task) => boolean;

export const isRunning: Condition = ({ Status, DesiredState }) =>
  Status.State === 'running' && DesiredState === 'running';
/** It ended, and the manager took note: a node tells the one, and the manager no longer wishes it to run a moment later. */
export const isOver: Condition = ({ Status, DesiredState }) =>
  endStates.includes(Status.State) && DesiredState !== 'running';
const endStates = ['complete', 'failed', 'rejected', 'shutdown', 'orphaned', 'remove'];

/** Waits until so many tasks of the service run; gives them by slot. */
export function untilRunning(bench: Bench, id: string, count = 1): Promise<Task[]> {
  return bench.until(`${count} tasks run`, async () => {
    const running = (await bench.tasks(id)).filter(isRunning);
    return running.length === count && running.sort((one, other) => (one.Slot ?? 0) - (other.Slot ?? 0));
  });
}

/** Waits until the service has a task of which this is true, and gives it. */
export function untilTask(bench: Bench, id: string, what: string, condition: Condition): Promise<Task> {
  return bench.until(what, async () => (await bench.tasks(id)).find(condition));
}

/** Waits until a task is in this state; of a state that is an end, until {@link isOver}. */
export function untilState(bench: Bench, id: string, state: string): Promise<Task> {
  const isSettled = endStates.includes(state) ? isOver : () => true;
  return untilTask(bench, id, `a task is ${state}`, (task) => task.Status.State === state && isSettled(task));
}

/** Waits for the update to come so far; gives the states that it was seen in, without repetition, and the service. */
export async function followUpdate(
  bench: Bench,
  id: string,
  last: string,
): Promise<{ states: string[]; service: Service }> {
  const states: string[] = [];
  const service = await bench.until(`the update is ${last}`, async () => {
    const seen = await bench.service(id);
    const state = seen.UpdateStatus?.State;
    if (state && states.at(-1) !== state) states.push(state);
    return state === last && seen;
  });
  return { states, service };
}

/** Looks at the tasks again and again until this is true of them; gives the largest number that ran at one time, and the least. */
export async function watchTasks(
  bench: Bench,
  id: string,
  isDone: () => Promise<boolean>,
): Promise<{ most: number; least: number }> {
  let most = 0;
  let least = Number.POSITIVE_INFINITY;
  await bench.until('the watch is over', async () => {
    const running = (await bench.tasks(id)).filter(({ Status }) => Status.State === 'running').length;
    most = Math.max(most, running);
    least = Math.min(least, running);
    return isDone();
  });
  return { most, least };
}
