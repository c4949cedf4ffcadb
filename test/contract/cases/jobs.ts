import { expect } from 'vitest';
import { type Bench, steadyService } from '../bench.ts';
import type { CaseGroup } from './case.ts';

const job = (bench: Bench, TotalCompletions: number, Labels = {}) =>
  steadyService(bench, {
    Labels,
    Mode: { ReplicatedJob: { MaxConcurrent: TotalCompletions, TotalCompletions } },
    task: { RestartPolicy: { Condition: 'none' } },
  });

/** A job keeps tasks when it is deleted, and nothing can remove them: ours are told to stop before. */
async function endJob(bench: Bench, id: string): Promise<void> {
  await bench.update(id, job(bench, 0));
  await bench.until('its tasks are gone', async () => (await bench.tasks(id)).length === 0);
}

const untilRuns = (bench: Bench, id: string) =>
  bench.until('the job runs', async () =>
    (await bench.tasks(id)).find(
      ({ Status, DesiredState }) => Status.State === 'running' && DesiredState === 'complete',
    ),
  );

export const jobCases: CaseGroup = {
  subject: 'replicated jobs',
  cases: [
    {
      name: 'runs a task of a job towards its completion',
      async run(bench) {
        const id = await bench.create('services', job(bench, 1));
        const task = await untilRuns(bench, id);
        expect(task).toMatchObject({ DesiredState: 'complete', JobIteration: {} });
        expect(task).not.toHaveProperty('Slot');
        expect(await bench.service(id)).toMatchObject({
          Spec: { Mode: { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 1 } } },
          JobStatus: { JobIteration: {}, LastExecution: expect.any(String) },
        });
        await endJob(bench, id);
      },
    },
    {
      name: 'runs a job again after a change of its labels alone',
      async run(bench) {
        const id = await bench.create('services', job(bench, 1));
        const first = await untilRuns(bench, id);
        await bench.update(id, job(bench, 1, { a: 'b' }));
        const second = await bench.until('it runs again', async () => {
          const task = await untilRuns(bench, id);
          return task.ID !== first.ID && task;
        });
        expect(second.JobIteration).toEqual({ Index: 1 });
        expect((await bench.service(id)).JobStatus?.JobIteration).toEqual({ Index: 1 });
        await endJob(bench, id);
      },
    },
    {
      name: 'completes one task of a job where no number is given',
      async run(bench) {
        const Placement = { Constraints: ['node.id == nowhere'] };
        const spec = steadyService(bench, { Mode: { ReplicatedJob: {} }, task: { Placement } });
        const id = await bench.create('services', spec);
        expect((await bench.service(id)).Spec.Mode).toEqual({
          ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 1 },
        });
        await endJob(bench, id);
      },
    },
  ],
};
