import { expect } from 'vitest';
import { type Bench, type SpecChanges, steadyService } from '../bench.ts';
import { followUpdate, isRunning, untilRunning, untilState, watchTasks } from '../bench-waits.ts';
import { scripts } from '../scripts.ts';
import { aTime, type CaseGroup } from './case.ts';

const second = 1_000_000_000;
const quickly = { Parallelism: 1, Monitor: second };
/** For tasks that fail: on a busy machine that takes its time. */
const patiently = { Parallelism: 1, Monitor: 6 * second };
/** A service with short monitoring, in its first state. */
const updating = (bench: Bench, changes: SpecChanges = {}, UpdateConfig: object = quickly) =>
  steadyService(bench, { UpdateConfig, RollbackConfig: quickly, ...changes });
const changed: SpecChanges = { container: { Env: ['VERSION=2'] } };
const broken: SpecChanges = { container: { Command: scripts.fails }, task: { RestartPolicy: { Condition: 'none' } } };

export const updateCases: CaseGroup = {
  subject: 'updates of services that run',
  cases: [
    {
      name: 'has no update state after a service was made',
      async run(bench) {
        const id = await bench.create('services', updating(bench));
        await untilRunning(bench, id);
        expect(await bench.service(id)).not.toHaveProperty('UpdateStatus');
      },
    },
    {
      name: 'keeps the task and has no update state where only labels of the service change',
      async run(bench) {
        const id = await bench.create('services', updating(bench));
        const [before] = await untilRunning(bench, id);
        await bench.update(id, updating(bench, { Labels: { a: 'b' } }));
        await bench.wait(2000);
        expect((await bench.tasks(id)).map(({ ID }) => ID)).toEqual([before?.ID]);
        expect(await bench.service(id)).not.toHaveProperty('UpdateStatus');
      },
    },
    {
      name: 'keeps the task where only the way of updating changes',
      async run(bench) {
        const id = await bench.create('services', updating(bench));
        const [before] = await untilRunning(bench, id);
        await bench.update(id, updating(bench, {}, { Parallelism: 2, Order: 'start-first' }));
        await bench.wait(2000);
        expect((await bench.tasks(id)).map(({ ID }) => ID)).toEqual([before?.ID]);
      },
    },
    {
      name: 'replaces the task in its slot when its variables change',
      async run(bench) {
        const id = await bench.create('services', updating(bench));
        const [before] = await untilRunning(bench, id);
        await bench.update(id, updating(bench, changed));
        const { states, service } = await followUpdate(bench, id, 'completed');
        expect(states).toEqual(['updating', 'completed']);
        expect(service.UpdateStatus).toEqual({
          State: 'completed',
          StartedAt: aTime,
          CompletedAt: aTime,
          Message: 'update completed',
        });
        const tasks = await bench.tasks(id);
        expect(tasks).toMatchObject([
          {
            Slot: 1,
            DesiredState: 'running',
            Status: { State: 'running' },
            Spec: { ContainerSpec: { Env: ['VERSION=2'] } },
          },
          { ID: before?.ID, Slot: 1, DesiredState: 'shutdown', Status: { State: 'shutdown' } },
        ]);
      },
    },
    {
      name: 'says while it updates that it does',
      async run(bench) {
        const id = await bench.create('services', updating(bench));
        await untilRunning(bench, id);
        await bench.update(id, updating(bench, changed));
        const { service } = await followUpdate(bench, id, 'updating');
        expect(service.UpdateStatus).toEqual({
          State: 'updating',
          StartedAt: aTime,
          Message: 'update in progress',
        });
      },
    },
    {
      name: 'restarts the task when it is forced to',
      async run(bench) {
        const id = await bench.create('services', updating(bench));
        const [before] = await untilRunning(bench, id);
        await bench.update(id, updating(bench, { task: { ForceUpdate: 1 } }));
        await followUpdate(bench, id, 'completed');
        const [after] = await untilRunning(bench, id);
        expect(after?.ID).not.toBe(before?.ID);
        expect(after?.Spec).toMatchObject({ ForceUpdate: 1 });
      },
    },
    {
      name: 'shows labels of the container in the task, and replaces it when they change',
      async run(bench) {
        const id = await bench.create('services', updating(bench, { container: { Labels: { spec: 'a' } } }));
        const [before] = await untilRunning(bench, id);
        await bench.update(id, updating(bench, { container: { Labels: { spec: 'b' } } }));
        const after = await bench.until('another runs', async () =>
          (await bench.tasks(id)).find((task) => isRunning(task) && task.ID !== before?.ID),
        );
        expect(after.Spec.ContainerSpec.Labels).toEqual({ spec: 'b' });
      },
    },
    {
      name: 'tells up-to-date tasks from those of an earlier version',
      async run(bench) {
        const id = await bench.create('services', updating(bench));
        const [before] = await untilRunning(bench, id);
        await bench.update(id, updating(bench, changed));
        await followUpdate(bench, id, 'completed');
        const current = await bench.tasks(id, { '_up-to-date': ['true'] });
        expect(current).toHaveLength(1);
        expect(current[0]?.ID).not.toBe(before?.ID);
        expect(await bench.tasks(id, { '_up-to-date': ['false'] }), 'whatever it is set to').toEqual(current);
      },
    },
    {
      name: 'stops the old task before it starts the new one, by default',
      async run(bench) {
        const id = await bench.create('services', updating(bench));
        await untilRunning(bench, id);
        await bench.update(id, updating(bench, changed));
        const watched = await watchTasks(
          bench,
          id,
          async () => (await bench.service(id)).UpdateStatus?.State === 'completed',
        );
        expect(watched).toEqual({ most: 1, least: 0 });
      },
    },
    {
      name: 'starts the new task before it stops the old one when told so',
      async run(bench) {
        const config = { ...quickly, Order: 'start-first' };
        const container = { Command: scripts.stubborn, StopGracePeriod: second };
        const id = await bench.create('services', updating(bench, { container }, config));
        await untilRunning(bench, id);
        await bench.update(id, updating(bench, { container: { ...container, Env: ['VERSION=2'] } }, config));
        const watched = await watchTasks(
          bench,
          id,
          async () => (await bench.service(id)).UpdateStatus?.State === 'completed',
        );
        expect(watched).toEqual({ most: 2, least: 1 });
      },
    },
    {
      name: 'updates one task after the other, and all at once with parallelism 0',
      async run(bench) {
        const Mode = { Replicated: { Replicas: 3 } };
        for (const [Parallelism, least] of [
          [1, 2],
          [0, 0],
        ] as const) {
          const config = { ...quickly, Parallelism };
          const Name = bench.unique(String(Parallelism));
          const id = await bench.create('services', updating(bench, { Name, Mode }, config));
          await untilRunning(bench, id, 3);
          await bench.update(id, updating(bench, { Name, Mode, ...changed }, config));
          const watched = await watchTasks(
            bench,
            id,
            async () => (await bench.service(id)).UpdateStatus?.State === 'completed',
          );
          expect({ Parallelism, least: watched.least }).toEqual({ Parallelism, least });
        }
      },
    },
    {
      name: 'pauses an update whose new task fails, and leaves things as they are',
      async run(bench) {
        const id = await bench.create('services', updating(bench));
        await untilRunning(bench, id);
        await bench.update(id, updating(bench, broken, patiently));
        const { states, service } = await followUpdate(bench, id, 'paused');
        expect(states).toEqual(['updating', 'paused']);
        const failed = (await bench.tasks(id)).find(({ Status }) => Status.State === 'failed');
        expect(service.UpdateStatus).toEqual({
          State: 'paused',
          StartedAt: aTime,
          Message: `update paused due to failure or early termination of task ${failed?.ID}`,
        });
        expect(service.Spec.TaskTemplate.ContainerSpec).toMatchObject({ Command: scripts.fails });
        expect((await bench.tasks(id)).filter(isRunning)).toEqual([]);
      },
    },
    {
      name: 'goes on from a paused update with the next one',
      async run(bench) {
        const id = await bench.create('services', updating(bench));
        await untilRunning(bench, id);
        await bench.update(id, updating(bench, broken, patiently));
        await followUpdate(bench, id, 'paused');
        await bench.update(id, updating(bench, changed));
        await followUpdate(bench, id, 'completed');
        await untilRunning(bench, id);
      },
    },
    {
      name: 'pauses an update to an image that is nowhere',
      async run(bench) {
        const id = await bench.create('services', updating(bench));
        await untilRunning(bench, id);
        await bench.update(
          id,
          updating(
            bench,
            { container: { Image: bench.missingImage }, task: { RestartPolicy: { Condition: 'none' } } },
            patiently,
          ),
        );
        await followUpdate(bench, id, 'paused');
        expect((await untilState(bench, id, 'rejected')).Status.Err).toBe(`No such image: ${bench.missingImage}`);
      },
    },
    {
      name: 'completes a failing update when told to continue',
      async run(bench) {
        const config = { ...patiently, FailureAction: 'continue' };
        const id = await bench.create('services', updating(bench, {}, config));
        await untilRunning(bench, id);
        await bench.update(id, updating(bench, broken, config));
        expect((await followUpdate(bench, id, 'completed')).states).toEqual(['updating', 'completed']);
      },
    },
    {
      name: 'updates for as long as no node takes the new task',
      async run(bench) {
        const id = await bench.create('services', updating(bench));
        await untilRunning(bench, id);
        const Placement = { Constraints: ['node.id == nowhere'] };
        await bench.update(id, updating(bench, { task: { Placement } }));
        await untilState(bench, id, 'pending');
        await bench.wait(3000);
        expect((await bench.service(id)).UpdateStatus?.State).toBe('updating');
      },
    },
    {
      name: 'counts a failure within the time of monitoring, and none after it',
      async run(bench) {
        const late: SpecChanges = {
          container: { Command: scripts.failsAfter3s },
          task: { RestartPolicy: { Condition: 'none' } },
        };
        for (const [Monitor, last] of [
          [6 * second, 'paused'],
          [second, 'completed'],
        ] as const) {
          const Name = bench.unique(last);
          const config = { Parallelism: 1, Monitor };
          const id = await bench.create('services', updating(bench, { Name }, config));
          await untilRunning(bench, id);
          await bench.update(id, updating(bench, { Name, ...late }, config));
          expect((await followUpdate(bench, id, last)).states).toEqual(['updating', last]);
        }
      },
    },
    {
      name: 'forgets the state of an update with the next change, even of labels',
      async run(bench) {
        const id = await bench.create('services', updating(bench));
        await untilRunning(bench, id);
        await bench.update(id, updating(bench, changed));
        await followUpdate(bench, id, 'completed');
        await bench.update(id, updating(bench, { ...changed, Labels: { a: 'b' } }));
        await bench.wait(1000);
        expect(await bench.service(id)).not.toHaveProperty('UpdateStatus');
      },
    },
  ],
};
