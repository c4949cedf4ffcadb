import { expect } from 'vitest';
import { type Bench, idleService } from '../bench.ts';
import type { Service } from '../objects.ts';
import { type CaseGroup, expectRefusal } from './case.ts';

const list = async ({ get }: Bench, filters: unknown) =>
  ((await get('/services', { filters })).json as Service[]).map(({ Spec }) => Spec.Name).sort();

export const serviceListCases: CaseGroup = {
  subject: 'lists of services',
  cases: [
    {
      name: 'lists services as each is shown by itself',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        const listed = (await bench.get('/services')).json as Service[];
        expect(listed.find(({ ID }) => ID === id)).toEqual(await bench.service(id));
      },
    },
    {
      name: 'finds services by label, name, id, mode and runtime',
      async run(bench) {
        const label = bench.unique();
        const [first, second] = [bench.unique('first'), bench.unique('second')];
        const id = await bench.create('services', idleService(bench, { Name: first, Labels: { [label]: '1' } }));
        await bench.create(
          'services',
          idleService(bench, {
            Name: second,
            Labels: { [label]: '2' },
            Mode: { Global: {} },
            task: { Placement: { Constraints: ['node.id == nowhere'] } },
          }),
        );
        expect(await list(bench, { label: [label] })).toEqual([first, second]);
        expect(await list(bench, { label: [`${label}=2`] })).toEqual([second]);
        expect(await list(bench, { label: [`${label}=3`] })).toEqual([]);
        expect(await list(bench, { name: [bench.unique()] })).toEqual([first, second]);
        expect(await list(bench, { name: [first] })).toEqual([first]);
        expect(await list(bench, { id: [id.slice(0, 15)] })).toEqual([first]);
        expect(await list(bench, { label: [label], mode: ['replicated'] })).toEqual([first]);
        expect(await list(bench, { label: [label], mode: ['global'] })).toEqual([second]);
        expect(await list(bench, { label: [label], mode: ['weird'] })).toEqual([]);
        expect(await list(bench, { label: [label], runtime: ['container'] })).toEqual([first, second]);
        expect(await list(bench, { id: ['nosuch'] })).toEqual([]);
      },
    },
    {
      name: 'does not find a service by a label of its containers',
      async run(bench) {
        await bench.create('services', idleService(bench, { container: { Labels: { [bench.unique()]: '1' } } }));
        expect(await list(bench, { label: [bench.unique()] })).toEqual([]);
      },
    },
    {
      name: 'refuses filters of services that it does not know or cannot read, with 400',
      async run({ get }) {
        expectRefusal(await get('/services', { filters: { foo: ['x'] } }), 400, "Invalid filter 'foo'");
        expectRefusal(
          await get('/services', { filters: 'x' }),
          400,
          "invalid character 'x' looking for beginning of value",
        );
        expectRefusal(
          await get('/services', { filters: { label: 'x' } }),
          400,
          'json: cannot unmarshal string into Go value of type map[string]bool',
        );
      },
    },
    {
      name: 'counts tasks when asked to',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        const find = async (query: Record<string, string>) =>
          ((await bench.get('/services', query)).json as Service[]).find(({ ID }) => ID === id);
        expect((await find({ status: 'true' }))?.ServiceStatus).toEqual({
          RunningTasks: 0,
          DesiredTasks: 0,
          CompletedTasks: 0,
        });
        expect(await find({})).not.toHaveProperty('ServiceStatus');
      },
    },
  ],
};
