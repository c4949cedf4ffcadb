import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { ExpectedError } from '../../../src/core/errors.ts';
import type { SwarmChange } from '../../../src/core/swarm/changes.ts';
import { EngineClient } from '../../../src/core/swarm/engine-client.ts';
import type { SwarmGateway } from '../../../src/core/swarm/gateway.ts';
import { swarmOverEngine } from '../../../src/core/swarm/over-engine.ts';
import { socketForEachTest } from '../../support/socket-for-each-test.ts';
import { json, startTinyDockerd, type TinyDockerd, type TinyDockerdOptions } from '../../support/tiny-dockerd.ts';

const { signal } = new AbortController();
const each = socketForEachTest();

async function swarmOf(answers: TinyDockerdOptions['answers']): Promise<{ swarm: SwarmGateway; dockerd: TinyDockerd }> {
  const dockerd = each.cleanUp.use(await startTinyDockerd(each.path, { answers }));
  const way = { dial: async () => connect({ path: each.path }), maxSockets: 8 };
  const engine = each.cleanUp.use(await EngineClient.connect(way, { signal, retryDelaysMs: [1, 1] }));
  return { swarm: swarmOverEngine(engine, { signal, silenceMs: 50 }), dockerd };
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof ExpectedError ? error : Promise.reject(error)),
  );

const info = (swarm: object) => ({ SystemTime: '2026-03-01T10:00:00Z', ServerVersion: '20.10.24', Swarm: swarm });
const refused = (status: number, message: string) => (_: unknown, response: Parameters<typeof json>[0]) =>
  json(response, { message }, status);

describe('a manager that cannot answer', () => {
  it.each([
    ['swarm-inactive', 503, { LocalNodeState: 'inactive' }],
    ['not-a-manager', 503, { LocalNodeState: 'active', ControlAvailable: false }],
    [
      'quorum-lost',
      500,
      { LocalNodeState: 'active', ControlAvailable: true, Error: 'The swarm does not have a leader' },
    ],
  ])('is told apart: %s', async (code, status, swarmInfo) => {
    const { swarm, dockerd } = await swarmOf({
      'GET /services': refused(status, 'rpc error'),
      'GET /info': (_, response) => json(response, info(swarmInfo)),
    });
    const failure = await failureOf(swarm.listServices({ label: 'org.oforest.stack', value: 'my-exp' }));
    expect(failure?.code).toBe(code);
    expect(failure?.hint).toMatch(/^[A-Z]/);
    expect(
      dockerd.requests.filter(({ url }) => url.includes('/services')),
      'it is told at once',
    ).toHaveLength(1);
  });

  it('is asked again where its Swarm is whole', async () => {
    let asked = 0;
    const { swarm } = await swarmOf({
      'GET /nodes': (_, response) => {
        asked += 1;
        return asked < 3 ? json(response, { message: 'context deadline exceeded' }, 500) : json(response, []);
      },
      'GET /info': (_, response) => json(response, info({ LocalNodeState: 'active', ControlAvailable: true })),
    });
    expect(await swarm.listNodes()).toEqual([]);
  });

  it('is no bug of ours when it refuses a read for a reason of its own', async () => {
    const { swarm } = await swarmOf({
      'GET /nodes': refused(500, 'raft: something else'),
      'GET /info': (_, response) => json(response, info({ LocalNodeState: 'active', ControlAvailable: true })),
    });
    expect(await failureOf(swarm.listNodes())).toMatchObject({
      code: 'engine-refused',
      why: 'Docker refused: raft: something else',
    });
  });
});

describe('an answer that is not what dockerd says', () => {
  it.each([
    [
      'a field that is missing',
      (_: unknown, response: ServerResponse) => json(response, [{ Spec: {} }]),
      /\(0\.ID: .+\)/,
    ],
    ['no list', (_: unknown, response: ServerResponse) => json(response, { all: [] }), /expected array/],
    [
      'no JSON at all',
      (_: unknown, response: ServerResponse) =>
        void response.writeHead(200, { 'Content-Type': 'application/json' }).end('<html>'),
      /is JSON, which it is not/,
    ],
    [
      'a page of something else',
      (_: unknown, response: ServerResponse) => void response.end('<html>'),
      /expected array/,
    ],
  ])('is told in a sentence: %s', async (_, answer, why) => {
    const { swarm } = await swarmOf({ 'GET /nodes': answer });
    const failure = await failureOf(swarm.listNodes());
    expect(failure).toMatchObject({ code: 'engine-unsupported', why: expect.stringMatching(why) });
    expect(failure?.hint).toMatch(/^[A-Z]/);
  });
});

describe('writing', () => {
  const config = {
    ID: 'c1',
    Version: { Index: 7 },
    CreatedAt: '2026-03-01T10:00:00Z',
    UpdatedAt: '2026-03-01T10:00:00Z',
    Spec: { Name: 'of.lock.my-exp', Labels: {}, Data: Buffer.from('{}') },
  };

  it('sends the version it read, and tells that somebody else was first', async () => {
    const { swarm, dockerd } = await swarmOf({
      'POST /configs/c1/update': refused(500, 'rpc error: code = Unknown desc = update out of sequence'),
    });
    expect(await swarm.relabelConfig(config, { a: 'b' })).toBe(false);
    expect(dockerd.requests.at(-1)?.url).toContain('version=7');
  });

  it('tells a name that is taken from a failure', async () => {
    const { swarm } = await swarmOf({ 'POST /configs/create': refused(409, 'already exists') });
    expect(await swarm.createConfig('of.lock.my-exp', {}, Buffer.from('{}'))).toBeUndefined();
  });

  it('finds nothing wrong with removing what is gone', async () => {
    const { swarm } = await swarmOf({ 'DELETE /services/s1': refused(404, 'not found') });
    expect(await swarm.removeService('s1')).toBe(false);
  });
});

