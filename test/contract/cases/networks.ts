import { expect } from 'vitest';
import { type Bench, idleService } from '../bench.ts';
import type { Part } from '../objects.ts';
import { anId, aTime, type CaseGroup, type ContractCase, expectRefusal, invalid, unknown } from './case.ts';

interface Network extends Part {
  readonly Id: string;
  readonly Name: string;
  readonly IPAM: { readonly Config: readonly { readonly Subnet: string; readonly Gateway: string }[] };
}

const overlay = (bench: Bench, changes: object = {}) => ({
  Name: bench.unique(),
  Driver: 'overlay',
  CheckDuplicate: true,
  ...changes,
});
const subnet = (Subnet: string, Gateway?: string) => ({ IPAM: { Config: [{ Subnet, Gateway }] } });
/** It exists before it has a driver and a subnet. */
const untilAllocated = (bench: Bench, id: string) =>
  bench.until('the network is allocated', async () => {
    const network = (await bench.get(`/networks/${id}`)).json as Network;
    return network.Driver === 'overlay' && network;
  });
const list = async ({ get }: Bench, filters: unknown) =>
  ((await get('/networks', { filters })).json as Network[]).map(({ Name }) => Name).sort();

const refused: readonly (readonly [what: string, changes: object, status: number, message: string])[] = [
  ['without a name', { Name: '' }, 409, 'network with name  already exists'],
  ['with a space in its name', { Name: 'a b' }, 400, invalid('name must be valid as a DNS name component')],
  ['with a name of 64 letters', { Name: 'a'.repeat(64) }, 400, invalid('name must be 63 characters or fewer')],
  ['called ingress', { Name: 'ingress' }, 409, 'network with name ingress already exists'],
  ['called host', { Name: 'host' }, 409, 'network with name host already exists'],
  ['whose subnet is none', subnet('x'), 500, 'Invalid subnet x : invalid CIDR address: x'],
  [
    'whose subnet is too narrow',
    subnet('10.1.2.3/33'),
    500,
    'Invalid subnet 10.1.2.3/33 : invalid CIDR address: 10.1.2.3/33',
  ],
  [
    'whose gateway is elsewhere',
    subnet('10.252.1.0/24', '11.0.0.1'),
    400,
    invalid('ipam configuration: subnet 10.252.1.0/24 does not contain gateway 11.0.0.1'),
  ],
];

const refusals = refused.map(
  ([what, changes, status, message]): ContractCase => ({
    name: `refuses a network ${what}`,
    run: async (bench) => expectRefusal(await bench.post('/networks/create', overlay(bench, changes)), status, message),
  }),
);

