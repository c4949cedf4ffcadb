import { expect } from 'vitest';
import { type SpecChanges, steadyService } from '../bench.ts';
import { isRunning, untilRunning, untilTask } from '../bench-waits.ts';
import { aTime, type CaseGroup, type ContractCase } from './case.ts';

const placed = (Placement: object): SpecChanges => ({ task: { Placement } });
const nowhere = placed({ Constraints: ['node.id == nowhere'] });

const hopeless: readonly (readonly [what: string, changes: SpecChanges, why: string])[] = [
  ['whose constraint no node fulfils', nowhere, 'scheduling constraints not satisfied on 1 node'],
  [
    'whose constraint names a label that no node has',
    placed({ Constraints: ['node.labels.nosuch == yes'] }),
    'scheduling constraints not satisfied on 1 node',
  ],
  [
    'whose constraint is of an unknown kind',
    placed({ Constraints: ['foo == bar'] }),
    'scheduling constraints not satisfied on 1 node',
  ],
  [
    'that reserves more memory than there is',
    { task: { Resources: { Reservations: { MemoryBytes: 2 ** 50 } } } },
    'insufficient resources on 1 node',
  ],
  [
    'that reserves more processors than there are',
    { task: { Resources: { Reservations: { NanoCPUs: 1_000_000_000_000 } } } },
    'insufficient resources on 1 node',
  ],
  [
    'for another processor',
    placed({ Platforms: [{ Architecture: 's390x', OS: 'linux' }] }),
    'unsupported platform on 1 node',
  ],
];

const waiting = hopeless.map(
  ([what, changes, why]): ContractCase => ({
    name: `lets a task wait ${what}`,
    async run(bench) {
      const id = await bench.create('services', steadyService(bench, changes));
      const task = await untilTask(bench, id, 'it says why', ({ Status }) => Status.Err !== undefined);
      expect(task).toMatchObject({ DesiredState: 'running', Slot: 1 });
      expect(task).not.toHaveProperty('NodeID');
      expect(task.Status).toEqual({
        Timestamp: aTime,
        State: 'pending',
        Message: 'pending task scheduling',
        Err: `no suitable node (${why})`,
        PortStatus: {},
      });
    },
  }),
);

export const schedulingCases: CaseGroup = {
  subject: 'where tasks run',
  cases: [
    ...waiting,
    {
      name: 'runs a waiting task once its constraint is lifted',
      async run(bench) {
        const id = await bench.create('services', steadyService(bench, nowhere));
        await untilTask(bench, id, 'it waits', ({ Status }) => Status.State === 'pending');
        await bench.update(id, steadyService(bench));
        await untilRunning(bench, id);
      },
    },
    {
      name: 'runs a task whose constraints the node fulfils',
      async run(bench) {
        const { Swarm, Name } = (await bench.get('/info')).json as { Swarm: { NodeID: string }; Name: string };
        const Constraints = [
          `node.id == ${Swarm.NodeID}`,
          `node.hostname==${Name}`,
          'node.role == manager',
          'node.labels.nosuch != yes',
          'node.platform.os == linux',
        ];
        const id = await bench.create('services', steadyService(bench, placed({ Constraints })));
        expect((await untilRunning(bench, id))[0]?.NodeID).toBe(Swarm.NodeID);
      },
    },
    {
      name: 'leaves a task where it is when only a constraint comes that holds already',
      async run(bench) {
        const id = await bench.create('services', steadyService(bench));
        const [before] = await untilRunning(bench, id);
        await bench.update(id, steadyService(bench, placed({ Constraints: ['node.role == manager'] })));
        await bench.wait(2000);
        expect((await bench.tasks(id)).map(({ ID }) => ID)).toEqual([before?.ID]);
      },
    },
    {
      name: 'puts no more replicas on the node than it may',
      async run(bench) {
        const id = await bench.create(
          'services',
          steadyService(bench, { Mode: { Replicated: { Replicas: 2 } }, ...placed({ MaxReplicas: 1 }) }),
        );
        const second = await untilTask(bench, id, 'one waits', ({ Status }) => Status.Err !== undefined);
        expect(second.Status).toMatchObject({
          State: 'pending',
          Err: 'no suitable node (max replicas per node limit exceed)',
        });
        await untilRunning(bench, id);
      },
    },
    {
      name: 'lets a task wait for a port of the host',
      async run(bench) {
        const EndpointSpec = { Ports: [{ TargetPort: 80, PublishedPort: 34_100, PublishMode: 'host' }] };
        const first = await bench.create('services', steadyService(bench, { EndpointSpec }));
        const [task] = await untilRunning(bench, first);
        const port = { Protocol: 'tcp', TargetPort: 80, PublishedPort: 34_100, PublishMode: 'host' };
        expect(task?.Status.PortStatus, 'one for IPv4 and one for IPv6').toEqual({ Ports: [port, port] });
        const second = await bench.create(
          'services',
          steadyService(bench, { Name: bench.unique('second'), EndpointSpec }),
        );
        const waiting = await untilTask(bench, second, 'it waits', ({ Status }) => Status.Err !== undefined);
        expect(waiting.Status.Err).toBe('no suitable node (host-mode port already in use on 1 node)');
        await bench.delete(`/services/${first}`);
        await untilTask(bench, second, 'it runs', isRunning);
      },
    },
  ],
};