describe('looking things up by name', () => {
  it('takes the exact name, where dockerd gives all that begin with it', async () => {
    const named = (Name: string) => ({
      ...{ ID: Name, Version: { Index: 1 }, CreatedAt: '', UpdatedAt: '' },
      Spec: { Name, Labels: {}, Data: '' },
    });
    const { swarm } = await swarmOf({
      'GET /configs': (_, response) => json(response, [named('of.lock.my-exp--staging'), named('of.lock.my-exp')]),
    });
    expect((await swarm.findConfig('of.lock.my-exp'))?.ID).toBe('of.lock.my-exp');
  });
});

describe('a log', () => {
  const frame = (text: string) => {
    const payload = Buffer.from(`2026-03-01T10:00:00.000000001Z ${text}\n`);
    const header = Buffer.alloc(8);
    header[0] = 1;
    header.writeUInt32BE(payload.length, 4);
    return Buffer.concat([header, payload]);
  };

  it('that is not followed ends when nothing more comes, though dockerd never ends it', async () => {
    const { swarm } = await swarmOf({ 'GET /services/s1/logs': (_, response) => void response.write(frame('ready')) });
    const lines: string[] = [];
    for await (const { text } of swarm.serviceLog('s1', {})) lines.push(text);
    expect(lines).toEqual(['ready']);
  });

  it('that dockerd refuses is told like any other refusal', async () => {
    const { swarm } = await swarmOf({ 'GET /tasks/t1/logs': refused(404, 'task t1 not found') });
    const lines = swarm.taskLog('t1', {})[Symbol.asyncIterator]();
    expect(await failureOf(lines.next())).toMatchObject({
      code: 'engine-refused',
      why: 'Docker refused: task t1 not found',
    });
  });

  it('that is followed ends by its own signal, and the gateway goes on', async () => {
    const { swarm } = await swarmOf({
      'GET /services/s1/logs': (_, response) => void response.write(frame('ready')),
      'GET /nodes': (_, response) => json(response, []),
    });
    const closed = new AbortController();
    const follow = async () => {
      for await (const _ of swarm.serviceLog('s1', { follow: true, signal: closed.signal })) closed.abort();
    };
    expect((await failureOf(follow()))?.code).toBe('cancelled');
    expect(await swarm.listNodes()).toEqual([]);
  });
});

describe('what changes on the Swarm', () => {
  const event = (Type: string, name: string, Action = 'update') =>
    `${JSON.stringify({ Type, Action, Actor: { ID: 'id', Attributes: { name } }, scope: 'swarm', time: 1 })}\n`;
  const heard = async (changes: AsyncIterable<SwarmChange>, count: number) => {
    const found: string[] = [];
    for await (const { kind, action, name } of changes) if (found.push(`${kind} ${action} ${name}`) === count) break;
    return found;
  };

  it('is told in whole however it is cut, and of our own configs alone', async () => {
    const { swarm, dockerd } = await swarmOf({
      'GET /events': (_, response) => {
        const text = event('config', 'somebody-elses') + event('config', 'of.op.trust.a1') + event('service', 'é_web');
        for (const byte of Buffer.from(text)) response.write(Buffer.of(byte));
        response.write(`\n${event('volume', 'v', 'mount')}${event('node', '', 'remove')}`);
      },
    });
    expect(await heard(await swarm.followChanges({ signal }), 3)).toEqual([
      'config update of.op.trust.a1',
      'service update é_web',
      'node remove ',
    ]);
    const { searchParams } = new URL(dockerd.requests.at(-1)?.url ?? '', 'http://docker');
    expect(JSON.parse(searchParams.get('filters') ?? '')).toEqual({
      scope: ['swarm'],
      type: ['service', 'config', 'node'],
    });
  });

  it('is heard from the moment on that somebody listens, and until nobody wants it any more', async () => {
    const answering = Promise.withResolvers<ServerResponse>();
    const { swarm } = await swarmOf({
      'GET /events': (_, response) => {
        response.flushHeaders();
        answering.resolve(response);
      },
    });
    const stop = new AbortController();
    const changes = await swarm.followChanges({ signal: stop.signal });
    (await answering.promise).write(event('service', 'trust_web'));
    const found: string[] = [];
    for await (const { name } of changes) {
      found.push(name);
      stop.abort();
    }
    expect(found).toEqual(['trust_web']);
  });

  it('is not taken for all that was, where the connection ends', async () => {
    const { swarm } = await swarmOf({
      'GET /events': (_, response, socket) => {
        response.write(event('service', 'trust_web'));
        setImmediate(() => socket.destroy());
      },
    });
    const changes = await swarm.followChanges({ signal });
    expect((await failureOf(heard(changes, 2)))?.code).toBe('connection-lost');
  });
});

describe('a sign of life', () => {
  it('comes from a dockerd whose Swarm has no leader', async () => {
    const { swarm } = await swarmOf({ 'GET /services': refused(500, 'rpc error') });
    expect(await swarm.ping()).toBeUndefined();
  });
});
