import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { ExpectedError } from '../../../src/core/errors.ts';
import { connectionLost } from '../../../src/core/ssh/ssh-errors.ts';
import { EngineClient, type EngineWay } from '../../../src/core/swarm/engine-client.ts';
import { EngineFailure } from '../../../src/core/swarm/engine-failure.ts';
import { negotiateApiVersion } from '../../../src/core/swarm/engine-negotiation.ts';
import { socketForEachTest } from '../../support/socket-for-each-test.ts';
import { json, startTinyDockerd, type TinyDockerd, type TinyDockerdOptions } from '../../support/tiny-dockerd.ts';

const { signal } = new AbortController();
const each = socketForEachTest();

/** Counts what it dials; `failures` are thrown first, one for each dial. */
class TestWay implements EngineWay {
  readonly maxSockets = 8;
  readonly failures: Error[] = [];
  readonly streams: Duplex[] = [];

  async dial(): Promise<Duplex> {
    const failure = this.failures.shift();
    if (failure) throw failure;
    const socket = connect({ path: each.path });
    this.streams.push(socket);
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return socket;
  }

  open(): number {
    return this.streams.filter((stream) => !stream.destroyed).length;
  }
}

async function start(
  options: TinyDockerdOptions = {},
): Promise<{ dockerd: TinyDockerd; engine: EngineClient; way: TestWay }> {
  const dockerd = each.cleanUp.use(await startTinyDockerd(each.path, options));
  const way = new TestWay();
  const engine = each.cleanUp.use(await EngineClient.connect(way, { signal, retryDelaysMs: [1, 1] }));
  return { dockerd, engine, way };
}

const get = (target: string) => ({ method: 'GET' as const, path: target, signal });
const pathsOf = (dockerd: TinyDockerd) => dockerd.requests.map(({ method, url }) => `${method} ${url}`);

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'it did not fail',
    (error: unknown) => error,
  );
}

describe('the version of the API', () => {
  it.each([
    ['20.10', '1.41', '1.12', '1.41'],
    ['23.0', '1.42', '1.12', '1.42'],
    ['24.0', '1.43', '1.12', '1.43'],
    ['25.0', '1.44', '1.24', '1.44'],
    ['28.5', '1.51', '1.24', '1.51'],
    ['29.0', '1.52', '1.44', '1.51'],
    ['29.2', '1.53', '1.44', '1.51'],
    ['29.3', '1.54', '1.40', '1.51'],
    ['29.7', '1.55', '1.40', '1.51'],
    ['a later one', '1.100', '1.51', '1.51'],
  ])('of Engine %s is agreed on: %s down to %s gives %s', (_engine, max, min, version) => {
    expect(negotiateApiVersion({ max, min })).toBe(version);
  });

  it.each([
    ['too old', { max: '1.40', min: '1.12' }, '1.12 to 1.40', 'Update Docker Engine'],
    ['too new', { max: '1.60', min: '1.52' }, '1.52 to 1.60', 'Update oForest'],
  ])('is refused when the daemon is %s', (_case, range, named, hint) => {
    expect(() => negotiateApiVersion(range)).toThrow(
      expect.objectContaining({
        code: 'engine-unsupported',
        why: `dockerd speaks ${named}, oForest 1.41 to 1.51.`,
        hint: expect.stringContaining(hint),
      }),
    );
  });

  it('takes one request from a daemon that we know, two from a newer one', async () => {
    const known = await start({ max: '1.43' });
    expect(known.engine.apiVersion).toBe('1.43');
    expect(pathsOf(known.dockerd)).toEqual(['GET /_ping']);
    await known.dockerd[Symbol.asyncDispose]();
    const newer = await start({ max: '1.55', min: '1.40' });
    expect(newer.engine.apiVersion).toBe('1.51');
    expect(pathsOf(newer.dockerd)).toEqual(['GET /_ping', 'GET /version']);
  });

  it('leaves nothing open when there is none in common', async () => {
    const dockerd = each.cleanUp.use(await startTinyDockerd(each.path, { max: '1.40' }));
    const way = new TestWay();
    await expect(EngineClient.connect(way, { signal })).rejects.toMatchObject({ code: 'engine-unsupported' });
    await expect.poll(() => dockerd.connections()).toBe(0);
  });
});

