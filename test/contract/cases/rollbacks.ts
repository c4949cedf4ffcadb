import { expect } from 'vitest';
import { type Bench, type SpecChanges, steadyService } from '../bench.ts';
import { followUpdate, isRunning, untilRunning, untilTask } from '../bench-waits.ts';
import type { Task } from '../objects.ts';
import { probes, scripts } from '../scripts.ts';
import { aTime, type CaseGroup, expectRefusal } from './case.ts';

const second = 1_000_000_000;
const guarded = (bench: Bench, changes: SpecChanges = {}) =>
  steadyService(bench, {
    UpdateConfig: { Parallelism: 1, Monitor: 5 * second, FailureAction: 'rollback' },
    RollbackConfig: { Parallelism: 1, Monitor: second },
    ...changes,
  });
const notRestarted = { RestartPolicy: { Condition: 'none' } };
const broken: SpecChanges = { container: { Command: scripts.fails }, task: notRestarted };
/** Two tasks at once, of which one fails: so the other has to be rolled back, and that can be seen. */
const pair = (bench: Bench, Command: readonly string[], Labels: object = {}) =>
  guarded(bench, {
    Labels,
    Mode: { Replicated: { Replicas: 2 } },
    container: { Command, Env: ['SLOT={{.Task.Slot}}'] },
    UpdateConfig: { Parallelism: 2, Monitor: 5 * second, FailureAction: 'rollback' },
    RollbackConfig: { Parallelism: 1, Monitor: 5 * second },
  });
/** Called off before it had a node, and not ended. */
const isUnplaced = ({ NodeID, DesiredState, Status }: Task) =>
  NodeID === undefined && DesiredState === 'shutdown' && Status.State === 'pending';

/** An update that no node takes is taken back by hand. */
async function strand(bench: Bench) {
  const id = await bench.create('services', guarded(bench));
  await untilRunning(bench, id);
  await bench.update(id, guarded(bench, { task: { Placement: { Constraints: ['node.id == nowhere'] } } }));
  await untilTask(
    bench,
    id,
    'it waits for a node',
    ({ Status }) => Status.Err?.startsWith('no suitable node') === true,
  );
  await bench.update(id, guarded(bench), { rollback: 'previous' });
  const isWaiting = async () => {
    const tasks = await bench.tasks(id);
    return (
      tasks.some(isUnplaced) && tasks.some(({ DesiredState }) => DesiredState === 'ready') && !tasks.some(isRunning)
    );
  };
  await bench.until('the earlier one waits behind it', isWaiting);
  return { id, isWaiting };
}

const early = (action: string) =>
  expect.stringMatching(new RegExp(`^update ${action} due to failure or early termination of task [a-z0-9]{25}$`));

