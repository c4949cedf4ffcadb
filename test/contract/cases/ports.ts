import { expect } from 'vitest';
import { idleService } from '../bench.ts';
import type { Service } from '../objects.ts';
import { type CaseGroup, expectRefusal, invalid } from './case.ts';

interface Endpoint {
  readonly Spec: unknown;
  readonly Ports?: readonly { readonly PublishedPort: number; readonly TargetPort: number }[];
  readonly VirtualIPs?: readonly { readonly NetworkID: string; readonly Addr: string }[];
}

const endpointOf = ({ Endpoint }: Service) => Endpoint as Endpoint;
const ingress = { Protocol: 'tcp', TargetPort: 80, PublishedPort: 34_200, PublishMode: 'ingress' };

export const portCases: CaseGroup = {
  subject: 'published ports',
  cases: [
    {
      name: 'publishes a port on the ingress network, where the service gets an address',
      async run(bench) {
        const EndpointSpec = { Ports: [{ TargetPort: 80, PublishedPort: 34_200 }] };
        const id = await bench.create('services', idleService(bench, { EndpointSpec }));
        const endpoint = await bench.until('it is published', async () => {
          const found = endpointOf(await bench.service(id));
          return found.Ports && found;
        });
        const { Id } = (await bench.get('/networks/ingress')).json as { Id: string };
        expect(endpoint).toEqual({
          Spec: { Mode: 'vip', Ports: [ingress] },
          Ports: [ingress],
          VirtualIPs: [{ NetworkID: Id, Addr: expect.stringMatching(/^10\.0\.0\.\d+\/24$/) }],
        });
      },
    },
    {
      name: 'chooses a port from 30000 on where none is given',
      async run(bench) {
        const id = await bench.create(
          'services',
          idleService(bench, { EndpointSpec: { Ports: [{ TargetPort: 80 }] } }),
        );
        const port = await bench.until('it is published', async () => endpointOf(await bench.service(id)).Ports?.[0]);
        expect(port.PublishedPort).toBeGreaterThanOrEqual(30_000);
        expect(port.PublishedPort).toBeLessThanOrEqual(32_767);
        expect((await bench.service(id)).Spec.EndpointSpec).toEqual({
          Mode: 'vip',
          Ports: [{ Protocol: 'tcp', TargetPort: 80, PublishMode: 'ingress' }],
        });
      },
    },
    {
      name: 'refuses a port of the ingress network that another service has, and names it',
      async run(bench) {
        const EndpointSpec = { Ports: [{ TargetPort: 80, PublishedPort: 34_201 }] };
        const first = await bench.create('services', idleService(bench, { EndpointSpec }));
        for (const PublishMode of ['ingress', 'host'])
          expectRefusal(
            await bench.post(
              '/services/create',
              idleService(bench, {
                Name: bench.unique('second'),
                EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 34_201, PublishMode }] },
              }),
            ),
            400,
            invalid(`port '34201' is already in use by service '${bench.unique()}' (${first}) as an ingress port`),
          );
        await bench.create(
          'services',
          idleService(bench, {
            Name: bench.unique('udp'),
            EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 34_201, Protocol: 'udp' }] },
          }),
        );
      },
    },
    {
      name: 'refuses a port of the ingress network that another service has of the host',
      async run(bench) {
        const port = { TargetPort: 80, PublishedPort: 34_202 };
        const first = await bench.create(
          'services',
          idleService(bench, { EndpointSpec: { Ports: [{ ...port, PublishMode: 'host' }] } }),
        );
        expectRefusal(
          await bench.post(
            '/services/create',
            idleService(bench, { Name: bench.unique('second'), EndpointSpec: { Ports: [port] } }),
          ),
          400,
          invalid(`port '34202' is already in use by service '${bench.unique()}' (${first}) as a host-published port`),
        );
      },
    },
    {
      name: 'lets two services have the same port of the host: their tasks will see',
      async run(bench) {
        const EndpointSpec = { Ports: [{ TargetPort: 80, PublishedPort: 34_203, PublishMode: 'host' }] };
        await bench.create('services', idleService(bench, { EndpointSpec }));
        await bench.create('services', idleService(bench, { Name: bench.unique('second'), EndpointSpec }));
      },
    },
    {
      name: 'frees a port with its service',
      async run(bench) {
        const EndpointSpec = { Ports: [{ TargetPort: 80, PublishedPort: 34_204 }] };
        const first = await bench.create('services', idleService(bench, { EndpointSpec }));
        await bench.delete(`/services/${first}`);
        await bench.create('services', idleService(bench, { EndpointSpec }));
      },
    },
  ],
};