describe('a newer daemon whose versions say nothing', () => {
  it.each([
    ['none at all', {}, 'ApiVersion: '],
    ['no number', { ApiVersion: 'new' }, 'ApiVersion: '],
    ['no object', [], ''],
  ])('is told in one sentence: %s', async (_case, answer, place) => {
    each.cleanUp.use(
      await startTinyDockerd(each.path, {
        max: '1.55',
        answers: { 'GET /version': (_request, response) => json(response, answer) },
      }),
    );
    await expect(EngineClient.connect(new TestWay(), { signal })).rejects.toMatchObject({
      code: 'engine-unsupported',
      why: expect.stringMatching(`^Docker's answer is not what oForest reads there \\(${place}`),
    });
  });
});

describe('json', () => {
  it('sends path, query and body as dockerd wants them', async () => {
    const { engine, dockerd } = await start();
    const filters = JSON.stringify({ label: ['a=b&c'] });
    await engine.json({ ...get('/services'), query: { filters, status: true, none: undefined, n: 5 } });
    await engine.json({
      method: 'POST',
      path: '/images/re po/a?b#c/json',
      body: { Name: 'é' },
      headers: { 'X-Registry-Auth': 'x' },
      signal,
    });
    const [, list, post] = dockerd.requests;
    const url = new URL(`http://docker${list?.url}`);
    expect(url.pathname).toBe('/v1.41/services');
    expect(Object.fromEntries(url.searchParams)).toEqual({ filters, status: 'true', n: '5' });
    expect(post).toMatchObject({
      method: 'POST',
      url: '/v1.41/images/re%20po/a%3Fb%23c/json',
      body: '{"Name":"é"}',
      headers: { 'content-type': 'application/json', 'x-registry-auth': 'x' },
    });
  });

  it('gives the parsed body, undefined for none, and text for what is no JSON', async () => {
    const { engine } = await start({
      answers: { 'DELETE /configs/a': (_, response) => void response.writeHead(204).end() },
    });
    expect(await engine.json(get('/info'))).toEqual({ path: '/info' });
    expect(await engine.json({ ...get('/configs/a'), method: 'DELETE' })).toBeUndefined();
    expect(await engine.json(get('/_ping'))).toBe('OK');
    expect(await engine.json({ ...get('/info'), method: 'HEAD' })).toBeUndefined();
  });

  it('throws what dockerd says, and the status', async () => {
    const { engine } = await start({
      answers: {
        'GET /services/a': (_, response) => json(response, { message: 'service a not found' }, 404),
        'POST /services/create': (_, response) => void response.writeHead(503).end('upstream is away\n'),
      },
    });
    const missing = await failureOf(engine.json(get('/services/a')));
    expect(missing).toBeInstanceOf(EngineFailure);
    expect(missing).toMatchObject({
      status: 404,
      reason: 'service a not found',
      message: 'GET /services/a: 404 service a not found',
    });
    expect(await failureOf(engine.json({ ...get('/services/create'), method: 'POST' }))).toMatchObject({
      status: 503,
      reason: 'upstream is away',
    });
  });

  it('gives the same object for a long answer that is the same again, and parses what changed', async () => {
    const numbers = Array.from({ length: 40_000 }, (_, index) => index);
    let now = numbers;
    const { engine } = await start({
      answers: {
        'GET /services': (_, response) => json(response, now),
        'GET /info': (_, response) => json(response, [1]),
      },
    });
    const ask = () => engine.json(get('/services'));
    const changes = [[7, ...numbers.slice(1)], numbers.slice(0, -1), numbers.with(-1, 7), [...numbers, 7], [], [8]];

    expect(await ask()).toBe(await ask());
    for (const changed of changes) {
      now = changed;
      expect(await ask()).toEqual(changed);
      now = numbers;
      expect(await ask()).toEqual(numbers);
      expect(await ask()).toBe(await ask());
    }
    expect(await engine.json(get('/info'))).not.toBe(await engine.json(get('/info')));
  });

  it('refuses an answer of more than 64 MiB', async () => {
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const { engine } = await start({
      answers: {
        'GET /configs': (_, response) => {
          const more = () => {
            while (!response.destroyed && response.write(chunk));
            if (!response.destroyed) response.once('drain', more);
          };
          more();
        },
      },
    });
    expect(await failureOf(engine.json(get('/configs')))).toMatchObject({ code: 'engine-refused' });
  });

  it('keeps streams, at most eight, for a hundred requests at once', async () => {
    const { engine, way, dockerd } = await start();
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => engine.json(get(`/tasks/${index}`))));
    expect(answers).toEqual(Array.from({ length: 100 }, (_, index) => ({ path: `/tasks/${index}` })));
    expect(way.streams.length).toBe(8);
    engine[Symbol.dispose]();
    await expect.poll(() => dockerd.connections()).toBe(0);
  });
});