export const rollbackCases: CaseGroup = {
  subject: 'rolling back',
  cases: [
    {
      name: 'returns to the earlier specification, labels too, when a new task fails',
      async run(bench) {
        const id = await bench.create('services', pair(bench, scripts.steady, { version: 'good' }));
        await untilRunning(bench, id, 2);
        const before = await bench.service(id);
        await bench.update(id, pair(bench, scripts.failsInSlot2, { version: 'broken' }));
        const { states, service } = await followUpdate(bench, id, 'rollback_completed');
        expect(states).toEqual(['updating', 'rollback_started', 'rollback_completed']);
        expect(service.Spec).toEqual(before.Spec);
        expect(service.UpdateStatus).toEqual({
          State: 'rollback_completed',
          StartedAt: aTime,
          CompletedAt: aTime,
          Message: 'rollback completed',
        });
        for (const task of await untilRunning(bench, id, 2))
          expect(task.Spec.ContainerSpec.Command).toEqual(scripts.steady);
      },
    },
    {
      name: 'says which task made it roll back',
      async run(bench) {
        const id = await bench.create('services', pair(bench, scripts.steady));
        await untilRunning(bench, id, 2);
        await bench.update(id, pair(bench, scripts.failsInSlot2));
        const { service } = await followUpdate(bench, id, 'rollback_started');
        expect(service.UpdateStatus).toEqual({
          State: 'rollback_started',
          StartedAt: aTime,
          Message: early('rolled back'),
        });
        expect(service).not.toHaveProperty('PreviousSpec');
      },
    },
    {
      name: 'has no earlier specification left after it rolled back by itself',
      async run(bench) {
        const id = await bench.create('services', guarded(bench));
        await untilRunning(bench, id);
        await bench.update(id, guarded(bench, broken));
        const { service } = await followUpdate(bench, id, 'rollback_completed');
        expect(service).not.toHaveProperty('PreviousSpec');
        const version = service.Version.Index;
        expectRefusal(
          await bench.post(`/services/${id}/update`, guarded(bench), { version, rollback: 'previous' }),
          400,
          `rpc error: code = FailedPrecondition desc = service ${id} does not have a previous spec`,
        );
      },
    },
    {
      name: 'rolls back from a task that is not to be restarted',
      async run(bench) {
        const id = await bench.create('services', guarded(bench));
        await untilRunning(bench, id);
        await bench.update(id, guarded(bench, broken));
        await followUpdate(bench, id, 'rollback_completed');
        const [task] = await untilRunning(bench, id);
        expect(task?.Spec.ContainerSpec.Command).toEqual(scripts.steady);
      },
    },
    {
      name: 'rolls back from an image that is nowhere',
      async run(bench) {
        const id = await bench.create('services', guarded(bench));
        await untilRunning(bench, id);
        await bench.update(id, guarded(bench, { container: { Image: bench.missingImage } }));
        const { service } = await followUpdate(bench, id, 'rollback_completed');
        expect(service.Spec.TaskTemplate.ContainerSpec.Image).toBe(bench.image);
        await untilRunning(bench, id);
      },
    },
    {
      name: 'rolls back from a task that is never healthy',
      async run(bench) {
        const Healthcheck = { Test: probes.fails, Interval: second, Timeout: second, Retries: 2 };
        const id = await bench.create('services', guarded(bench));
        await untilRunning(bench, id);
        await bench.update(id, guarded(bench, { container: { Healthcheck } }));
        const { service } = await followUpdate(bench, id, 'rollback_completed');
        expect(service.Spec.TaskTemplate.ContainerSpec).not.toHaveProperty('Healthcheck');
      },
    },
    {
      name: 'keeps the old task when it starts the new one first, and that never runs',
      async run(bench) {
        const UpdateConfig = { Parallelism: 1, Monitor: 2 * second, FailureAction: 'rollback', Order: 'start-first' };
        const id = await bench.create('services', guarded(bench, { UpdateConfig }));
        const [before] = await untilRunning(bench, id);
        await bench.update(id, guarded(bench, { UpdateConfig, container: { Image: bench.missingImage } }));
        await followUpdate(bench, id, 'rollback_completed');
        expect((await untilRunning(bench, id)).map(({ ID }) => ID)).toEqual([before?.ID]);
      },
    },
    {
      name: 'pauses when the earlier specification fails as well',
      async run(bench) {
        const id = await bench.create('services', pair(bench, scripts.failsAfter1s));
        await untilRunning(bench, id, 2);
        await bench.update(id, pair(bench, scripts.failsInSlot2));
        const { service } = await followUpdate(bench, id, 'rollback_paused');
        expect(service.UpdateStatus).toEqual({ State: 'rollback_paused', StartedAt: aTime, Message: early('paused') });
      },
    },
    {
      name: 'lets the earlier task wait a minute behind one that was never placed, which it does not end',
      async run(bench) {
        const { id, isWaiting } = await strand(bench);
        await bench.wait(20_000);
        expect(await isWaiting()).toBe(true);
        await bench.until('it runs all the same', async () => (await bench.tasks(id)).some(isRunning), 60_000);
      },
    },
    {
      name: 'ends the one that was never placed with the next change, and starts at once',
      async run(bench) {
        const { id } = await strand(bench);
        await bench.update(id, guarded(bench, { task: { ForceUpdate: 1 } }));
        await bench.until('it runs', async () => (await bench.tasks(id)).some(isRunning), 20_000);
        await bench.until('the other has ended', async () => !(await bench.tasks(id)).some(isUnplaced));
      },
    },
    {
      name: 'rolls back by hand, step by step',
      async run(bench) {
        const id = await bench.create('services', guarded(bench, { container: { Env: ['VERSION=1'] } }));
        await untilRunning(bench, id);
        await bench.update(id, guarded(bench, { container: { Env: ['VERSION=2'] } }));
        await followUpdate(bench, id, 'completed');
        await bench.update(id, guarded(bench), { rollback: 'previous' });
        const started = await followUpdate(bench, id, 'rollback_started');
        expect(started.service.UpdateStatus?.Message).toBe('manually requested rollback');
        const { service } = await followUpdate(bench, id, 'rollback_completed');
        expect(service.Spec.TaskTemplate.ContainerSpec).toMatchObject({ Env: ['VERSION=1'] });
        expect(service.PreviousSpec?.TaskTemplate.ContainerSpec).toMatchObject({ Env: ['VERSION=2'] });
      },
    },
  ],
};
