import { expect } from 'vitest';
import type { Part } from '../objects.ts';
import { anId, aTime, type CaseGroup, expectRefusal, unknown } from './case.ts';

interface Node {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: Part;
  readonly Description: { readonly Hostname: string };
}

export const nodeCases: CaseGroup = {
  subject: 'nodes',
  cases: [
    {
      name: 'lists its one node, and shows it by id and host name',
      async run({ get }) {
        const nodes = (await get('/nodes')).json as Node[];
        expect(nodes).toHaveLength(1);
        expect(nodes[0]).toMatchObject({
          ID: anId,
          Version: { Index: expect.any(Number) },
          CreatedAt: aTime,
          UpdatedAt: aTime,
          Spec: { Labels: {}, Role: 'manager', Availability: 'active' },
          Description: {
            Hostname: expect.any(String),
            Platform: { Architecture: expect.stringMatching(/^(x86_64|aarch64)$/), OS: 'linux' },
            Resources: { NanoCPUs: expect.any(Number), MemoryBytes: expect.any(Number) },
            Engine: { EngineVersion: expect.stringMatching(/^20\.10\.24/) },
          },
          Status: { State: 'ready', Addr: expect.any(String) },
          ManagerStatus: { Leader: true, Reachability: 'reachable', Addr: expect.stringMatching(/:2377$/) },
        });
        const { ID = '', Description } = nodes[0] ?? {};
        for (const key of [ID, ID.slice(0, 12), Description?.Hostname ?? ''])
          expect(((await get(`/nodes/${key}`)).json as Node).ID).toBe(ID);
      },
    },
    {
      name: 'is the node that info names',
      async run({ get }) {
        const { Swarm } = (await get('/info')).json as { Swarm: { NodeID: string } };
        expect(((await get('/nodes')).json as Node[])[0]?.ID).toBe(Swarm.NodeID);
      },
    },
    {
      name: 'finds nodes by role and name, and refuses other filters',
      async run({ get }) {
        const count = async (filters: unknown) => ((await get('/nodes', { filters })).json as Node[]).length;
        expect(await count({ role: ['manager'] })).toBe(1);
        expect(await count({ role: ['worker'] })).toBe(0);
        expect(await count({ name: ['nosuch'] })).toBe(0);
        expectRefusal(await get('/nodes', { filters: { foo: ['x'] } }), 400, "Invalid filter 'foo'");
      },
    },
    {
      name: 'does not find a node that is none, nor one called self',
      async run({ get }) {
        for (const name of ['nosuch', 'self'])
          expectRefusal(await get(`/nodes/${name}`), 404, `node ${name} not found`);
      },
    },
    {
      name: 'takes labels for a node, with its version',
      async run({ get, post, unique }) {
        const node = async () => ((await get('/nodes')).json as Node[])[0] as Node;
        const { ID, Version, Spec } = await node();
        const labelled = { ...Spec, Labels: { [unique()]: 'yes' } };
        try {
          expect((await post(`/nodes/${ID}/update`, labelled, { version: Version.Index })).status).toBe(200);
          expect((await node()).Spec).toEqual(labelled);
          expect(
            (await get('/nodes', { filters: { 'node.label': [`${unique()}=yes`] } })).json,
            'by the label that was set here',
          ).toHaveLength(1);
          expectRefusal(
            await post(`/nodes/${ID}/update`, labelled, { version: Version.Index }),
            500,
            unknown('update out of sequence'),
          );
          expectRefusal(
            await post(`/nodes/${ID}/update`, labelled),
            400,
            `invalid node version '': strconv.ParseUint: parsing "": invalid syntax`,
          );
        } finally {
          await post(`/nodes/${ID}/update`, Spec, { version: (await node()).Version.Index });
        }
        expect((await node()).Spec).toEqual(Spec);
      },
    },
    {
      name: 'does not make its last manager a worker, nor a node available in ways it does not know',
      async run({ get, post }) {
        const [node] = (await get('/nodes')).json as Node[];
        const { ID, Version, Spec } = node as Node;
        expectRefusal(
          await post(`/nodes/${ID}/update`, { ...Spec, Role: 'worker' }, { version: Version.Index }),
          400,
          'rpc error: code = FailedPrecondition desc = attempting to demote the last manager of the swarm',
        );
        expectRefusal(
          await post(`/nodes/${ID}/update`, { ...Spec, Availability: 'fancy' }, { version: Version.Index }),
          400,
          'invalid Availability: "fancy"',
        );
      },
    },
  ],
};