describe('a lost connection', () => {
  const cut = (times: number) => {
    let left = times;
    return (_request: unknown, response: Parameters<typeof json>[0], socket: { destroy(): void }) => {
      left -= 1;
      if (left >= 0) socket.destroy();
      else json(response, { done: true });
    };
  };

  it('is made up for in a read', async () => {
    const { engine, dockerd } = await start({ answers: { 'GET /info': cut(3) } });
    expect(await engine.json(get('/info'))).toEqual({ done: true });
    expect(pathsOf(dockerd).filter((line) => line.includes('/info')).length).toBe(4);
  });

  it('is reported in a read in the end', async () => {
    const { engine, dockerd } = await start({ answers: { 'GET /info': cut(99) } });
    expect(await failureOf(engine.json(get('/info')))).toMatchObject({ code: 'connection-lost' });
    expect(pathsOf(dockerd).filter((line) => line.includes('/info')).length).toBe(4);
  });

  it('is reported in a write, which is sent once', async () => {
    const { engine, dockerd } = await start({
      answers: { 'POST /services/create': cut(1), 'DELETE /services/a': cut(1) },
    });
    expect(await failureOf(engine.json({ ...get('/services/create'), method: 'POST', body: {} }))).toMatchObject({
      code: 'connection-lost',
    });
    expect(await failureOf(engine.json({ ...get('/services/a'), method: 'DELETE' }))).toMatchObject({
      code: 'connection-lost',
    });
    expect(pathsOf(dockerd).slice(1)).toEqual(['POST /v1.41/services/create', 'DELETE /v1.41/services/a']);
  });

  it('is made up for in the middle of the answer to a read', async () => {
    let first = true;
    const { engine } = await start({
      answers: {
        'GET /info': (_, response, socket) => {
          if (!first) return json(response, { done: true });
          first = false;
          response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 100 });
          response.write('{"do', () => socket.destroy());
        },
      },
    });
    expect(await engine.json(get('/info'))).toEqual({ done: true });
  });

  it('of a kept stream between two requests costs neither a read nor a write', async () => {
    const { engine, dockerd, way } = await start();
    await Promise.all([1, 2, 3].map(() => engine.json(get('/info'))));
    dockerd.dropAll();
    await expect.poll(() => way.open()).toBe(0);
    expect(await engine.json(get('/info'))).toEqual({ path: '/info' });
    dockerd.dropAll();
    await expect.poll(() => way.open()).toBe(0);
    expect(await engine.json({ ...get('/services/create'), method: 'POST' })).toEqual({ path: '/services/create' });
  });

  it('is waited for in a read while nobody answers', async () => {
    const { engine, way, dockerd } = await start();
    dockerd.dropAll();
    await expect.poll(() => way.open()).toBe(0);
    way.failures.push(
      connectionLost('dialing'),
      new ExpectedError('host-refused', 'dialing'),
      new ExpectedError('docker-unreachable', 'dialing'),
    );
    expect(await engine.json(get('/info'))).toEqual({ path: '/info' });
  });

  it('is not waited for when the failure will stay', async () => {
    const { engine, way, dockerd } = await start();
    dockerd.dropAll();
    await expect.poll(() => way.open()).toBe(0);
    way.failures.push(new ExpectedError('docker-denied', 'dialing'));
    expect(await failureOf(engine.json(get('/info')))).toMatchObject({ code: 'docker-denied' });
    expect(way.failures).toEqual([]);
  });

  it('lets a write use a new connection that nothing was sent on', async () => {
    const { engine, way, dockerd } = await start();
    dockerd.dropAll();
    await expect.poll(() => way.open()).toBe(0);
    way.failures.push(new ExpectedError('host-unreachable', 'dialing'));
    const create = { ...get('/services/create'), method: 'POST' as const };
    expect(await failureOf(engine.json(create))).toMatchObject({ code: 'host-unreachable' });
    expect(await engine.json(create)).toEqual({ path: '/services/create' });
  });
});

