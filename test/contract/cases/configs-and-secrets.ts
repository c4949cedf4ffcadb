import { expect } from 'vitest';
import type { Bench } from '../bench.ts';
import type { EngineObject } from '../objects.ts';
import { anId, aTime, type CaseGroup, type ContractCase, exists, expectRefusal, invalid, unknown } from './case.ts';

const data = (text = 'hello') => Buffer.from(text).toString('base64');
const badName =
  'invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]';

/** Configs and secrets are the same but for their data. */
function casesOf(kind: 'configs' | 'secrets', one: 'config' | 'secret', maximum: number): readonly ContractCase[] {
  const read = async ({ get }: Bench, id: string) => (await get(`/${kind}/${id}`)).json as EngineObject;
  const list = async ({ get }: Bench, filters: unknown) =>
    ((await get(`/${kind}`, { filters })).json as EngineObject[]).map(({ Spec }) => Spec.Name);
  const update = ({ post }: Bench, id: string, version: unknown, spec: unknown) =>
    post(`/${kind}/${id}/update`, spec, { version });

  return [
    {
      name: `creates a ${one} and answers with its id alone`,
      async run({ post, unique }) {
        const { status, json } = await post(`/${kind}/create`, { Name: unique(), Data: data() });
        expect({ status, json }).toEqual({ status: 201, json: { ID: anId } });
      },
    },
    {
      name: `shows a ${one} by its id, its name, and the beginning of its id`,
      async run(bench) {
        const id = await bench.create(kind, { Name: bench.unique(), Labels: { a: 'b' }, Data: data() });
        const shown = await read(bench, id);
        expect(shown).toEqual({
          ID: id,
          Version: { Index: expect.any(Number) },
          CreatedAt: aTime,
          UpdatedAt: shown.CreatedAt,
          Spec: { Name: bench.unique(), Labels: { a: 'b' }, ...(kind === 'configs' && { Data: data() }) },
        });
        expect(await read(bench, bench.unique())).toEqual(shown);
        expect(await read(bench, id.slice(0, 12))).toEqual(shown);
      },
    },
    {
      name: `refuses a second ${one} of the same name, also in other letters`,
      async run({ create, post, unique }) {
        await create(kind, { Name: unique(), Data: data() });
        for (const Name of [unique(), unique().toUpperCase()])
          expectRefusal(
            await post(`/${kind}/create`, { Name, Data: data() }),
            409,
            exists(`${one} ${Name} already exists`),
          );
      },
    },
    {
      name: `refuses a ${one} without a name`,
      async run({ post }) {
        for (const body of [{ Name: '', Data: data() }, { Data: data() }])
          expectRefusal(await post(`/${kind}/create`, body), 400, invalid('name must be provided'));
      },
    },
    {
      name: `refuses names of a ${one} that are too long or have other characters`,
      async run({ post }) {
        for (const Name of ['a'.repeat(65), 'a b', '-ab', 'ab.', 'a/b', 'ä'])
          expectRefusal(await post(`/${kind}/create`, { Name, Data: data() }), 400, invalid(badName));
      },
    },
    {
      name: `takes a name of a ${one} with 64 characters, dots and underscores`,
      async run({ create, unique }) {
        await create(kind, { Name: `${unique()}._-`.padEnd(64, 'x'), Data: data() });
      },
    },
    {
      name: `refuses a ${one} without data or with too much`,
      async run({ post, unique }) {
        for (const Data of [undefined, '', data('x'.repeat(maximum))])
          expectRefusal(
            await post(`/${kind}/create`, { Name: unique(), Data }),
            400,
            invalid(`${one} data must be larger than 0 and less than ${maximum} bytes`),
          );
      },
    },
    {
      name: `finds ${kind} by label, with and without a value`,
      async run(bench) {
        const [first, second] = [bench.unique('first'), bench.unique('second')];
        await bench.create(kind, { Name: first, Labels: { [bench.unique()]: '1', two: 'x' }, Data: data() });
        await bench.create(kind, { Name: second, Labels: { [bench.unique()]: '2', two: 'x' }, Data: data() });
        expect((await list(bench, { label: [bench.unique()] })).sort()).toEqual([first, second]);
        expect(await list(bench, { label: [`${bench.unique()}=2`] })).toEqual([second]);
        expect(await list(bench, { label: { [`${bench.unique()}=1`]: true } })).toEqual([first]);
        expect(await list(bench, { label: [`${bench.unique()}=1`, 'two=x'] })).toEqual([first]);
        expect(await list(bench, { label: [`${bench.unique()}=1`, 'two=y'] })).toEqual([]);
      },
    },
    {
      name: `finds ${kind} by the beginning of a name in any letters, of an id, or either`,
      async run(bench) {
        const [first, second] = [bench.unique('first'), bench.unique('second')];
        const id = await bench.create(kind, { Name: first, Data: data() });
        await bench.create(kind, { Name: second, Data: data() });
        expect((await list(bench, { name: [bench.unique()] })).sort()).toEqual([first, second]);
        expect(await list(bench, { name: [first.toUpperCase()] })).toEqual([first]);
        expect(await list(bench, { name: [bench.unique().slice(1)] })).toEqual([]);
        expect(await list(bench, { id: [id.slice(0, 15)] })).toEqual([first]);
        expect((await list(bench, { id: [id], name: [second] })).sort(), 'either of them').toEqual([first, second]);
        expect((await list(bench, { name: [first, second] })).sort()).toEqual([first, second]);
      },
    },
    {
      name: `refuses filters of ${kind} that it does not know or cannot read`,
      async run({ get }) {
        expectRefusal(await get(`/${kind}`, { filters: { mode: ['x'] } }), 400, "Invalid filter 'mode'");
        expectRefusal(
          await get(`/${kind}`, { filters: 'x' }),
          500,
          "invalid character 'x' looking for beginning of value",
        );
        expectRefusal(
          await get(`/${kind}`, { filters: { label: 'x' } }),
          500,
          'json: cannot unmarshal string into Go value of type map[string]bool',
        );
      },
    },
    {
      name: `changes the labels of a ${one} when the version is the present one`,
      async run(bench) {
        const id = await bench.create(kind, { Name: bench.unique(), Labels: { a: '1' }, Data: data() });
        const before = await read(bench, id);
        const answer = await update(bench, id, before.Version.Index, { Name: bench.unique(), Labels: { b: '2' } });
        expect({ status: answer.status, text: answer.text }).toEqual({ status: 200, text: '' });
        const after = await read(bench, id);
        expect(after).toEqual({
          ...before,
          Version: { Index: expect.any(Number) },
          UpdatedAt: aTime,
          Spec: { ...before.Spec, Labels: { b: '2' } },
        });
        expect(after.Version.Index).toBeGreaterThan(before.Version.Index);
        expect(after.UpdatedAt).not.toBe(before.UpdatedAt);
      },
    },
    {
      name: `takes all labels of a ${one} away where none are given`,
      async run(bench) {
        const id = await bench.create(kind, { Name: bench.unique(), Labels: { a: '1' }, Data: data() });
        await update(bench, id, (await read(bench, id)).Version.Index, { Name: bench.unique() });
        expect((await read(bench, id)).Spec.Labels).toEqual({});
      },
    },
    {
      name: `refuses a change of a ${one} that was made to another version`,
      async run(bench) {
        const id = await bench.create(kind, { Name: bench.unique(), Data: data() });
        const { Index } = (await read(bench, id)).Version;
        const change = () => update(bench, id, Index, { Name: bench.unique(), Labels: { a: '1' } });
        expect((await change()).status).toBe(200);
        expectRefusal(await change(), 500, unknown('update out of sequence'));
      },
    },
    {
      name: `lets exactly one of many changes of the same version of a ${one} through`,
      async run(bench) {
        const id = await bench.create(kind, { Name: bench.unique(), Data: data() });
        const { Index } = (await read(bench, id)).Version;
        const answers = await Promise.all(
          ['a', 'b', 'c', 'd'].map((writer) => update(bench, id, Index, { Name: bench.unique(), Labels: { writer } })),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([200, 500, 500, 500]);
      },
    },
    {
      name: `lets exactly one of many create a ${one} of the same name`,
      async run({ post, unique }) {
        const answers = await Promise.all(
          [1, 2, 3, 4].map(() => post(`/${kind}/create`, { Name: unique(), Data: data() })),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
      },
    },
    {
      name: `refuses to change the data or the name of a ${one}`,
      async run(bench) {
        const id = await bench.create(kind, { Name: bench.unique(), Data: data() });
        const { Index } = (await read(bench, id)).Version;
        for (const spec of [{ Name: bench.unique(), Data: data('other') }, { Name: bench.unique('other') }, {}])
          expectRefusal(await update(bench, id, Index, spec), 400, invalid('only updates to Labels are allowed'));
      },
    },
    {
      name: `refuses a change of a ${one} without a version`,
      async run(bench) {
        const id = await bench.create(kind, { Name: bench.unique(), Data: data() });
        expectRefusal(
          await bench.post(`/${kind}/${id}/update`, { Name: bench.unique() }),
          400,
          `invalid ${one} version`,
        );
        expectRefusal(await update(bench, id, 'abc', { Name: bench.unique() }), 400, `invalid ${one} version`);
      },
    },
    {
      name: `deletes a ${one} once`,
      async run({ create, delete: remove, get, unique }) {
        const id = await create(kind, { Name: unique(), Data: data() });
        const { status, text } = await remove(`/${kind}/${id}`);
        expect({ status, text }).toEqual({ status: 204, text: '' });
        expectRefusal(await remove(`/${kind}/${id}`), 404, `${one} ${id} not found`);
        expectRefusal(await get(`/${kind}/${unique()}`), 404, `${one} ${unique()} not found`);
      },
    },
    {
      name: `does not find a ${one} that is none`,
      async run(bench) {
        const message = `${one} nosuch not found`;
        expectRefusal(await bench.get(`/${kind}/nosuch`), 404, message);
        expectRefusal(await bench.delete(`/${kind}/nosuch`), 404, message);
        expectRefusal(await update(bench, 'nosuch', 1, { Name: 'nosuch' }), 404, message);
      },
    },
    {
      name: `prefers a ${one} of a name to one whose id begins so`,
      async run(bench) {
        const id = await bench.create(kind, { Name: bench.unique(), Data: data() });
        const shadow = id.slice(0, 10);
        await bench.create(kind, { Name: shadow, Data: data() });
        expect((await read(bench, shadow)).Spec.Name).toBe(shadow);
      },
    },
  ];
}

export const configCases: CaseGroup = { subject: 'configs', cases: casesOf('configs', 'config', 1_024_000) };

export const secretCases: CaseGroup = {
  subject: 'secrets',
  cases: [
    ...casesOf('secrets', 'secret', 512_000),
    {
      name: 'never returns the data of a secret',
      async run({ create, get, unique }) {
        const id = await create('secrets', { Name: unique(), Data: data('s3cret') });
        for (const path of [`/secrets/${id}`, '/secrets']) expect((await get(path)).text).not.toContain(data('s3cret'));
      },
    },
  ],
};
