import { expect } from 'vitest';
import { steadyService } from '../bench.ts';
import { isRunning, untilRunning, untilTask } from '../bench-waits.ts';
import type { CaseGroup } from './case.ts';

interface Attachment {
  readonly Network: { readonly ID: string; readonly Spec: { readonly Name: string } };
  readonly Addresses: readonly string[];
}

export const networkTaskCases: CaseGroup = {
  subject: 'tasks on networks',
  cases: [
    {
      name: 'attaches a task to its network with an address of its subnet',
      async run(bench) {
        const network = await bench.create('networks', { Name: bench.unique(), Driver: 'overlay' });
        const id = await bench.create('services', steadyService(bench, { task: { Networks: [{ Target: network }] } }));
        const [task] = await untilRunning(bench, id);
        const [attachment] = (task?.NetworksAttachments ?? []) as unknown as Attachment[];
        expect(attachment).toMatchObject({
          Network: { ID: network, Spec: { Name: bench.unique() } },
          Addresses: [expect.stringMatching(/^10\.0\.\d+\.\d+\/24$/)],
        });
      },
    },
    {
      name: 'leaves tasks new for which the network has no address',
      async run(bench) {
        const IPAM = { Config: [{ Subnet: '10.251.8.0/29' }] };
        const network = await bench.create('networks', { Name: bench.unique(), Driver: 'overlay', IPAM });
        const scaled = (Replicas: number) =>
          steadyService(bench, {
            Mode: { Replicated: { Replicas } },
            EndpointSpec: { Mode: 'dnsrr' },
            task: { Networks: [{ Target: network }] },
          });
        const id = await bench.create('services', scaled(1));
        await untilRunning(bench, id);
        await bench.update(id, scaled(8));
        const running = await untilRunning(bench, id, 4);
        expect(new Set(running.map(({ NetworksAttachments }) => NetworksAttachments?.[0]?.Addresses[0])).size).toBe(4);
        const stuck = (await bench.tasks(id)).filter((task) => !isRunning(task));
        expect(stuck).toHaveLength(4);
        for (const task of stuck) {
          expect(task).toMatchObject({ Status: { State: 'new', Message: 'created' }, DesiredState: 'running' });
          expect(task.Status).not.toHaveProperty('Err');
          expect(task).not.toHaveProperty('NodeID');
        }
      },
    },
    {
      name: 'leaves tasks new whose network has no subnet yet',
      async run(bench) {
        const IPAM = { Config: [{ Subnet: '10.251.5.0/24' }] };
        const first = await bench.create('networks', { Name: bench.unique('first'), Driver: 'overlay', IPAM });
        const second = await bench.create('networks', { Name: bench.unique('second'), Driver: 'overlay', IPAM });
        const id = await bench.create('services', steadyService(bench, { task: { Networks: [{ Target: second }] } }));
        await bench.wait(2000);
        expect(await bench.tasks(id)).toMatchObject([{ Status: { State: 'new', Message: 'created' } }]);
        await bench.delete(`/networks/${first}`);
        await untilRunning(bench, id);
      },
    },
    {
      name: 'deletes a network right after its service, while the task still runs',
      async run(bench) {
        const network = await bench.create('networks', { Name: bench.unique(), Driver: 'overlay' });
        const id = await bench.create('services', steadyService(bench, { task: { Networks: [{ Target: network }] } }));
        await untilRunning(bench, id);
        await bench.delete(`/services/${id}`);
        expect((await bench.delete(`/networks/${network}`)).status).toBe(204);
      },
    },
    {
      name: 'shows the network of a container with its address',
      async run(bench) {
        const network = await bench.create('networks', { Name: bench.unique(), Driver: 'overlay' });
        const id = await bench.create('services', steadyService(bench, { task: { Networks: [{ Target: network }] } }));
        const task = await untilTask(bench, id, 'it runs', isRunning);
        const { json } = await bench.get(`/containers/${task.Status.ContainerStatus?.ContainerID}/json`);
        const [address] = task.NetworksAttachments?.[0]?.Addresses ?? [];
        expect(json).toMatchObject({
          NetworkSettings: {
            Networks: {
              [bench.unique()]: {
                NetworkID: network,
                IPAddress: address?.split('/')[0],
              },
            },
          },
        });
      },
    },
  ],
};