describe('a dockerd that cannot answer for a moment', () => {
  const busy = (times: number) => {
    let left = times;
    return (_request: unknown, response: Parameters<typeof json>[0]) => {
      left -= 1;
      if (left >= 0) json(response, { message: 'context deadline exceeded' }, 500);
      else json(response, { done: true });
    };
  };
  const mayPass = { explain: async () => undefined };

  it('is asked again in a read, also for a stream', async () => {
    const { engine, dockerd } = await start({ answers: { 'GET /tasks': busy(2), 'GET /logs': busy(2) } });
    expect(await engine.json({ ...get('/tasks'), ...mayPass })).toEqual({ done: true });
    expect(JSON.parse(await text(await engine.stream({ ...get('/logs'), ...mayPass })))).toEqual({ done: true });
    expect(pathsOf(dockerd).slice(1)).toEqual([
      ...Array(3).fill('GET /v1.41/tasks'),
      ...Array(3).fill('GET /v1.41/logs'),
    ]);
  });

  it('is heard in the end: in its own words, however little time there was', async () => {
    const { engine, dockerd } = await start({ answers: { 'GET /tasks': busy(99) } });
    const failure = { status: 500, reason: 'context deadline exceeded' };
    expect(await failureOf(engine.json({ ...get('/tasks'), ...mayPass }))).toMatchObject(failure);
    expect(pathsOf(dockerd).slice(1)).toHaveLength(3);
    const slow = each.cleanUp.use(await EngineClient.connect(new TestWay(), { signal, retryDelaysMs: [600_000] }));
    expect(await failureOf(slow.json({ ...get('/tasks'), ...mayPass, timeoutMs: 40 }))).toMatchObject(failure);
  });

  it('is asked once where the reason will stay, and for a write', async () => {
    const { engine, dockerd } = await start({ answers: { 'GET /tasks': busy(99), 'POST /tasks': busy(99) } });
    const reason = new ExpectedError('swarm-inactive', 'asking');
    expect(await failureOf(engine.json({ ...get('/tasks'), explain: async () => reason }))).toBe(reason);
    expect(await failureOf(engine.json({ ...get('/tasks'), ...mayPass, method: 'POST' }))).toMatchObject({
      status: 500,
    });
    expect(await failureOf(engine.json(get('/tasks')))).toMatchObject({ status: 500 });
    expect(pathsOf(dockerd).slice(1)).toEqual(['GET /v1.41/tasks', 'POST /v1.41/tasks', 'GET /v1.41/tasks']);
  });
});

