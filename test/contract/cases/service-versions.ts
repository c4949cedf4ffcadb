import { expect } from 'vitest';
import { idleService } from '../bench.ts';
import { type CaseGroup, expectRefusal, invalid, unknown } from './case.ts';

export const serviceVersionCases: CaseGroup = {
  subject: 'versions of services',
  cases: [
    {
      name: 'counts the version up with each update and keeps one earlier specification',
      async run(bench) {
        const id = await bench.create('services', idleService(bench, { Labels: { step: '1' } }));
        const first = await bench.service(id);
        expect(first).not.toHaveProperty('PreviousSpec');
        await bench.update(id, idleService(bench, { Labels: { step: '2' } }));
        const second = await bench.service(id);
        expect(second.Version.Index).toBeGreaterThan(first.Version.Index);
        expect(second.CreatedAt).toBe(first.CreatedAt);
        expect(second.UpdatedAt).not.toBe(first.UpdatedAt);
        expect({ now: second.Spec.Labels, before: second.PreviousSpec?.Labels }).toEqual({
          now: { step: '2' },
          before: { step: '1' },
        });
        await bench.update(id, idleService(bench, { Labels: { step: '3' } }));
        expect((await bench.service(id)).PreviousSpec?.Labels).toEqual({ step: '2' });
      },
    },
    {
      name: 'overwrites the earlier specification even when nothing changes',
      async run(bench) {
        const id = await bench.create('services', idleService(bench, { Labels: { step: '1' } }));
        await bench.update(id, idleService(bench, { Labels: { step: '2' } }));
        await bench.update(id, idleService(bench, { Labels: { step: '2' } }));
        const { Spec, PreviousSpec } = await bench.service(id);
        expect(PreviousSpec).toEqual(Spec);
      },
    },
    {
      name: 'refuses an update that was made to another version',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        const version = (await bench.service(id)).Version.Index;
        const update = (label: string) =>
          bench.post(`/services/${id}/update`, idleService(bench, { Labels: { label } }), { version });
        expect((await update('a')).status).toBe(200);
        expectRefusal(await update('b'), 500, unknown('update out of sequence'));
        expect((await bench.service(id)).Spec.Labels).toEqual({ label: 'a' });
      },
    },
    {
      name: 'lets exactly one of many updates of the same version through',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        const version = (await bench.service(id)).Version.Index;
        const answers = await Promise.all(
          ['a', 'b', 'c', 'd'].map((writer) =>
            bench.post(`/services/${id}/update`, idleService(bench, { Labels: { writer } }), { version }),
          ),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 500, 500, 500]);
      },
    },
    {
      name: 'refuses an update without a version',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        const why = (text: string) =>
          `invalid service version '${text}': strconv.ParseUint: parsing "${text}": invalid syntax`;
        expectRefusal(await bench.post(`/services/${id}/update`, idleService(bench)), 400, why(''));
        expectRefusal(
          await bench.post(`/services/${id}/update`, idleService(bench), { version: 'abc' }),
          400,
          why('abc'),
        );
      },
    },
    {
      name: 'does not update a service that is none',
      async run(bench) {
        expectRefusal(
          await bench.post('/services/nosuch/update', idleService(bench), { version: 1 }),
          404,
          'service nosuch not found',
        );
      },
    },
    {
      name: 'refuses to change the name of a service',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        const version = (await bench.service(id)).Version.Index;
        for (const Name of [bench.unique('other'), ''])
          expectRefusal(
            await bench.post(`/services/${id}/update`, idleService(bench, { Name }), { version }),
            501,
            'rpc error: code = Unimplemented desc = renaming services is not supported',
          );
      },
    },
    {
      name: 'refuses to change the mode of a service',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        const version = (await bench.service(id)).Version.Index;
        expectRefusal(
          await bench.post(`/services/${id}/update`, idleService(bench, { Mode: { Global: {} } }), { version }),
          501,
          'rpc error: code = Unimplemented desc = service mode change is not allowed',
        );
      },
    },
    {
      name: 'checks an update as it checks a new service',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        const version = (await bench.service(id)).Version.Index;
        expectRefusal(
          await bench.post(`/services/${id}/update`, idleService(bench, { container: { Image: '' } }), { version }),
          400,
          invalid('ContainerSpec: image reference must be provided'),
        );
        expect((await bench.service(id)).Version.Index).toBe(version);
      },
    },
    {
      name: 'swaps the two specifications when it is told to roll back',
      async run(bench) {
        const id = await bench.create('services', idleService(bench, { Labels: { step: '1' } }));
        await bench.update(id, idleService(bench, { Labels: { step: '2' } }));
        await bench.update(id, idleService(bench, { Labels: { step: 'is not read' } }), { rollback: 'previous' });
        const back = await bench.service(id);
        expect({ now: back.Spec.Labels, before: back.PreviousSpec?.Labels }).toEqual({
          now: { step: '1' },
          before: { step: '2' },
        });
        await bench.update(id, idleService(bench), { rollback: 'previous' });
        expect((await bench.service(id)).Spec.Labels).toEqual({ step: '2' });
      },
    },
    {
      name: 'does not roll back a service that was never updated',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        const version = (await bench.service(id)).Version.Index;
        expectRefusal(
          await bench.post(`/services/${id}/update`, idleService(bench), { version, rollback: 'previous' }),
          400,
          `rpc error: code = FailedPrecondition desc = service ${id} does not have a previous spec`,
        );
      },
    },
    {
      name: 'refuses a rollback to anything but the previous specification',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        const version = (await bench.service(id)).Version.Index;
        expectRefusal(
          await bench.post(`/services/${id}/update`, idleService(bench), { version, rollback: 'first' }),
          500,
          'unrecognized rollback option first',
        );
      },
    },
  ],
};
