import { expect } from 'vitest';
import { type CaseGroup, type ContractCase, expectRefusal } from './case.ts';

/** Bodies that Go's decoder refuses, with its words. */
const refused: readonly (readonly [what: string, path: string, body: unknown, message: string])[] = [
  ['no body', '/configs/create', '', 'got EOF while reading request body'],
  ['no body for a service', '/services/create', '', 'got EOF while reading request body'],
  ['a body that ends too early', '/configs/create', '{"Name": "x"', 'unexpected EOF'],
  ['no JSON', '/configs/create', 'nonsense', "invalid character 'o' in literal null (expecting 'u')"],
  ['other no JSON', '/secrets/create', 'xyz', "invalid character 'x' looking for beginning of value"],
  ['a list', '/configs/create', [], 'json: cannot unmarshal array into Go value of type swarm.ConfigSpec'],
  ['a text', '/secrets/create', '"x"', 'json: cannot unmarshal string into Go value of type swarm.SecretSpec'],
  [
    'a list as a service',
    '/services/create',
    [],
    'json: cannot unmarshal array into Go value of type swarm.ServiceSpec',
  ],
  [
    'a number as the name of a config',
    '/configs/create',
    { Name: 5 },
    'json: cannot unmarshal number into Go struct field ConfigSpec.Name of type string',
  ],
  [
    'a number as the name of a service',
    '/services/create',
    { Name: 5 },
    'json: cannot unmarshal number into Go struct field ServiceSpec.Name of type string',
  ],
  [
    'a number as data',
    '/configs/create',
    { Name: 'x', Data: 5 },
    'json: cannot unmarshal number into Go struct field ConfigSpec.Data of type []uint8',
  ],
  [
    'data that is not base64',
    '/configs/create',
    { Name: 'x', Data: 'not base64!' },
    'illegal base64 data at input byte 3',
  ],
  [
    'a number as a label',
    '/services/create',
    { Name: 'x', Labels: { a: 1 } },
    'json: cannot unmarshal number into Go struct field ServiceSpec.Labels of type string',
  ],
  [
    'a list as labels',
    '/services/create',
    { Name: 'x', Labels: ['a'] },
    'json: cannot unmarshal array into Go struct field ServiceSpec.Labels of type map[string]string',
  ],
  [
    'a text as a command',
    '/services/create',
    { Name: 'x', TaskTemplate: { ContainerSpec: { Command: 'sleep 1' } } },
    'json: cannot unmarshal string into Go struct field ContainerSpec.TaskTemplate.ContainerSpec.Command of type []string',
  ],
  [
    'a number as a task template',
    '/services/create',
    { Name: 'x', TaskTemplate: 5 },
    'json: cannot unmarshal number into Go struct field ServiceSpec.TaskTemplate of type swarm.TaskSpec',
  ],
  [
    'a text as memory',
    '/services/create',
    { Name: 'x', TaskTemplate: { Resources: { Limits: { MemoryBytes: '10M' } } } },
    'json: cannot unmarshal string into Go struct field Limit.TaskTemplate.Resources.Limits.MemoryBytes of type int64',
  ],
  [
    'a negative number of replicas',
    '/services/create',
    { Name: 'x', Mode: { Replicated: { Replicas: -1 } } },
    'json: cannot unmarshal number -1 into Go struct field ReplicatedService.Mode.Replicated.Replicas of type uint64',
  ],
  [
    'half a replica',
    '/services/create',
    { Name: 'x', Mode: { Replicated: { Replicas: 1.5 } } },
    'json: cannot unmarshal number 1.5 into Go struct field ReplicatedService.Mode.Replicated.Replicas of type uint64',
  ],
  [
    'replicas as a text',
    '/services/create',
    { Name: 'x', Mode: { Replicated: { Replicas: '1' } } },
    'json: cannot unmarshal string into Go struct field ReplicatedService.Mode.Replicated.Replicas of type uint64',
  ],
  [
    'a negative parallelism',
    '/services/create',
    { Name: 'x', UpdateConfig: { Parallelism: -1 } },
    'json: cannot unmarshal number -1 into Go struct field UpdateConfig.UpdateConfig.Parallelism of type uint64',
  ],
  [
    'a negative forced update',
    '/services/create',
    { Name: 'x', TaskTemplate: { ForceUpdate: -3 } },
    'json: cannot unmarshal number -3 into Go struct field TaskSpec.TaskTemplate.ForceUpdate of type uint64',
  ],
];

const refusals = refused.map(
  ([what, path, body, message]): ContractCase => ({
    name: `refuses ${what}`,
    run: async ({ post }) => expectRefusal(await post(path, body), 400, message),
  }),
);

const data = 'aGk=';

export const bodyCases: CaseGroup = {
  subject: 'what a body may be',
  cases: [
    ...refusals,
    {
      name: 'reads keys in any case and ignores those it does not know',
      async run({ create, get, unique }) {
        const id = await create('configs', {
          name: unique(),
          DATA: data,
          labels: { a: 'b' },
          Nonsense: { of: 'mine' },
        });
        expect((await get(`/configs/${id}`)).json).toMatchObject({
          Spec: { Name: unique(), Labels: { a: 'b' }, Data: data },
        });
      },
    },
    {
      name: 'takes the last of two equal keys',
      async run({ create, get, unique }) {
        const id = await create('configs', `{"Name":"other","Name":"${unique()}","Data":"${data}"}`);
        expect((await get(`/configs/${id}`)).json).toMatchObject({ Spec: { Name: unique() } });
      },
    },
    {
      name: 'reads one JSON value and ignores what follows it',
      async run({ create, unique }) {
        await create('configs', `{"Name":"${unique()}","Data":"${data}"} and more`);
      },
    },
    {
      name: 'does not care for the content type of a config',
      async run({ request, unique }) {
        const answer = await request('POST', '/v1.41/configs/create', {
          body: { Name: unique(), Data: data },
          headers: { 'content-type': 'text/plain' },
        });
        expect(answer.status).toBe(201);
      },
    },
    {
      name: 'cares for the content type of a network and of a command',
      async run({ request }) {
        for (const path of ['/networks/create', '/containers/nosuch/exec'])
          expectRefusal(
            await request('POST', `/v1.41${path}`, { body: '{"Name":"x"}', headers: { 'content-type': 'text/plain' } }),
            400,
            "Content-Type specified (text/plain) must be 'application/json'",
          );
      },
    },
    {
      name: 'takes null for a list, a map or a mode as nothing given',
      async run({ create, service, unique, image }) {
        const id = await create('services', {
          Name: unique(),
          Labels: null,
          Mode: { Replicated: { Replicas: 0 }, Global: null },
          TaskTemplate: { ContainerSpec: { Image: image, Env: null, Mounts: null }, Networks: null, Resources: null },
          UpdateConfig: null,
        });
        expect((await service(id)).Spec).toEqual({
          Name: unique(),
          Labels: {},
          Mode: { Replicated: { Replicas: 0 } },
          TaskTemplate: { ContainerSpec: { Image: image, Isolation: 'default' }, ForceUpdate: 0, Runtime: 'container' },
        });
      },
    },
  ],
};
