import { expect } from 'vitest';
import { withVolume } from '../volumes.ts';
import { aTime, type CaseGroup, expectRefusal } from './case.ts';

export const volumeCases: CaseGroup = {
  subject: 'volumes',
  cases: [
    {
      name: 'makes a volume for the container that mounts it, and shows it',
      async run(bench) {
        await withVolume(bench, async ({ volume }) => {
          const shown = {
            CreatedAt: aTime,
            Driver: 'local',
            Labels: { purpose: volume },
            Mountpoint: expect.stringMatching(`/${volume}/_data$`),
            Name: volume,
            Options: null,
            Scope: 'local',
          };
          expect(await bench.get(`/volumes/${volume}`)).toMatchObject({ status: 200, json: shown });
          for (const filters of [{ name: [volume] }, { label: [`purpose=${volume}`] }])
            expect((await bench.get('/volumes', { filters })).json).toEqual({ Volumes: [shown], Warnings: null });
        });
      },
    },
    {
      name: 'keeps a volume that a container has, and removes it after the container',
      async run(bench) {
        await withVolume(bench, async ({ volume, serviceId, containerId }) => {
          const message = `remove ${volume}: volume is in use - [${containerId}]`;
          expectRefusal(await bench.delete(`/volumes/${volume}`), 409, message);
          await bench.delete(`/services/${serviceId}`);
          const { text } = await bench.until('it is removed', async () => {
            const answer = await bench.delete(`/volumes/${volume}`);
            return answer.status === 204 && answer;
          });
          expect(text).toBe('');
          expectRefusal(await bench.get(`/volumes/${volume}`), 404, `get ${volume}: no such volume`);
        });
      },
    },
    {
      name: 'says that there is no volume of a name, unless told to force it',
      async run(bench) {
        const name = bench.unique('none');
        expectRefusal(await bench.delete(`/volumes/${name}`), 404, `get ${name}: no such volume`);
        expect(await bench.delete(`/volumes/${name}?force=1`)).toMatchObject({ status: 204 });
      },
    },
    {
      name: 'refuses a filter of volumes that it does not know',
      async run(bench) {
        expectRefusal(await bench.get('/volumes', { filters: { bogus: ['x'] } }), 400, "Invalid filter 'bogus'");
      },
    },
  ],
};
