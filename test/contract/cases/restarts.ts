import { expect } from 'vitest';
import { type Bench, steadyService } from '../bench.ts';
import { isOver, isRunning, untilRunning, untilState, untilTask } from '../bench-waits.ts';
import { scripts } from '../scripts.ts';
import type { CaseGroup } from './case.ts';

const restarting = (bench: Bench, RestartPolicy: object, Command: readonly string[]) =>
  bench.create('services', steadyService(bench, { container: { Command }, task: { RestartPolicy } }));
const seconds = (count: number) => count * 1_000_000_000;

export const restartCases: CaseGroup = {
  subject: 'restarts and scaling',
  cases: [
    {
      name: 'starts a failed task anew in its slot',
      async run(bench) {
        const id = await restarting(bench, { Condition: 'any', Delay: 0 }, scripts.failsAfter1s);
        const first = await untilState(bench, id, 'failed');
        const next = await untilTask(bench, id, 'another task runs', (task) => task.ID !== first.ID && isRunning(task));
        expect(next.Slot).toBe(first.Slot);
        expect(first.DesiredState).toBe('shutdown');
      },
    },
    {
      name: 'leaves an ended task alone when nothing is to be restarted',
      async run(bench) {
        const id = await restarting(bench, { Condition: 'none' }, scripts.fails);
        await untilState(bench, id, 'failed');
        await bench.wait(2000);
        expect((await bench.tasks(id)).map(({ Status }) => Status.State)).toEqual(['failed']);
      },
    },
    {
      name: 'restarts on failure only what failed',
      async run(bench) {
        const id = await restarting(bench, { Condition: 'on-failure', Delay: 0 }, scripts.succeeds);
        await untilState(bench, id, 'complete');
        await bench.wait(2000);
        expect((await bench.tasks(id)).map(({ Status }) => Status.State)).toEqual(['complete']);
      },
    },
    {
      name: 'restarts under any condition also what ended well',
      async run(bench) {
        const id = await restarting(bench, { Condition: 'any', Delay: seconds(1) }, scripts.succeeds);
        await bench.until('two are complete', async () => {
          const states = (await bench.tasks(id)).map(({ Status }) => Status.State);
          return states.filter((state) => state === 'complete').length >= 2;
        });
      },
    },
    {
      name: 'holds the next task ready until the delay is over',
      async run(bench) {
        const id = await restarting(bench, { Condition: 'any', Delay: seconds(3) }, scripts.fails);
        const first = await untilState(bench, id, 'failed');
        const next = await untilTask(bench, id, 'the next is ready', ({ DesiredState }) => DesiredState === 'ready');
        const shown = await untilTask(
          bench,
          id,
          'it is prepared',
          ({ ID, Status }) => ID === next.ID && Status.State === 'ready',
        );
        expect(shown).toMatchObject({ DesiredState: 'ready', Slot: 1, Status: { Message: 'prepared' } });
        const ended = await untilTask(bench, id, 'it has run', (task) => task.ID === next.ID && isOver(task));
        const pause = Date.parse(ended.Status.Timestamp) - Date.parse(first.Status.Timestamp);
        expect(pause).toBeGreaterThan(2900);
        expect(pause).toBeLessThan(12_000);
      },
    },
    {
      name: 'tries as often as it may',
      async run(bench) {
        const id = await restarting(bench, { Condition: 'any', Delay: 0, MaxAttempts: 2 }, scripts.fails);
        await bench.until('three failed', async () => {
          const tasks = await bench.tasks(id);
          return tasks.length === 3 && tasks.every(isOver);
        });
        await bench.wait(2000);
        expect(await bench.tasks(id)).toHaveLength(3);
      },
    },
    {
      name: 'keeps five tasks of a slot, the present one among them',
      async run(bench) {
        const id = await restarting(bench, { Condition: 'any', Delay: 0 }, scripts.fails);
        const seen = new Set<string>();
        let most = 0;
        await bench.until('eight were made', async () => {
          const tasks = await bench.tasks(id);
          for (const { ID } of tasks) seen.add(ID);
          most = Math.max(most, tasks.length);
          return seen.size >= 8;
        });
        expect(most, 'one more for a moment').toBeLessThanOrEqual(7);
        await bench.until('five are kept', async () => (await bench.tasks(id)).length === 5);
      },
    },
    {
      name: 'keeps more tasks of a slot where it has to count attempts',
      async run(bench) {
        const id = await restarting(bench, { Condition: 'any', Delay: 0, MaxAttempts: 6 }, scripts.fails);
        await bench.until('seven failed', async () => {
          const tasks = await bench.tasks(id);
          return tasks.length === 7 && tasks.every(isOver);
        });
      },
    },
    {
      name: 'scales to none and back, without an update',
      async run(bench) {
        const scaled = (Replicas: number) => steadyService(bench, { Mode: { Replicated: { Replicas } } });
        const id = await bench.create('services', scaled(2));
        const before = await untilRunning(bench, id, 2);
        await bench.update(id, scaled(0));
        await bench.until('no task is left', async () => (await bench.tasks(id)).length === 0);
        await bench.update(id, scaled(1));
        const [after] = await untilRunning(bench, id);
        expect(before.map(({ ID }) => ID)).not.toContain(after?.ID);
        expect(after?.Slot).toBe(1);
        expect(await bench.service(id)).not.toHaveProperty('UpdateStatus');
      },
    },
    {
      name: 'scales up beside the tasks that run',
      async run(bench) {
        const scaled = (Replicas: number) => steadyService(bench, { Mode: { Replicated: { Replicas } } });
        const id = await bench.create('services', scaled(1));
        const [first] = await untilRunning(bench, id);
        await bench.update(id, scaled(3));
        const three = await untilRunning(bench, id, 3);
        expect(three.map(({ Slot }) => Slot)).toEqual([1, 2, 3]);
        expect(three[0]?.ID).toBe(first?.ID);
        await bench.update(id, scaled(1));
        await bench.until('one is left', async () => (await bench.tasks(id)).length === 1);
        expect(await bench.service(id)).not.toHaveProperty('UpdateStatus');
      },
    },
    {
      name: 'asks a task to end, and shows what became of it',
      async run(bench) {
        const id = await bench.create('services', steadyService(bench));
        const [old] = await untilRunning(bench, id);
        await bench.update(id, steadyService(bench, { task: { ForceUpdate: 1 } }));
        const ended = await untilTask(bench, id, 'the old task is over', (task) => task.ID === old?.ID && isOver(task));
        expect(ended).toMatchObject({
          DesiredState: 'shutdown',
          Status: { State: 'shutdown', Message: 'shutdown', ContainerStatus: { PID: 0, ExitCode: 0 } },
        });
        expect(ended.Status).not.toHaveProperty('Err');
      },
    },
    {
      name: 'kills a task that does not end in time',
      async run(bench) {
        const container = { Command: scripts.stubborn, StopGracePeriod: seconds(2) };
        const id = await bench.create('services', steadyService(bench, { container }));
        const [old] = await untilRunning(bench, id);
        await bench.update(id, steadyService(bench, { container, task: { ForceUpdate: 1 } }));
        const asked = (await bench.service(id)).UpdatedAt;
        const ended = await untilTask(bench, id, 'the old task is over', (task) => task.ID === old?.ID && isOver(task));
        expect(ended.Status).toMatchObject({ State: 'shutdown', ContainerStatus: { PID: 0, ExitCode: 137 } });
        const lasted = Date.parse(ended.Status.Timestamp) - Date.parse(asked);
        expect(lasted).toBeGreaterThan(1900);
        expect(lasted, 'well before the usual 10 s').toBeLessThan(9000);
      },
    },
  ],
};