describe('a request that takes too long', () => {
  it('fails as timed out, closes its stream, and was sent once', async () => {
    const { engine, dockerd } = await start({ answers: { 'GET /info': () => undefined } });
    expect(await failureOf(engine.json({ ...get('/info'), timeoutMs: 40 }))).toMatchObject({
      code: 'timed-out',
      message: 'asking dockerd: GET /info',
      details: { timeoutMs: 40 },
    });
    await expect.poll(() => dockerd.connections()).toBe(0);
    expect(pathsOf(dockerd).slice(1)).toEqual(['GET /v1.41/info']);
  });

  it('counts the body too', async () => {
    const { engine } = await start({ answers: { 'GET /info': (_, response) => void response.write('{') } });
    expect(await failureOf(engine.json({ ...get('/info'), timeoutMs: 40 }))).toMatchObject({ code: 'timed-out' });
  });

  it('counts the dialing, and the wait for a free stream', async () => {
    const { engine, dockerd } = await start({ answers: { 'GET /slow': () => undefined } });
    const slow = Array.from({ length: 9 }, () => failureOf(engine.json({ ...get('/slow'), timeoutMs: 60 })));
    expect(await Promise.all(slow)).toEqual(Array(9).fill(expect.objectContaining({ code: 'timed-out' })));
    expect(await engine.json(get('/info'))).toEqual({ path: '/info' });
    await expect.poll(() => dockerd.connections()).toBeLessThanOrEqual(1);
  });
});

