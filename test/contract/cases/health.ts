import { expect } from 'vitest';
import { type Bench, steadyService } from '../bench.ts';
import { isOver, untilRunning, untilState, untilTask } from '../bench-waits.ts';
import type { Part } from '../objects.ts';
import { probes, scripts } from '../scripts.ts';
import { aTime, type CaseGroup } from './case.ts';

const second = 1_000_000_000;
const checked = (bench: Bench, Test: readonly string[], container: Part = {}, task: Part = {}) =>
  bench.create(
    'services',
    steadyService(bench, {
      container: { Healthcheck: { Test, Interval: second, Timeout: second, Retries: 2 }, ...container },
      task: { RestartPolicy: { Condition: 'none' }, ...task },
    }),
  );
const inspect = async (bench: Bench, container: string | undefined) =>
  (await bench.get(`/containers/${container}/json`)).json as { State: Part & { Health?: Part } };

export const healthCases: CaseGroup = {
  subject: 'health checks',
  cases: [
    {
      name: 'lets a task start for as long as it is not healthy yet',
      async run(bench) {
        const id = await checked(bench, probes.passes);
        const starting = await untilTask(
          bench,
          id,
          'its container runs',
          ({ Status }) => Status.State === 'starting' && Status.ContainerStatus !== undefined,
        );
        expect(starting.Status).toMatchObject({ Message: 'starting', ContainerStatus: { ExitCode: 0 } });
        const [task] = await untilRunning(bench, id);
        expect(task?.Status.Message).toBe('started');
        const lasted = Date.parse(task?.Status.Timestamp ?? '') - Date.parse(starting.Status.Timestamp);
        expect(lasted, 'the first probe comes after one interval').toBeGreaterThan(900);
      },
    },
    {
      name: 'shows the health of a container and its last probes',
      async run(bench) {
        const id = await checked(bench, probes.passes);
        const [task] = await untilRunning(bench, id);
        const { State } = await inspect(bench, task?.Status.ContainerStatus?.ContainerID);
        expect(State.Health).toEqual({
          Status: 'healthy',
          FailingStreak: 0,
          Log: expect.arrayContaining([
            { Start: expect.any(String), End: expect.any(String), ExitCode: 0, Output: '' },
          ]),
        });
      },
    },
    {
      name: 'ends a task that never becomes healthy, with the reason',
      async run(bench) {
        const id = await checked(bench, probes.fails, { Command: scripts.stubborn, StopGracePeriod: second });
        const task = await untilTask(bench, id, 'it is over', isOver);
        expect(task).toMatchObject({
          DesiredState: 'shutdown',
          Status: {
            State: 'failed',
            Message: 'starting',
            Err: 'task: non-zero exit (137): dockerexec: unhealthy container',
            ContainerStatus: { PID: 0, ExitCode: 137 },
          },
        });
      },
    },
    {
      name: 'calls a task complete that ended well when it was found unhealthy',
      async run(bench) {
        const id = await checked(bench, probes.fails);
        const task = await untilTask(bench, id, 'it is over', isOver);
        expect(task.Status).toEqual({
          Timestamp: aTime,
          State: 'complete',
          Message: 'finished',
          ContainerStatus: { ContainerID: expect.any(String), PID: 0, ExitCode: 0 },
          PortStatus: {},
        });
      },
    },
    {
      name: 'keeps what the probes of an unhealthy container said',
      async run(bench) {
        const id = await checked(bench, probes.fails);
        const { Status } = await untilTask(bench, id, 'it is over', isOver);
        const { State } = await inspect(bench, Status.ContainerStatus?.ContainerID);
        expect(State).toMatchObject({
          Status: 'exited',
          Health: {
            Status: 'unhealthy',
            FailingStreak: 2,
            Log: [
              { ExitCode: 1, Output: 'sick\n' },
              { ExitCode: 1, Output: 'sick\n' },
            ],
          },
        });
      },
    },
    {
      name: 'replaces a task that becomes unhealthy after it ran',
      async run(bench) {
        const Test = ['CMD-SHELL', 'test ! -e /tmp/sick'];
        const id = await checked(bench, Test, {}, { RestartPolicy: { Condition: 'any', Delay: 0 } });
        const [first] = await untilRunning(bench, id);
        await makeSick(bench, first?.Status.ContainerStatus?.ContainerID ?? '');
        const over = await untilTask(bench, id, 'the first is over', (task) => task.ID === first?.ID && isOver(task));
        expect(over.Status.State).toBe('complete');
        const [next] = await untilRunning(bench, id);
        expect(next?.ID).not.toBe(first?.ID);
      },
    },
    {
      name: 'does not count failures while the container may still start',
      async run(bench) {
        const id = await checked(bench, probes.fails, {
          Healthcheck: { Test: probes.fails, Interval: second, Timeout: second, Retries: 1, StartPeriod: 5 * second },
        });
        await untilState(bench, id, 'starting');
        await bench.wait(3000);
        const [task] = await bench.tasks(id);
        expect(task?.Status.State).toBe('starting');
        await untilTask(bench, id, 'it is over', isOver);
      },
    },
    {
      name: 'runs a task at once whose check is NONE',
      async run(bench) {
        const id = await bench.create(
          'services',
          steadyService(bench, { container: { Healthcheck: { Test: ['NONE'] } } }),
        );
        const [task] = await untilRunning(bench, id);
        const { State } = await inspect(bench, task?.Status.ContainerStatus?.ContainerID);
        expect(State).not.toHaveProperty('Health');
      },
    },
  ],
};

async function makeSick(bench: Bench, container: string): Promise<void> {
  const { json } = await bench.post(`/containers/${container}/exec`, { Cmd: ['/bin/sh', '-c', 'echo x > /tmp/sick'] });
  await bench.post(`/exec/${(json as { Id: string }).Id}/start`, { Detach: true });
}
