import { expect } from 'vitest';
import { type Bench, idleService } from '../bench.ts';
import { type CaseGroup, type ContractCase, expectRefusal, invalid } from './case.ts';

const data = 'aGk=';
const file = (Name: string) => ({ Name, UID: '0', GID: '0', Mode: 0o444 });

/** What a service says of secrets and configs; the two differ in little. */
function casesOf(kind: 'configs' | 'secrets', one: 'Config' | 'Secret'): readonly ContractCase[] {
  const word = one.toLowerCase();
  const reference = (id: string | undefined, name: string | undefined, File: unknown = file('x')) => ({
    [`${one}ID`]: id,
    [`${one}Name`]: name,
    File,
  });
  const using = (bench: Bench, ...references: object[]) =>
    idleService(bench, { container: { [`${one}s`]: references } });
  const refuses = async (bench: Bench, references: object[], message: string) =>
    expectRefusal(await bench.post('/services/create', using(bench, ...references)), 400, invalid(message));

  return [
    {
      name: `refuses a service with a ${word} that is none, by its name`,
      run: (bench) => refuses(bench, [reference('nosuch', 'word')], `${word} not found: word`),
    },
    {
      name: `names all ${word}s that are none`,
      run: (bench) =>
        refuses(
          bench,
          [reference('nosuch', 'word', file('x')), reference('nosuch2', 'other', file('y'))],
          `${word}s not found: word, other`,
        ),
    },
    {
      name: `wants the whole id of a ${word} together with its name`,
      async run(bench) {
        const id = await bench.create(kind, { Name: bench.unique('word'), Data: data });
        await refuses(bench, [reference(id, 'other')], `${word} not found: other`);
        for (const wrong of [id.slice(0, 12), bench.unique('word')])
          await refuses(bench, [reference(wrong, bench.unique('word'))], `${word} not found: ${bench.unique('word')}`);
      },
    },
    {
      name: `refuses a reference to a ${word} without id or name`,
      async run(bench) {
        await refuses(bench, [reference(undefined, 'word')], `malformed ${word} reference`);
        await refuses(bench, [reference('nosuch', undefined)], `malformed ${word} reference`);
      },
    },
    {
      name: `refuses a ${word} in a file without a name`,
      async run(bench) {
        const id = await bench.create(kind, { Name: bench.unique('word'), Data: data });
        await refuses(
          bench,
          [reference(id, bench.unique('word'), file(''))],
          `malformed file ${word} reference, invalid target file name provided`,
        );
      },
    },
    {
      name: `refuses two ${word}s in one file`,
      async run(bench) {
        const [one_, two] = [bench.unique('one'), bench.unique('two')];
        const [first, second] = [
          await bench.create(kind, { Name: one_, Data: data }),
          await bench.create(kind, { Name: two, Data: data }),
        ];
        await refuses(
          bench,
          [reference(first, one_), reference(second, two)],
          `${word} references '${one_}' and '${two}' have a conflicting target: 'x'`,
        );
      },
    },
    {
      name: `takes one ${word} in two files, and shows both`,
      async run(bench) {
        const name = bench.unique('word');
        const id = await bench.create(kind, { Name: name, Data: data });
        const references = [reference(id, name, file('x')), reference(id, name, file('y'))];
        const service = await bench.service(await bench.create('services', using(bench, ...references)));
        expect(service.Spec.TaskTemplate.ContainerSpec).toMatchObject({ [`${one}s`]: references });
      },
    },
    {
      name: `does not delete a ${word} that a service uses, and names the service`,
      async run(bench) {
        const name = bench.unique('word');
        const id = await bench.create(kind, { Name: name, Data: data });
        const service = await bench.create('services', using(bench, reference(id, name)));
        expectRefusal(
          await bench.delete(`/${kind}/${id}`),
          400,
          invalid(`${word} '${name}' is in use by the following service: ${bench.unique()}`),
        );
        await bench.delete(`/services/${service}`);
        expect((await bench.delete(`/${kind}/${id}`)).status).toBe(204);
      },
    },
    {
      name: `names all services that use a ${word}`,
      async run(bench) {
        const name = bench.unique('word');
        const id = await bench.create(kind, { Name: name, Data: data });
        for (const which of ['one', 'two'])
          await bench.create('services', { ...using(bench, reference(id, name)), Name: bench.unique(which) });
        const { status, json } = await bench.delete(`/${kind}/${id}`);
        expect(status).toBe(400);
        const { message } = json as { message: string };
        const prefix = invalid(`${word} '${name}' is in use by the following services: `);
        expect(message.startsWith(prefix), message).toBe(true);
        expect(message.slice(prefix.length).split(', ').sort()).toEqual([bench.unique('one'), bench.unique('two')]);
      },
    },
    {
      name: `deletes a ${word} that only the previous specification of a service uses`,
      async run(bench) {
        const name = bench.unique('word');
        const id = await bench.create(kind, { Name: name, Data: data });
        const service = await bench.create('services', using(bench, reference(id, name)));
        await bench.update(service, idleService(bench));
        expect((await bench.service(service)).PreviousSpec?.TaskTemplate.ContainerSpec).toHaveProperty(`${one}s`);
        expect((await bench.delete(`/${kind}/${id}`)).status).toBe(204);
      },
    },
  ];
}

export const referenceCases: CaseGroup = {
  subject: 'secrets and configs of services',
  cases: [
    ...casesOf('secrets', 'Secret'),
    ...casesOf('configs', 'Config'),
    {
      name: 'refuses a secret without a file, and a config with neither file nor runtime or both',
      async run(bench) {
        const secret = { SecretID: 'nosuch', SecretName: 'word' };
        const config = { ConfigID: 'nosuch', ConfigName: 'word' };
        const create = async (container: Record<string, unknown>) =>
          bench.post('/services/create', idleService(bench, { container }));
        expectRefusal(
          await create({ Secrets: [secret] }),
          400,
          invalid('malformed secret reference, no target provided'),
        );
        expectRefusal(await create({ Configs: [config] }), 400, 'invalid Config: either File or Runtime should be set');
        expectRefusal(
          await create({ Configs: [{ ...config, File: file('x'), Runtime: {} }] }),
          400,
          'invalid Config: cannot specify both File and Runtime',
        );
      },
    },
  ],
};