export const networkCases: CaseGroup = {
  subject: 'networks',
  cases: [
    {
      name: 'creates an overlay network and answers with its id and a warning',
      async run(bench) {
        const { status, json } = await bench.post('/networks/create', overlay(bench));
        expect({ status, json }).toEqual({ status: 201, json: { Id: anId, Warning: '' } });
      },
    },
    {
      name: 'shows an overlay network with a subnet of its own, by id and name',
      async run(bench) {
        const id = await bench.create('networks', overlay(bench, { Labels: { a: 'b' }, Attachable: true }));
        const allocated = await untilAllocated(bench, id);
        expect(allocated).toEqual({
          Name: bench.unique(),
          Id: id,
          Created: aTime,
          Scope: 'swarm',
          Driver: 'overlay',
          EnableIPv6: false,
          IPAM: {
            Driver: 'default',
            Options: null,
            Config: [
              {
                Subnet: expect.stringMatching(/^10\.0\.\d+\.0\/24$/),
                Gateway: expect.stringMatching(/^10\.0\.\d+\.1$/),
              },
            ],
          },
          Internal: false,
          Attachable: true,
          Ingress: false,
          ConfigFrom: { Network: '' },
          ConfigOnly: false,
          Containers: null,
          Options: { 'com.docker.network.driver.overlay.vxlanid_list': expect.stringMatching(/^\d+$/) },
          Labels: { a: 'b' },
        });
        expect(((await bench.get(`/networks/${bench.unique()}`)).json as Network).Id).toBe(id);
      },
    },
    {
      name: 'refuses a second network of the same name',
      async run(bench) {
        await bench.create('networks', overlay(bench));
        expectRefusal(
          await bench.post('/networks/create', overlay(bench)),
          409,
          `network with name ${bench.unique()} already exists`,
        );
      },
    },
    {
      name: 'finds networks by label, driver, scope, the beginning of an id and a whole name',
      async run(bench) {
        const id = await bench.create('networks', overlay(bench, { Labels: { [bench.unique()]: '1' } }));
        expect(await list(bench, { label: [bench.unique()] })).toEqual([bench.unique()]);
        expect(await list(bench, { label: [`${bench.unique()}=2`] })).toEqual([]);
        expect(await list(bench, { name: [bench.unique()] })).toEqual([bench.unique()]);
        expect(await list(bench, { name: [bench.unique().slice(0, -1)] }), 'not by a part of it').toEqual([]);
        expect(await list(bench, { id: [id.slice(0, 15)] })).toEqual([bench.unique()]);
        expect(await list(bench, { id: [id], name: ['nosuch'] })).toEqual([]);
        expect(await list(bench, { driver: ['overlay'], scope: ['swarm'] })).toContain(bench.unique());
        expect(await list(bench, { driver: ['bridge'] })).not.toContain(bench.unique());
        expectRefusal(await bench.get('/networks', { filters: { foo: ['x'] } }), 400, "Invalid filter 'foo'");
      },
    },
    {
      name: 'has the networks ingress, bridge, host and none',
      async run(bench) {
        expect(await list(bench, {})).toEqual(expect.arrayContaining(['bridge', 'host', 'ingress', 'none']));
        expect((await bench.get('/networks/ingress')).json).toMatchObject({
          Name: 'ingress',
          Driver: 'overlay',
          Scope: 'swarm',
          Ingress: true,
        });
      },
    },
    {
      name: 'keeps a subnet that was asked for',
      async run(bench) {
        const id = await bench.create('networks', overlay(bench, subnet('10.251.7.0/24')));
        expect((await untilAllocated(bench, id)).IPAM.Config).toEqual([
          { Subnet: '10.251.7.0/24', Gateway: '10.251.7.1' },
        ]);
      },
    },
    {
      name: 'takes two networks of one subnet, and gives it to the second once the first is gone',
      async run(bench) {
        const first = await bench.create('networks', overlay(bench, subnet('10.251.6.0/24')));
        await untilAllocated(bench, first);
        const second = await bench.create(
          'networks',
          overlay(bench, { Name: bench.unique('second'), ...subnet('10.251.6.0/24') }),
        );
        await bench.wait(1000);
        expect((await bench.get(`/networks/${second}`)).json).toMatchObject({
          Driver: '',
          IPAM: { Driver: '', Config: null },
          Options: null,
        });
        await bench.delete(`/networks/${first}`);
        await untilAllocated(bench, second);
      },
    },
    {
      name: 'shows the id of a network that a service named, and does not delete it',
      async run(bench) {
        const network = await bench.create('networks', overlay(bench));
        const service = await bench.create(
          'services',
          idleService(bench, { task: { Networks: [{ Target: bench.unique(), Aliases: ['web'] }] } }),
        );
        expect((await bench.service(service)).Spec.TaskTemplate.Networks).toEqual([
          { Target: network, Aliases: ['web'] },
        ]);
        expectRefusal(
          await bench.delete(`/networks/${network}`),
          400,
          `rpc error: code = FailedPrecondition desc = network ${network} is in use by service ${service}`,
        );
        await bench.delete(`/services/${service}`);
        expect((await bench.delete(`/networks/${network}`)).status).toBe(204);
      },
    },
    {
      name: 'leaves networks given at the top of a service there, by id',
      async run(bench) {
        const network = await bench.create('networks', overlay(bench));
        const service = await bench.create('services', idleService(bench, { Networks: [{ Target: bench.unique() }] }));
        const { Spec } = await bench.service(service);
        expect(Spec).toMatchObject({ Networks: [{ Target: network }] });
        expect(Spec.TaskTemplate).not.toHaveProperty('Networks');
      },
    },
    {
      name: 'gives a service an address on each network unless it is found by DNS',
      async run(bench) {
        const network = await bench.create('networks', overlay(bench));
        const Networks = [{ Target: network }];
        const virtual = await bench.create('services', idleService(bench, { task: { Networks } }));
        const direct = await bench.create(
          'services',
          idleService(bench, { Name: bench.unique('dns'), task: { Networks }, EndpointSpec: { Mode: 'dnsrr' } }),
        );
        const endpoint = await bench.until('the address', async () => {
          const { Endpoint } = await bench.service(virtual);
          return (Endpoint as { VirtualIPs?: unknown }).VirtualIPs ? Endpoint : undefined;
        });
        expect(endpoint).toEqual({
          Spec: {},
          VirtualIPs: [{ NetworkID: network, Addr: expect.stringMatching(/^10\.0\.\d+\.\d+\/24$/) }],
        });
        expect((await bench.service(direct)).Endpoint).toEqual({ Spec: {} });
      },
    },
    {
      name: 'deletes a network once',
      async run(bench) {
        const id = await bench.create('networks', overlay(bench));
        const { status, text } = await bench.delete(`/networks/${id}`);
        expect({ status, text }).toEqual({ status: 204, text: '' });
        expectRefusal(await bench.delete(`/networks/${id}`), 404, `network ${id} not found`);
        expectRefusal(await bench.get(`/networks/${id}`), 404, `network ${id} not found`);
      },
    },
    ...refusals,
    {
      name: 'tells a network of the same name in other letters apart only when it is stored',
      async run(bench) {
        await bench.create('networks', overlay(bench));
        expectRefusal(
          await bench.post('/networks/create', overlay(bench, { Name: bench.unique().toUpperCase() })),
          500,
          unknown('name conflicts with an existing object'),
        );
        expectRefusal(
          await bench.get(`/networks/${bench.unique().toUpperCase()}`),
          404,
          `network ${bench.unique().toUpperCase()} not found`,
        );
      },
    },
  ],
};
