import { expect } from 'vitest';
import { idleService } from '../bench.ts';
import type { Service } from '../objects.ts';
import { anId, aTime, type CaseGroup, exists, expectRefusal } from './case.ts';

export const serviceCreationCases: CaseGroup = {
  subject: 'creating and deleting services',
  cases: [
    {
      name: 'creates a service and answers with its id alone',
      async run(bench) {
        const { status, json } = await bench.post('/services/create', idleService(bench));
        expect({ status, json }).toEqual({ status: 201, json: { ID: anId } });
      },
    },
    {
      name: 'shows a service with what the daemon fills in',
      async run({ create, service, unique, image }) {
        const id = await create('services', { Name: unique(), TaskTemplate: { ContainerSpec: { Image: image } } });
        const shown = await service(id);
        expect(shown).toEqual({
          ID: id,
          Version: { Index: expect.any(Number) },
          CreatedAt: aTime,
          UpdatedAt: expect.any(String),
          Spec: {
            Name: unique(),
            Labels: {},
            TaskTemplate: {
              ContainerSpec: { Image: image, Isolation: 'default' },
              ForceUpdate: 0,
              Runtime: 'container',
            },
            Mode: { Replicated: { Replicas: 1 } },
          },
          Endpoint: { Spec: {} },
        });
      },
    },
    {
      name: 'shows a full specification as it was given',
      async run({ create, service, unique, image }) {
        const spec = {
          Name: unique(),
          Labels: { 'com.docker.stack.namespace': 'x', 'a.b/c': 'ä "quoted" <&>' },
          TaskTemplate: {
            ContainerSpec: {
              Image: image,
              Labels: { inner: 'yes' },
              Command: ['/bin/sh', '-c', 'true'],
              Args: ['one', 'two words'],
              Hostname: 'host',
              Env: ['A=1', 'B=two words', 'EMPTY='],
              Dir: '/srv',
              User: '1000:1000',
              Init: true,
              ReadOnly: true,
              Mounts: [
                { Type: 'volume', Source: unique('volume'), Target: '/data' },
                { Type: 'tmpfs', Target: '/tmp', TmpfsOptions: { SizeBytes: 1_048_576 } },
                { Type: 'bind', Source: '/var/run', Target: '/host', ReadOnly: true },
              ],
              StopSignal: 'SIGINT',
              StopGracePeriod: 10_000_000_000,
              Healthcheck: {
                Test: ['CMD-SHELL', 'true'],
                Interval: 1_000_000_000,
                Timeout: 2_000_000_000,
                StartPeriod: 3_000_000_000,
                Retries: 4,
              },
              Isolation: 'default',
              CapabilityAdd: ['CAP_CHOWN'],
              CapabilityDrop: ['ALL'],
            },
            Resources: {
              Limits: { NanoCPUs: 500_000_000, MemoryBytes: 67_108_864, Pids: 100 },
              Reservations: { NanoCPUs: 100_000_000, MemoryBytes: 33_554_432 },
            },
            RestartPolicy: { Condition: 'on-failure', Delay: 1_000_000_000, MaxAttempts: 3, Window: 60_000_000_000 },
            Placement: { Constraints: ['node.role == manager', 'node.labels.db != no'], MaxReplicas: 2 },
            LogDriver: { Name: 'json-file', Options: { 'max-size': '1m' } },
            ForceUpdate: 3,
            Runtime: 'container',
          },
          Mode: { Replicated: { Replicas: 0 } },
          UpdateConfig: {
            Parallelism: 1,
            Delay: 1_000_000_000,
            FailureAction: 'rollback',
            Monitor: 5_000_000_000,
            MaxFailureRatio: 0.25,
            Order: 'start-first',
          },
          RollbackConfig: { Parallelism: 0, FailureAction: 'continue', MaxFailureRatio: 0, Order: 'stop-first' },
          EndpointSpec: {
            Mode: 'dnsrr',
            Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishedPort: 34_001, PublishMode: 'host' }],
          },
        };
        const id = await create('services', spec);
        expect((await service(id)).Spec).toEqual(spec);
      },
    },
    {
      name: 'fills in what a started update, restart or port configuration leaves open',
      async run(bench) {
        const id = await bench.create(
          'services',
          idleService(bench, {
            task: { RestartPolicy: {}, Placement: {} },
            UpdateConfig: {},
            RollbackConfig: { Order: 'start-first' },
            EndpointSpec: { Ports: [{ TargetPort: 80, PublishMode: 'host' }] },
          }),
        );
        const spec = (await bench.service(id)).Spec;
        expect(spec).toMatchObject({
          UpdateConfig: { Parallelism: 0, FailureAction: 'pause', MaxFailureRatio: 0, Order: 'stop-first' },
          RollbackConfig: { Parallelism: 0, FailureAction: 'pause', MaxFailureRatio: 0, Order: 'start-first' },
          EndpointSpec: { Mode: 'vip', Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishMode: 'host' }] },
        });
        expect(spec.TaskTemplate.RestartPolicy).toEqual({ Condition: 'any', MaxAttempts: 0 });
      },
    },
    {
      name: 'makes one replica where no mode, an empty one or an unknown one is given',
      async run(bench) {
        for (const [index, Mode] of [undefined, {}, { Replicated: {} }, { Fancy: {} }].entries()) {
          const Placement = { Constraints: ['node.id == nowhere'] };
          const spec = idleService(bench, { Name: bench.unique(String(index)), Mode, task: { Placement } });
          expect((await bench.service(await bench.create('services', spec))).Spec.Mode).toEqual({
            Replicated: { Replicas: 1 },
          });
        }
      },
    },
    {
      name: 'thinks of a name for a service that has none',
      async run(bench) {
        const id = await bench.create('services', idleService(bench, { Name: '' }));
        expect((await bench.service(id)).Spec.Name).toMatch(/^[a-z]+_[a-z]+$/);
      },
    },
    {
      name: 'takes a name of 63 letters in any case',
      async run(bench) {
        await bench.create('services', idleService(bench, { Name: bench.unique().toUpperCase().padEnd(63, 'x') }));
      },
    },
    {
      name: 'refuses a second service of the same name, also in other letters',
      async run(bench) {
        await bench.create('services', idleService(bench));
        const Name = bench.unique().toUpperCase();
        expectRefusal(
          await bench.post('/services/create', idleService(bench, { Name })),
          409,
          exists(`name conflicts with an existing object: service ${Name} already exists`),
        );
        expectRefusal(
          await bench.post('/services/create', idleService(bench)),
          409,
          exists(`name conflicts with an existing object: service ${bench.unique()} already exists`),
        );
      },
    },
    {
      name: 'finds a service by its id, its name and the beginning of its id',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        for (const key of [id, bench.unique(), id.slice(0, 12)]) expect((await bench.service(key)).ID).toBe(id);
      },
    },
    {
      name: 'shows the defaults of a service when asked for them',
      async run(bench) {
        const id = await bench.create('services', {
          Name: bench.unique(),
          TaskTemplate: { ContainerSpec: { Image: bench.image } },
          Mode: { Replicated: { Replicas: 0 } },
        });
        const { json } = await bench.get(`/services/${id}`, { insertDefaults: 'true' });
        expect((json as Service).Spec).toEqual({
          Name: bench.unique(),
          Labels: {},
          TaskTemplate: {
            ContainerSpec: {
              Image: bench.image,
              StopGracePeriod: 10_000_000_000,
              DNSConfig: {},
              Isolation: 'default',
            },
            Resources: {},
            RestartPolicy: { Condition: 'any', Delay: 5_000_000_000, MaxAttempts: 0 },
            Placement: {},
            ForceUpdate: 0,
            Runtime: 'container',
          },
          Mode: { Replicated: { Replicas: 0 } },
          UpdateConfig: {
            Parallelism: 1,
            FailureAction: 'pause',
            Monitor: 5_000_000_000,
            MaxFailureRatio: 0,
            Order: 'stop-first',
          },
          RollbackConfig: {
            Parallelism: 1,
            FailureAction: 'pause',
            Monitor: 5_000_000_000,
            MaxFailureRatio: 0,
            Order: 'stop-first',
          },
        });
      },
    },
    {
      name: 'deletes a service once, with 200',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        const { status, text } = await bench.delete(`/services/${id}`);
        expect({ status, text }).toEqual({ status: 200, text: '' });
        expectRefusal(await bench.delete(`/services/${id}`), 404, `service ${id} not found`);
        expectRefusal(await bench.get(`/services/${bench.unique()}`), 404, `service ${bench.unique()} not found`);
      },
    },
    {
      name: 'takes registry credentials that nobody can read',
      async run(bench) {
        const { status } = await bench.request('POST', '/v1.41/services/create', {
          body: idleService(bench),
          headers: { 'x-registry-auth': 'garbage' },
        });
        expect(status).toBe(201);
      },
    },
    {
      name: 'lets exactly one of many create a service of the same name',
      async run(bench) {
        const answers = await Promise.all([1, 2, 3, 4].map(() => bench.post('/services/create', idleService(bench))));
        expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
      },
    },
  ],
};
