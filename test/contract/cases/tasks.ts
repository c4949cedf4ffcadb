import { expect } from 'vitest';
import { type Bench, steadyService } from '../bench.ts';
import { untilRunning, untilState } from '../bench-waits.ts';
import type { Task } from '../objects.ts';
import { scripts } from '../scripts.ts';
import { anId, aTime, type CaseGroup, expectRefusal } from './case.ts';

const states = ['new', 'pending', 'assigned', 'accepted', 'preparing', 'ready', 'starting', 'running'];

export const taskCases: CaseGroup = {
  subject: 'tasks',
  cases: [
    {
      name: 'takes a task through its states, forwards only',
      async run(bench) {
        const id = await bench.create('services', steadyService(bench));
        const seen: number[] = [];
        await bench.until('it runs', async () => {
          const [task] = await bench.tasks(id);
          if (task) seen.push(states.indexOf(task.Status.State));
          return task?.Status.State === 'running';
        });
        expect(seen).toEqual(seen.toSorted((one, other) => one - other));
        expect(seen).not.toContain(-1);
      },
    },
    {
      name: 'shows a task that runs',
      async run(bench) {
        const id = await bench.create('services', steadyService(bench));
        const [task] = await untilRunning(bench, id);
        expect(task).toEqual({
          ID: anId,
          Version: { Index: expect.any(Number) },
          CreatedAt: aTime,
          UpdatedAt: aTime,
          Labels: {},
          Spec: {
            ContainerSpec: { Image: bench.image, Command: scripts.steady, Isolation: 'default' },
            RestartPolicy: { Condition: 'any', Delay: 0, MaxAttempts: 0 },
            ForceUpdate: 0,
          },
          ServiceID: id,
          Slot: 1,
          NodeID: anId,
          Status: {
            Timestamp: aTime,
            State: 'running',
            Message: 'started',
            ContainerStatus: {
              ContainerID: expect.stringMatching(/^[0-9a-f]{64}$/),
              PID: expect.any(Number),
              ExitCode: 0,
            },
            PortStatus: {},
          },
          DesiredState: 'running',
        });
        for (const key of [task?.ID, task?.ID.slice(0, 12)])
          expect(((await bench.get(`/tasks/${key}`)).json as Task).ID).toBe(task?.ID);
      },
    },
    {
      name: 'gives each replica a slot',
      async run(bench) {
        const id = await bench.create('services', steadyService(bench, { Mode: { Replicated: { Replicas: 3 } } }));
        expect((await untilRunning(bench, id, 3)).map(({ Slot }) => Slot)).toEqual([1, 2, 3]);
        expect(await status(bench, id)).toEqual({ RunningTasks: 3, DesiredTasks: 3, CompletedTasks: 0 });
      },
    },
    {
      name: 'runs one task of a global service on the node, without a slot',
      async run(bench) {
        const id = await bench.create('services', steadyService(bench, { Mode: { Global: {} } }));
        const [task] = await untilRunning(bench, id);
        expect(task).not.toHaveProperty('Slot');
        expect(await bench.tasks(id, { name: [`${bench.unique()}.${task?.NodeID}`] }), 'by its name').toHaveLength(1);
        expect(await status(bench, id)).toEqual({ RunningTasks: 1, DesiredTasks: 1, CompletedTasks: 0 });
      },
    },
    {
      name: 'finds tasks by service, label of the service, name, id, node and desired state',
      async run(bench) {
        const id = await bench.create('services', steadyService(bench, { Labels: { [bench.unique()]: 'yes' } }));
        const [task] = await untilRunning(bench, id);
        const find = async (filters: unknown) =>
          ((await bench.get('/tasks', { filters })).json as Task[]).filter((one) => one.ServiceID === id).length;
        expect(await find({ service: [bench.unique()] }), 'by the name of the service').toBe(1);
        expect(await find({ service: [id.slice(0, 12)] }), 'by the beginning of its id').toBe(1);
        expect(await find({ label: [bench.unique()] })).toBe(1);
        expect(await find({ label: [`${bench.unique()}=yes`] })).toBe(1);
        expect(await find({ label: [`${bench.unique()}=no`] })).toBe(0);
        expect(await find({ name: [bench.unique()] })).toBe(1);
        expect(await find({ name: [`${bench.unique()}.1`] })).toBe(1);
        expect(await find({ name: [`${bench.unique()}.2`] })).toBe(0);
        expect(await find({ id: [task?.ID] })).toBe(1);
        expect(await find({ node: [task?.NodeID] })).toBe(1);
        expect(await find({ 'desired-state': ['running'] })).toBe(1);
        expect(await find({ 'desired-state': ['shutdown'] })).toBe(0);
        expect(await find({ 'desired-state': ['running', 'shutdown'] })).toBe(1);
        expect(await find({ service: [id], 'desired-state': ['shutdown'] })).toBe(0);
        expect(await find({ service: [id], '_up-to-date': ['true'] })).toBe(1);
      },
    },
    {
      name: 'refuses filters of tasks that it does not know or cannot resolve',
      async run({ get }) {
        const list = (filters: unknown) => get('/tasks', { filters });
        expectRefusal(await list({ foo: ['x'] }), 400, "Invalid filter 'foo'");
        expectRefusal(await list({ service: ['nosuch'] }), 404, 'service nosuch not found');
        expectRefusal(await list({ node: ['nosuch'] }), 404, 'node nosuch not found');
        expectRefusal(await list({ 'desired-state': ['nosuch'] }), 500, "Invalid desired-state filter: 'nosuch'");
        expectRefusal(await list('x'), 500, "invalid character 'x' looking for beginning of value");
        expectRefusal(await get('/tasks/nosuch'), 404, 'task nosuch not found');
      },
    },
    {
      name: 'says with which code a program failed',
      async run(bench) {
        const RestartPolicy = { Condition: 'none' };
        const id = await bench.create(
          'services',
          steadyService(bench, { container: { Command: scripts.fails }, task: { RestartPolicy } }),
        );
        const task = await untilState(bench, id, 'failed');
        expect(task).toMatchObject({
          Status: {
            Message: 'started',
            Err: 'task: non-zero exit (7)',
            ContainerStatus: { ContainerID: expect.any(String), PID: 0, ExitCode: 7 },
          },
          DesiredState: 'shutdown',
        });
      },
    },
    {
      name: 'calls a task complete whose program ended with 0',
      async run(bench) {
        const RestartPolicy = { Condition: 'none' };
        const id = await bench.create(
          'services',
          steadyService(bench, { container: { Command: scripts.succeeds }, task: { RestartPolicy } }),
        );
        const task = await untilState(bench, id, 'complete');
        expect(task.Status).toEqual({
          Timestamp: aTime,
          State: 'complete',
          Message: 'finished',
          ContainerStatus: { ContainerID: expect.any(String), PID: 0, ExitCode: 0 },
          PortStatus: {},
        });
        expect(task.DesiredState).toBe('shutdown');
        expect(await status(bench, id)).toEqual({ RunningTasks: 0, DesiredTasks: 1, CompletedTasks: 0 });
      },
    },
    {
      name: 'rejects a task whose image is nowhere',
      async run(bench) {
        const { missingImage } = bench;
        const id = await bench.create(
          'services',
          steadyService(bench, { container: { Image: missingImage }, task: { RestartPolicy: { Condition: 'none' } } }),
        );
        const task = await untilState(bench, id, 'rejected');
        expect(task).toMatchObject({
          Status: {
            Message: 'preparing',
            Err: `No such image: ${missingImage}`,
            ContainerStatus: { ContainerID: '', PID: 0, ExitCode: 0 },
          },
          DesiredState: 'shutdown',
        });
      },
    },
    {
      name: 'fails a task whose command is not in the image',
      async run(bench) {
        const id = await bench.create(
          'services',
          steadyService(bench, {
            container: { Command: scripts.noSuchCommand },
            task: { RestartPolicy: { Condition: 'none' } },
          }),
        );
        const task = await untilState(bench, id, 'failed');
        expect(task.Status).toMatchObject({
          Message: 'starting',
          Err: expect.stringMatching(
            /^starting container failed: .*exec: "no-such-command": executable file not found in \$PATH: unknown$/,
          ),
          ContainerStatus: { ContainerID: expect.any(String), PID: 0, ExitCode: 127 },
        });
      },
    },
    {
      name: 'rejects a task that mounts what is not there',
      async run(bench) {
        const Mounts = [{ Type: 'bind', Source: '/no/such/place', Target: '/x' }];
        const id = await bench.create(
          'services',
          steadyService(bench, { container: { Mounts }, task: { RestartPolicy: { Condition: 'none' } } }),
        );
        expect((await untilState(bench, id, 'rejected')).Status).toMatchObject({
          Message: 'preparing',
          Err: 'invalid mount config for type "bind": bind source path does not exist: /no/such/place',
        });
      },
    },
    {
      name: 'deletes a service before its tasks have ended',
      async run(bench) {
        const id = await bench.create('services', steadyService(bench));
        await untilRunning(bench, id);
        expect((await bench.delete(`/services/${id}`)).status).toBe(200);
        const left = async () =>
          ((await bench.get('/tasks')).json as Task[]).filter(({ ServiceID }) => ServiceID === id);
        expect(await left()).toMatchObject([{ Status: { State: 'running' } }]);
        await bench.until('they are to be removed', async () =>
          (await left()).every((task) => task.DesiredState === 'remove'),
        );
        expectRefusal(await bench.get('/tasks', { filters: { service: [id] } }), 404, `service ${id} not found`);
      },
    },
    {
      name: 'takes the name of a deleted service for a new one at once',
      async run(bench) {
        const id = await bench.create('services', steadyService(bench));
        await untilRunning(bench, id);
        await bench.delete(`/services/${id}`);
        const next = await bench.create('services', steadyService(bench));
        const [task] = await untilRunning(bench, next);
        expect(task?.ServiceID).toBe(next);
      },
    },
  ],
};

async function status(bench: Bench, id: string): Promise<unknown> {
  const { json } = await bench.get('/services', { status: 'true', filters: { id: [id] } });
  return (json as { ServiceStatus: unknown }[])[0]?.ServiceStatus;
}
