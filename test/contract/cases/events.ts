import { expect } from 'vitest';
import { type Bench, idleService } from '../bench.ts';
import type { AnswerStream } from '../http-client.ts';
import { type CaseGroup, expectRefusal } from './case.ts';

interface Event {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> };
  readonly scope: string;
  readonly time: number;
  readonly timeNano: number;
}

const eventsOf = (stream: AnswerStream): Event[] =>
  stream
    .received()
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);

/** Listens, lets things happen, and gives what was told of them once the last was. */
async function heard(
  bench: Bench,
  filters: object,
  act: () => Promise<string>,
  isLast: (event: Event) => boolean,
): Promise<Event[]> {
  const stream = await bench.stream('/v1.41/events', { query: { filters } });
  try {
    const id = await act();
    const ofIt = () => eventsOf(stream).filter(({ Actor }) => Actor.ID === id);
    await bench.until('the event came', () => ofIt().some(isLast));
    return ofIt();
  } finally {
    stream.close();
  }
}

export const eventCases: CaseGroup = {
  subject: 'events',
  cases: [
    ...(['config', 'secret'] as const).map((kind) => ({
      name: `tells when a ${kind} is created, updated and removed`,
      async run(bench: Bench) {
        const told = await heard(
          bench,
          { scope: ['swarm'], type: [kind] },
          async () => {
            const id = await bench.create(`${kind}s`, { Name: bench.unique(), Data: 'aGk=' });
            const { Version } = (await bench.get(`/${kind}s/${id}`)).json as { Version: { Index: number } };
            await bench.post(`/${kind}s/${id}/update`, { Name: bench.unique() }, { version: Version.Index });
            await bench.delete(`/${kind}s/${id}`);
            return id;
          },
          ({ Action }) => Action === 'remove',
        );
        expect(told).toEqual(
          ['create', 'update', 'remove'].map((Action): unknown => ({
            Type: kind,
            Action,
            Actor: { ID: expect.any(String), Attributes: { name: bench.unique() } },
            scope: 'swarm',
            time: expect.any(Number),
            timeNano: expect.any(Number),
          })),
        );
      },
    })),
    {
      name: 'tells when a service is created, updated and removed',
      async run(bench) {
        const told = await heard(
          bench,
          { scope: ['swarm'], type: ['service'] },
          async () => {
            const id = await bench.create('services', idleService(bench));
            await bench.update(id, idleService(bench, { Labels: { a: 'b' } }));
            await bench.delete(`/services/${id}`);
            return id;
          },
          ({ Action }) => Action === 'remove',
        );
        expect(told.map(({ Type, Action }) => `${Type} ${Action}`)).toEqual([
          'service create',
          'service update',
          'service remove',
        ]);
        expect(told[0]).toMatchObject({ scope: 'swarm', Actor: { Attributes: { name: bench.unique() } } });
      },
    },
    {
      name: 'tells when a network is created, given its subnet, and removed',
      async run(bench) {
        const told = await heard(
          bench,
          { scope: ['swarm'], type: ['network'] },
          async () => {
            const id = await bench.create('networks', { Name: bench.unique(), Driver: 'overlay' });
            await bench.until('it is allocated', async () => {
              const { json } = await bench.get(`/networks/${id}`);
              return (json as { Driver: string }).Driver === 'overlay';
            });
            await bench.delete(`/networks/${id}`);
            return id;
          },
          ({ Action }) => Action === 'remove',
        );
        expect(told.map(({ Action }) => Action)).toEqual(['create', 'update', 'remove']);
        expect(told[0]).toMatchObject({
          Type: 'network',
          Actor: { Attributes: { name: bench.unique() } },
          scope: 'swarm',
        });
      },
    },
    {
      name: 'answers with JSON at once, before anything happens',
      async run(bench) {
        const stream = await bench.stream('/v1.41/events', { query: { filters: { scope: ['swarm'] } } });
        expect({ status: stream.status, type: stream.headers['content-type'] }).toEqual({
          status: 200,
          type: 'application/json',
        });
        expect(stream.ended()).toBe(false);
        stream.close();
      },
    },
    {
      name: 'tells what has been when asked for a time, and ends there',
      async run(bench) {
        const { json } = await bench.get('/info');
        const start = Math.floor(Date.parse((json as { SystemTime: string }).SystemTime) / 1000) - 1;
        const id = await bench.create('configs', { Name: bench.unique(), Data: 'aGk=' });
        await bench.wait(2000);
        const { text } = await bench.get('/events', {
          since: String(start),
          until: String(start + 2),
          filters: { type: ['config'] },
        });
        expect(text).toContain(id);
      },
    },
    {
      name: 'hears nothing of other kinds than asked for',
      async run(bench) {
        const stream = await bench.stream('/v1.41/events', { query: { filters: { type: ['secret'] } } });
        await bench.create('configs', { Name: bench.unique(), Data: 'aGk=' });
        const id = await bench.create('secrets', { Name: bench.unique(), Data: 'aGk=' });
        await bench.until('the event came', () => eventsOf(stream).some(({ Actor }) => Actor.ID === id));
        expect(new Set(eventsOf(stream).map(({ Type }) => Type))).toEqual(new Set(['secret']));
        stream.close();
      },
    },
    {
      name: 'hears every one of several kinds asked for',
      async run(bench) {
        const type = ['service', 'config', 'node'];
        const stream = await bench.stream('/v1.41/events', { query: { filters: { scope: ['swarm'], type } } });
        await bench.create('secrets', { Name: bench.unique(), Data: 'aGk=' });
        const config = await bench.create('configs', { Name: bench.unique(), Data: 'aGk=' });
        const service = await bench.create('services', idleService(bench));
        const told = (id: string) => eventsOf(stream).filter(({ Actor }) => Actor.ID === id);
        await bench.until('both events came', () => [config, service].every((id) => told(id).length > 0));
        stream.close();
        expect(told(config)[0]).toMatchObject({ Type: 'config', Action: 'create' });
        expect(told(service)[0]).toMatchObject({ Type: 'service', Action: 'create' });
        expect(eventsOf(stream).filter(({ Type }) => !type.includes(Type))).toEqual([]);
      },
    },
    {
      name: 'refuses filters of events that it cannot read',
      async run({ get }) {
        expectRefusal(
          await get('/events', { filters: 'x' }),
          500,
          "invalid character 'x' looking for beginning of value",
        );
      },
    },
  ],
};