describe('cancelling', () => {
  it('ends a request and closes its stream', async () => {
    const cancelling = new AbortController();
    const { engine, dockerd } = await start({ answers: { 'GET /info': () => cancelling.abort() } });
    expect(await failureOf(engine.json({ ...get('/info'), signal: cancelling.signal }))).toMatchObject({
      code: 'cancelled',
    });
    await expect.poll(() => dockerd.connections()).toBe(0);
  });

  it('ends a request that was never sent', async () => {
    const { engine, dockerd } = await start();
    const reason = new ExpectedError('plan-changed', 'deploying');
    expect(await failureOf(engine.json({ ...get('/info'), signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(pathsOf(dockerd)).toEqual(['GET /_ping']);
  });

  it('leaves no stream open, also where requests waited for one and the client is closed at once', async () => {
    const { engine, dockerd, way } = await start({ answers: { 'GET /slow': () => undefined } });
    const cancelling = new AbortController();
    const asked = Array.from({ length: 100 }, () => engine.json({ ...get('/slow'), signal: cancelling.signal }));
    await expect.poll(() => dockerd.connections()).toBe(way.maxSockets);

    cancelling.abort();
    engine[Symbol.dispose]();
    await Promise.allSettled(asked);

    await expect.poll(() => [way.open(), dockerd.connections()]).toEqual([0, 0]);
  });

  it('ends the dialing', async () => {
    const { engine, way, dockerd } = await start();
    dockerd.dropAll();
    await expect.poll(() => way.open()).toBe(0);
    const cancelling = new AbortController();
    const dialed = Promise.withResolvers<AbortSignal>();
    way.dial = (options?: { signal: AbortSignal }) => {
      if (options) dialed.resolve(options.signal);
      return new Promise(() => undefined);
    };
    const failed = failureOf(engine.json({ ...get('/info'), signal: cancelling.signal }));
    const dialing = await dialed.promise;
    cancelling.abort();
    expect(await failed).toMatchObject({ code: 'cancelled' });
    expect(dialing.aborted).toBe(true);
  });

  it('ends the wait between two tries', async () => {
    const cancelling = new AbortController();
    const { way, dockerd } = await start();
    const engine = each.cleanUp.use(await EngineClient.connect(way, { signal, retryDelaysMs: [600_000] }));
    dockerd.dropAll();
    await expect.poll(() => way.open()).toBe(0);
    way.failures.push(connectionLost('dialing'), connectionLost('dialing'));
    const failed = failureOf(engine.json({ ...get('/info'), signal: cancelling.signal }));
    await expect.poll(() => way.failures.length).toBe(0);
    cancelling.abort();
    expect(await failed).toMatchObject({ code: 'cancelled' });
  });
});

describe('stream', () => {
  it('gives the body as it comes, and does not hold up other requests', async () => {
    const { engine } = await start({
      answers: {
        'GET /events': (_, response) => {
          response.write('one ');
          setImmediate(() => response.end('two'));
        },
      },
    });
    expect(await text(await engine.stream(get('/events')))).toBe('one two');
  });

  it('takes no stream from the pool: ten logs, and requests still pass', async () => {
    const { engine, dockerd } = await start({ answers: { 'GET /logs': (_, response) => void response.write('line') } });
    const logs = await Promise.all(Array.from({ length: 10 }, () => engine.stream(get('/logs'))));
    expect(await engine.json(get('/info'))).toEqual({ path: '/info' });
    for (const log of logs) log.destroy();
    await expect.poll(() => dockerd.connections()).toBeLessThanOrEqual(1);
  });

  it('ends with the signal, and closes its stream', async () => {
    const cancelling = new AbortController();
    const { engine, dockerd } = await start({ answers: { 'GET /logs': (_, response) => void response.write('line') } });
    const stream = await engine.stream({ ...get('/logs'), signal: cancelling.signal });
    const read = failureOf(text(stream));
    cancelling.abort();
    expect(await read).toMatchObject({ code: 'cancelled' });
    await expect.poll(() => dockerd.connections()).toBeLessThanOrEqual(1);
  });

  it('fails when the connection is lost in the middle', async () => {
    const { engine, dockerd } = await start({ answers: { 'GET /logs': (_, response) => void response.write('line') } });
    const read = failureOf(text(await engine.stream(get('/logs'))));
    dockerd.dropAll();
    expect(await read).toMatchObject({ code: 'connection-lost' });
  });

  it('throws an error status before there is a stream', async () => {
    const { engine } = await start({
      answers: { 'GET /logs': (_, response) => json(response, { message: 'no such task' }, 404) },
    });
    expect(await failureOf(engine.stream(get('/logs')))).toMatchObject({ status: 404, reason: 'no such task' });
  });
});

describe('upgrade', () => {
  const exec = { method: 'POST' as const, path: '/exec/a/start', body: { Detach: false, Tty: false }, signal };

  it('gives the raw connection, with what came along with the answer', async () => {
    const { engine, dockerd } = await start();
    const stream = await engine.upgrade(exec);
    stream.end(Buffer.from([0, 255, 10]));
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(Buffer.concat([Buffer.from('first '), Buffer.from([0, 255, 10])]));
    await expect.poll(() => dockerd.connections()).toBeLessThanOrEqual(1);
  });

  it('throws the status when dockerd refuses', async () => {
    const { engine } = await start({
      onUpgrade: (_, socket) =>
        socket.end(
          'HTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n{"message":"it is not running"}'.slice(
            0,
            -1,
          ),
        ),
    });
    expect(await failureOf(engine.upgrade(exec))).toMatchObject({ status: 409 });
  });

  it('throws when dockerd answers without leaving HTTP', async () => {
    const { engine, dockerd } = await start({
      onUpgrade: (_, socket) => {
        socket.resume().once('end', () => socket.end());
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
      },
    });
    expect(await failureOf(engine.upgrade(exec))).toMatchObject({
      status: 200,
      reason: expect.stringContaining('not upgraded'),
    });
    await expect.poll(() => dockerd.connections()).toBeLessThanOrEqual(1);
  });

  it('is lost, not tried again, when the connection is', async () => {
    let upgrades = 0;
    const { engine } = await start({
      onUpgrade: (_, socket) => {
        upgrades += 1;
        socket.destroy();
      },
    });
    expect(await failureOf(engine.upgrade(exec))).toMatchObject({ code: 'connection-lost' });
    expect(upgrades).toBe(1);
  });

  it('ends with the signal', async () => {
    const cancelling = new AbortController();
    const { engine, dockerd } = await start();
    const stream = await engine.upgrade({ ...exec, signal: cancelling.signal });
    const read = failureOf(text(stream));
    cancelling.abort();
    expect(await read).toMatchObject({ code: 'cancelled' });
    await expect.poll(() => dockerd.connections()).toBeLessThanOrEqual(1);
  });
});
