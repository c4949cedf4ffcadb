import { expect } from 'vitest';
import { type Bench, idleService, steadyService } from '../bench.ts';
import { untilRunning, untilState } from '../bench-waits.ts';
import { type Frame, framesOf, textOf } from '../frames.ts';
import { scripts } from '../scripts.ts';
import { type CaseGroup, expectRefusal } from './case.ts';

type Query = Readonly<Record<string, unknown>>;
const both = { stdout: '1', stderr: '1' };

const printing = (bench: Bench, Command: readonly string[], container: Query = {}) =>
  bench.create(
    'services',
    steadyService(bench, { container: { Command, ...container }, task: { RestartPolicy: { Condition: 'none' } } }),
  );

async function logs({ get }: Bench, id: string, query: Query = both): Promise<Frame[]> {
  const { status, bytes } = await get(`/services/${id}/logs`, query);
  expect(status).toBe(200);
  return framesOf(bytes);
}

/** Waits until so many lines are there: what a program prints takes a moment. */
const untilLines = (bench: Bench, id: string, count: number) =>
  bench.until(`${count} lines`, async () => {
    const frames = await logs(bench, id);
    return frames.length >= count && frames;
  });

export const logCases: CaseGroup = {
  subject: 'logs',
  cases: [
    {
      name: 'frames each line with the stream that it came from',
      async run(bench) {
        const id = await printing(bench, scripts.prints);
        const frames = await untilLines(bench, id, 3);
        expect(frames.filter(({ stream }) => stream === 'stdout').map(({ text }) => text)).toEqual([
          'one\n',
          'three\n',
        ]);
        expect(frames.filter(({ stream }) => stream === 'stderr').map(({ text }) => text)).toEqual(['two\n']);
      },
    },
    {
      name: 'sends no content type with a log',
      async run(bench) {
        const id = await printing(bench, scripts.prints);
        await untilLines(bench, id, 3);
        const { headers } = await bench.get(`/services/${id}/logs`, both);
        expect(headers).not.toHaveProperty('content-type');
      },
    },
    {
      name: 'sends only the stream that is asked for',
      async run(bench) {
        const id = await printing(bench, scripts.prints);
        await untilLines(bench, id, 3);
        expect(textOf(await logs(bench, id, { stdout: '1' }))).toBe('one\nthree\n');
        expect(textOf(await logs(bench, id, { stderr: 'true' }))).toBe('two\n');
        expect(textOf(await logs(bench, id, { stdout: '0', stderr: '1' }))).toBe('two\n');
      },
    },
    {
      name: 'begins lines with their time when asked to, in order',
      async run(bench) {
        const id = await printing(bench, scripts.printsAndEnds);
        await untilState(bench, id, 'complete');
        const lines = textOf(await logs(bench, id, { ...both, timestamps: '1' }))
          .split('\n')
          .slice(0, -1);
        expect(lines).toEqual(
          ['alpha', 'beta', 'gamma'].map((word): unknown =>
            expect.stringMatching(new RegExp(`^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z ${word}$`)),
          ),
        );
        expect(lines).toEqual(lines.toSorted());
      },
    },
    {
      name: 'sends the last lines',
      async run(bench) {
        const id = await printing(bench, scripts.printsAndEnds);
        await untilState(bench, id, 'complete');
        expect(textOf(await logs(bench, id, { ...both, tail: '2' }))).toBe('beta\ngamma\n');
        expect(textOf(await logs(bench, id, { ...both, tail: '0' }))).toBe('');
        expect(textOf(await logs(bench, id, { ...both, tail: 'all' }))).toBe('alpha\nbeta\ngamma\n');
        expect(textOf(await logs(bench, id, { ...both, tail: '100' }))).toBe('alpha\nbeta\ngamma\n');
      },
    },
    {
      name: 'sends what was printed since a time',
      async run(bench) {
        const id = await printing(bench, scripts.printsAndEnds);
        await untilState(bench, id, 'complete');
        const [, , line = ''] = textOf(await logs(bench, id, { ...both, timestamps: '1' })).split('\n');
        const [seconds = '', nanos = ''] = (line.split(' ')[0] ?? '').replace('Z', '').split('.');
        const since = `${Date.parse(`${seconds}Z`) / 1000}.${nanos}`;
        expect(textOf(await logs(bench, id, { ...both, since }))).toBe('gamma\n');
        expect(textOf(await logs(bench, id, { ...both, since: '1' }))).toBe('alpha\nbeta\ngamma\n');
        expect(textOf(await logs(bench, id, { ...both, since: '0' }))).toBe('alpha\nbeta\ngamma\n');
      },
    },
    {
      name: 'tells node, service and task of each line when asked for details',
      async run(bench) {
        const id = await printing(bench, scripts.prints);
        await untilLines(bench, id, 3);
        const [task] = await bench.tasks(id);
        const text = textOf(await logs(bench, id, { stdout: '1', details: '1' }));
        const details =
          `com.docker.swarm.node.id=${task?.NodeID},` +
          `com.docker.swarm.service.id=${id},com.docker.swarm.task.id=${task?.ID}`;
        expect(text).toBe(`${details} one\n${details} three\n`);
      },
    },
    {
      name: 'goes on sending while it is asked to follow',
      async run(bench) {
        const id = await printing(bench, scripts.printsLater);
        await untilLines(bench, id, 1);
        const stream = await bench.stream(`/v1.41/services/${id}/logs`, { query: { ...both, follow: '1' } });
        await bench.until('both lines came', () => textOf(framesOf(stream.received())) === 'first\nsecond\n');
        expect(stream.ended()).toBe(false);
        stream.close();
      },
    },
    {
      name: 'serves the log of one task',
      async run(bench) {
        const id = await printing(bench, scripts.prints);
        await untilLines(bench, id, 3);
        const [task] = await bench.tasks(id);
        const { status, bytes } = await bench.get(`/tasks/${task?.ID}/logs`, both);
        expect(status).toBe(200);
        expect(textOf(framesOf(bytes), 'stdout')).toBe('one\nthree\n');
      },
    },
    {
      name: 'serves the log of a task that has failed and been replaced',
      async run(bench) {
        const id = await bench.create('services', steadyService(bench, { container: { Command: scripts.talkative } }));
        await untilRunning(bench, id);
        await bench.update(id, steadyService(bench, { container: { Command: scripts.stubborn } }));
        await untilState(bench, id, 'shutdown');
        await bench.until('both lines are there', async () => textOf(await logs(bench, id)) === 'started\nstopping\n');
      },
    },
    {
      name: 'sends an empty log of a service without tasks',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        expect(await logs(bench, id)).toEqual([]);
      },
    },
    {
      name: 'gives a program its variables, with what templates make of them',
      async run(bench) {
        const Env = ['GREETING=good morning', 'SLOT={{.Service.Name}}.{{.Task.Slot}}'];
        const id = await printing(bench, scripts.showsVariables, { Env });
        await untilLines(bench, id, 2);
        expect(textOf(await logs(bench, id))).toBe(`good morning\n${bench.unique()}.1\n`);
      },
    },
    {
      name: 'gives a program its secrets and configs as files',
      async run(bench) {
        const data = (text: string) => Buffer.from(text).toString('base64');
        const [secret, config] = [
          await bench.create('secrets', { Name: bench.unique('secret'), Data: data('quiet') }),
          await bench.create('configs', { Name: bench.unique('config'), Data: data('loud') }),
        ];
        const file = { UID: '0', GID: '0', Mode: 0o444 };
        const id = await printing(bench, scripts.showsFiles, {
          Secrets: [{ SecretID: secret, SecretName: bench.unique('secret'), File: { Name: 'word', ...file } }],
          Configs: [{ ConfigID: config, ConfigName: bench.unique('config'), File: { Name: '/etc/word', ...file } }],
        });
        await untilLines(bench, id, 2);
        expect(textOf(await logs(bench, id))).toBe('quiet\nloud\n');
      },
    },
    {
      name: 'refuses a log of nothing, of no stream, or with a tail that is no number',
      async run(bench) {
        const id = await bench.create('services', idleService(bench));
        expectRefusal(await bench.get('/services/nosuch/logs', both), 404, 'service nosuch not found');
        expectRefusal(await bench.get('/tasks/nosuch/logs', both), 404, 'task nosuch not found');
        expectRefusal(
          await bench.get(`/services/${id}/logs`),
          500,
          'Bad parameters: you must choose at least one stream',
        );
        const refused = async (query: Query, message: string) =>
          expectRefusal(await bench.get(`/services/${id}/logs`, { ...both, ...query }), 500, message);
        await refused({ tail: 'x' }, 'tail value must be a positive integer or "all"');
        await refused({ tail: '-1' }, 'negative tail values not supported');
        await refused({ since: 'x' }, 'could not parse since timestamp: strconv.ParseInt: parsing "x": invalid syntax');
      },
    },
  ],
};
