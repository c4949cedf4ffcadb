import { expect } from 'vitest';
import { type CaseGroup, type ContractCase, expectRefusal } from './case.ts';

const tooNew = (version: string) => `client version ${version} is too new. Maximum supported API version is 1.41`;

const unknownPaths = (
  [
    ['GET', '/v1.41/nonsense'],
    ['GET', '/'],
    ['GET', '/vabc/services'],
    ['GET', '/v1.41/Services'],
    ['GET', '/v1.41/services/'],
    ['POST', '/_ping'],
    ['POST', '/v1.41/version'],
    ['PUT', '/v1.41/services'],
    ['DELETE', '/v1.41/configs'],
    ['PATCH', '/v1.41/services/create'],
  ] as const
).map(
  ([method, path]): ContractCase => ({
    name: `does not know ${method} ${path}`,
    run: async ({ request }) => expectRefusal(await request(method, path), 404, 'page not found'),
  }),
);

export const pathCases: CaseGroup = {
  subject: 'paths, versions and the daemon',
  cases: [
    {
      name: 'answers _ping with OK and the version of its API',
      async run({ request }) {
        const { status, text, headers } = await request('GET', '/_ping');
        expect({ status, text }).toEqual({ status: 200, text: 'OK' });
        expect(headers).toMatchObject({
          'api-version': '1.41',
          'docker-experimental': 'false',
          ostype: 'linux',
          'content-type': 'text/plain; charset=utf-8',
          'cache-control': 'no-cache, no-store, must-revalidate',
          pragma: 'no-cache',
        });
        expect(headers.server).toMatch(/^Docker\/20\.10\.24.* \(linux\)$/);
      },
    },
    {
      name: 'answers HEAD _ping with the same headers and no body',
      async run({ request }) {
        const { status, text, headers } = await request('HEAD', '/_ping');
        expect({ status, text, length: headers['content-length'] }).toEqual({ status: 200, text: '', length: '0' });
        expect(headers['api-version']).toBe('1.41');
      },
    },
    {
      name: 'does not tell the state of the Swarm in _ping, as later engines do',
      async run({ request }) {
        expect((await request('GET', '/_ping')).headers).not.toHaveProperty('swarm');
      },
    },
    {
      name: 'puts its kind and the version of its API on every answer but those to unknown paths',
      async run({ request }) {
        for (const path of ['/v1.41/services', '/v1.41/services/nosuch', '/v1.40/info'])
          expect((await request('GET', path)).headers, path).toMatchObject({
            'api-version': '1.41',
            ostype: 'linux',
            'content-type': 'application/json',
          });
        expect((await request('GET', '/v1.41/nonsense')).headers).not.toHaveProperty('api-version');
      },
    },
    {
      name: 'tells its versions',
      async run({ get }) {
        const { status, json } = await get('/version');
        expect(status).toBe(200);
        expect(json).toMatchObject({
          Version: expect.stringMatching(/^20\.10\.24/),
          ApiVersion: '1.41',
          MinAPIVersion: '1.12',
          Os: 'linux',
          Arch: expect.stringMatching(/^(amd64|arm64)$/),
          KernelVersion: expect.any(String),
          Components: expect.arrayContaining([expect.objectContaining({ Name: 'Engine' })]),
        });
      },
    },
    {
      name: 'tells its place in the Swarm',
      async run({ get }) {
        const { json } = await get('/info');
        expect(json).toMatchObject({
          ID: expect.any(String),
          Name: expect.any(String),
          OSType: 'linux',
          Architecture: expect.stringMatching(/^(x86_64|aarch64)$/),
          NCPU: expect.any(Number),
          MemTotal: expect.any(Number),
          Swarm: {
            NodeID: expect.stringMatching(/^[a-z0-9]{25}$/),
            NodeAddr: expect.any(String),
            LocalNodeState: 'active',
            ControlAvailable: true,
            Error: '',
            Nodes: 1,
            Managers: 1,
            Cluster: {
              ID: expect.stringMatching(/^[a-z0-9]{25}$/),
              Spec: { Name: 'default', Orchestration: { TaskHistoryRetentionLimit: 5 } },
              DefaultAddrPool: ['10.0.0.0/8'],
              SubnetSize: 24,
            },
          },
        });
      },
    },
    {
      name: 'serves the same without a version in the path, and with older ones',
      async run({ request }) {
        const { json } = await request('GET', '/v1.41/version');
        for (const path of ['/version', '/v1.40/version', '/v1.12/version'])
          expect((await request('GET', path)).json, path).toEqual(json);
        expect((await request('GET', '/v1.41/_ping')).text).toBe('OK');
      },
    },
    {
      name: 'refuses a version of its API that is still to come, also in _ping',
      async run({ request }) {
        expectRefusal(await request('GET', '/v1.42/info'), 400, tooNew('1.42'));
        expectRefusal(await request('GET', '/v1.44/_ping'), 400, tooNew('1.44'));
        expectRefusal(await request('POST', '/v9/services/create', { body: {} }), 400, tooNew('9'));
      },
    },
    {
      name: 'refuses a version that is too old, in plain text',
      async run({ request }) {
        const { status, text, headers } = await request('GET', '/v1.11/version');
        expect({ status, text: text.trim(), type: headers['content-type'] }).toEqual({
          status: 400,
          text: 'client version 1.11 is too old. Minimum supported API version is 1.12, please upgrade your client to a newer version',
          type: 'text/plain; charset=utf-8',
        });
      },
    },
    ...unknownPaths,
    {
      name: 'redirects a path with an empty part',
      async run({ request }) {
        const { status, headers } = await request('GET', '//v1.41/services');
        expect({ status, location: headers.location }).toEqual({ status: 301, location: '/v1.41/services' });
      },
    },
  ],
};
