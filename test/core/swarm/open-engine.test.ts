import { chmod, link, mkdir, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ServerConfig, SshServerConfig } from '../../../src/core/config/config.ts';
import { Secret } from '../../../src/core/domain/secret.ts';
import { localSocketFailure } from '../../../src/core/swarm/docker-access.ts';
import { type EngineConnection, type OpenEngineNeeds, openEngine } from '../../../src/core/swarm/open-engine.ts';
import { makeKeyPair } from '../../../src/sandbox/doors/key-pair.ts';
import { failureOf } from '../../support/failure-of.ts';
import {
  makeHome,
  type SshServerOptions,
  startSshServer,
  type TestHome,
  type TestSshServer,
} from '../../support/ssh-server.ts';
import { startTinyDockerd, type TinyDockerd, type TinyDockerdOptions } from '../../support/tiny-dockerd.ts';

const anna = makeKeyPair();
const { signal } = new AbortController();
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

let home: TestHome;
let socket: string;
let cleanUp: AsyncDisposableStack;

beforeEach(async () => {
  cleanUp = new AsyncDisposableStack();
  home = cleanUp.use(await makeHome());
  socket = join(home.path, 'docker.sock');
  await home.write('key', anna.private);
});
afterEach(() => cleanUp.disposeAsync());

async function startServer(options: Partial<SshServerOptions> = {}): Promise<TestSshServer> {
  const server = cleanUp.use(await startSshServer({ users: { anna: [anna.public] }, ...options }));
  await home.write('known_hosts', server.knownHosts());
  return server;
}

const startDockerd = async (options?: TinyDockerdOptions): Promise<TinyDockerd> =>
  cleanUp.use(await startTinyDockerd(socket, options));

const configOf = (server: TestSshServer, more: Partial<SshServerConfig> = {}): SshServerConfig => ({
  host: '127.0.0.1',
  port: server.port,
  user: 'anna',
  identityFile: '~/key',
  knownHostsFile: '~/known_hosts',
  dockerSocket: socket,
  ...more,
});

async function open(config: ServerConfig, needs: Partial<OpenEngineNeeds> = {}): Promise<EngineConnection> {
  return cleanUp.use(
    await openEngine(config, { signal, environment: { home: home.path, userName: 'anna' }, ...needs }),
  );
}

const get = (path: string) => ({ method: 'GET' as const, path, signal });

/** A folder with a `docker` that knows `version` and `system dial-stdio`, as far as we use them. */
async function pathWithDocker(): Promise<string> {
  await chmod(home.path, 0o755);
  await mkdir(join(home.path, 'bin'));
  await home.write(
    'bin/docker',
    `#!${process.execPath}
const [, , flag, address, ...words] = process.argv;
if (flag !== '--host') process.exit(64);
const socket = require('node:net').connect(address.replace('unix://', ''));
socket.on('error', () => { console.error('cannot connect to the Docker daemon'); process.exit(1); });
if (words.join(' ') === 'version') socket.on('connect', () => process.exit(0));
else if (words.join(' ') === 'system dial-stdio') {
  process.stdin.pipe(socket).pipe(process.stdout);
  socket.on('close', () => process.exit(0));
}
else process.exit(64);
`,
    0o755,
  );
  return `${join(home.path, 'bin')}:/usr/bin:/bin`;
}

describe('over SSH', () => {
  it('asks dockerd through one connection and keeps its streams', async () => {
    const server = await startServer();
    await startDockerd({ max: '1.43' });
    const { engine, description } = await open(configOf(server));
    expect(engine.apiVersion).toBe('1.43');
    expect(description).toBe(`anna@127.0.0.1:${server.port}`);
    for (let round = 0; round < 3; round += 1) expect(await engine.json(get('/info'))).toEqual({ path: '/info' });
    expect(server.logins()).toBe(1);
    expect(server.forwardedChannels()).toBe(1);
  });

  it('answers a hundred requests at once over one connection', async () => {
    const server = await startServer();
    await startDockerd();
    const { engine } = await open(configOf(server));
    const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => engine.json(get(`/tasks/${index}`))));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(100);
    expect(server.logins()).toBe(1);
    expect(server.forwardedChannels()).toBeLessThanOrEqual(8);
  });

  it('brings an exec through', async () => {
    const server = await startServer();
    await startDockerd();
    const { engine } = await open(configOf(server));
    const stream = await engine.upgrade({ method: 'POST', path: '/exec/a/start', body: {}, signal });
    stream.end('input');
    expect(await text(stream)).toBe('first input');
  });

  it('closes the channel of a cancelled request and keeps the connection', async () => {
    const server = await startServer();
    const cancelling = new AbortController();
    await startDockerd({ answers: { 'GET /slow': () => cancelling.abort() } });
    const { engine } = await open(configOf(server));
    expect(await failureOf(engine.json({ ...get('/slow'), signal: cancelling.signal }))).toMatchObject({
      code: 'cancelled',
    });
    await expect.poll(() => server.openChannels()).toBe(0);
    expect(await engine.json(get('/info'))).toEqual({ path: '/info' });
    expect(server.logins()).toBe(1);
  });

  it('leaves nothing open after it is closed, and after it failed to open', async () => {
    const server = await startServer();
    const dockerd = await startDockerd();
    const connection = await open(configOf(server));
    await connection[Symbol.asyncDispose]();
    await expect.poll(() => dockerd.connections()).toBe(0);
    await dockerd[Symbol.asyncDispose]();
    const old = await startDockerd({ max: '1.40' });
    expect(await failureOf(open(configOf(server)))).toMatchObject({ code: 'engine-unsupported' });
    await expect.poll(() => old.connections()).toBe(0);
  });

  it('can be given up on while a passphrase is typed', async () => {
    const locked = makeKeyPair('correct horse');
    await home.write('locked', locked.private);
    const server = await startServer({ users: { anna: [locked.public] } });
    const cancelling = new AbortController();
    const askPassphrase = () => {
      cancelling.abort();
      return new Promise<undefined>(() => undefined);
    };
    expect(
      await failureOf(
        open(configOf(server, { identityFile: '~/locked' }), { signal: cancelling.signal, askPassphrase }),
      ),
    ).toMatchObject({ code: 'cancelled' });
  });

  it('follows ~/.ssh/config through a jump host', async () => {
    const server = await startServer();
    const inner = server.knownHosts();
    const gate = await startServer();
    await home.write('known_hosts', inner + gate.knownHosts());
    await mkdir(join(home.path, '.ssh'));
    await home.write(
      '.ssh/config',
      `Host swarm\n HostName 127.0.0.1\n Port ${server.port}\n ProxyJump gate\nHost gate\n HostName 127.0.0.1\n Port ${gate.port}\nHost *\n User anna\n IdentityFile ${home.path}/key\n UserKnownHostsFile ${home.path}/known_hosts\n`,
    );
    await startDockerd();
    const { engine, description } = await open({ host: 'swarm', dockerSocket: socket });
    expect(await engine.json(get('/info'))).toEqual({ path: '/info' });
    expect(description).toBe(`anna@swarm:${server.port}`);
    expect([gate.logins(), server.logins()]).toEqual([1, 1]);
  });
});

describe('a lost SSH connection', () => {
  it('is made anew for reads, and asks nobody for a passphrase again', async () => {
    const locked = makeKeyPair('correct horse');
    await home.write('locked', locked.private);
    const server = await startServer({ users: { anna: [locked.public] } });
    await startDockerd();
    const asked: string[] = [];
    const { engine } = await open(configOf(server, { identityFile: '~/locked' }), {
      askPassphrase: async (file) => {
        asked.push(file);
        return new Secret(asked.length === 1 ? 'wrong' : 'correct horse');
      },
    });
    for (let round = 0; round < 2; round += 1) {
      server.dropAll();
      expect(await engine.json(get('/info'))).toEqual({ path: '/info' });
    }
    expect(server.logins()).toBe(3);
    expect(asked.length).toBe(2);
  });

  it('is made anew for a read that waits for its answer', async () => {
    const server = await startServer();
    let cut = true;
    const dockerd = await startDockerd({
      answers: {
        'GET /info': (_request, response) => {
          if (cut) server.dropAll();
          else response.end('done');
          cut = false;
        },
      },
    });
    const { engine } = await open(configOf(server));
    expect(await engine.json(get('/info'))).toBe('done');
    expect(dockerd.requests.filter(({ url }) => url.endsWith('/info')).length).toBe(2);
  });

  it('fails a write that waits for its answer, which is sent once; the next one uses a new connection', async () => {
    const server = await startServer();
    const dockerd = await startDockerd({ answers: { 'POST /services/create': () => server.dropAll() } });
    const { engine } = await open(configOf(server));
    const create = { ...get('/services/create'), method: 'POST' as const, body: {} };
    expect(await failureOf(engine.json(create))).toMatchObject({ code: 'connection-lost' });
    expect(dockerd.requests.filter(({ method }) => method === 'POST').length).toBe(1);
    expect(await engine.json({ ...create, path: '/networks/create' })).toEqual({ path: '/networks/create' });
    expect(server.logins()).toBe(2);
  });

  it('is waited for while sshd is away', async () => {
    const server = await startServer();
    await startDockerd();
    const { engine } = await open(configOf(server));
    const resume = await server.pauseListening();
    const answer = engine.json(get('/info'));
    setTimeout(() => void resume(), 100);
    expect(await answer).toEqual({ path: '/info' });
  });

  it('is not made anew after closing', async () => {
    const server = await startServer();
    await startDockerd();
    const connection = await open(configOf(server));
    await connection[Symbol.asyncDispose]();
    expect(await failureOf(connection.engine.json(get('/info')))).toMatchObject({ code: 'cancelled' });
    expect(server.logins()).toBe(1);
  });
});

describe('a socket that does not open', () => {
  it('is missing: dockerd does not run', async () => {
    expect(await failureOf(open(configOf(await startServer())))).toMatchObject({
      code: 'docker-unreachable',
      hint: expect.stringMatching(/^Run "sudo systemctl start docker"/),
      details: { path: socket },
    });
  });

  it('is closed to the user', async () => {
    await startDockerd();
    await chmod(home.path, 0o755);
    await chmod(socket, isRoot ? 0o600 : 0);
    const server = await startServer({ sockets: !isRoot, ...(isRoot && { uid: nobody }) });
    expect(await failureOf(open(configOf(server)))).toMatchObject({
      code: 'docker-denied',
      hint: expect.stringContaining('sudo usermod -aG docker anna'),
      details: { user: 'anna' },
    });
  });

  it('is there, but nobody listens: dockerd does not run', async () => {
    const path = await pathWithDocker();
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(`${socket}.tmp`, resolve));
    await link(`${socket}.tmp`, socket);
    await new Promise((resolve) => dead.close(resolve));
    expect(await failureOf(open(configOf(await startServer({ path }))))).toMatchObject({ code: 'docker-unreachable' });
  });

  it('is not forwarded, and there is no docker command either', async () => {
    await startDockerd();
    await mkdir(join(home.path, 'bin'));
    await symlink('/bin/sh', join(home.path, 'bin', 'sh'));
    const server = await startServer({ sockets: false, path: join(home.path, 'bin') });
    expect(await failureOf(open(configOf(server)))).toMatchObject({
      code: 'docker-unreachable',
      why: expect.stringContaining('no docker command'),
      hint: expect.stringContaining('AllowStreamLocalForwarding'),
    });
  });

  it('is not forwarded, and no programs are run either', async () => {
    await startDockerd();
    const server = await startServer({ sockets: false, programs: false });
    expect(await failureOf(open(configOf(server)))).toMatchObject({
      code: 'docker-unreachable',
      why: expect.stringContaining('neither'),
    });
  });

  it('comes back while a read waits for it', async () => {
    const path = await pathWithDocker();
    const server = await startServer({ path });
    const first = await startDockerd();
    const { engine } = await open(configOf(server));
    await first[Symbol.asyncDispose]();
    const answer = engine.json(get('/info'));
    setTimeout(() => void startDockerd(), 100);
    expect(await answer).toEqual({ path: '/info' });
    expect(server.logins()).toBe(1);
  });
});

describe('where sshd does not forward sockets', () => {
  it('goes through "docker system dial-stdio", with six of the ten sessions for ordinary requests', async () => {
    const server = await startServer({ sockets: false, path: await pathWithDocker() });
    const dockerd = await startDockerd({
      answers: { 'GET /logs': (_request, response) => void response.write('line') },
    });
    const { engine } = await open(configOf(server));
    const answers = await Promise.all(Array.from({ length: 40 }, (_, index) => engine.json(get(`/tasks/${index}`))));
    expect(answers.length).toBe(40);
    expect(dockerd.connections()).toBeLessThanOrEqual(6);
    const logs = await Promise.all([1, 2, 3, 4].map(() => engine.stream(get('/logs'))));
    const exec = { method: 'POST' as const, path: '/exec/a/start', body: {}, signal };
    expect(await failureOf(engine.upgrade(exec))).toMatchObject({
      code: 'docker-unreachable',
      hint: expect.stringContaining('MaxSessions'),
    });
    for (const log of logs) log.destroy();
    expect(await engine.json(get('/info'))).toEqual({ path: '/info' });
  });

  it('says so when dockerd goes away behind it', async () => {
    const server = await startServer({ sockets: false, path: await pathWithDocker() });
    const dockerd = await startDockerd();
    const { engine } = await open(configOf(server));
    await dockerd[Symbol.asyncDispose]();
    await expect.poll(() => server.openChannels()).toBe(0);
    expect(await failureOf(engine.json({ ...get('/services/create'), method: 'POST' }))).toMatchObject({
      code: 'docker-unreachable',
      why: expect.stringContaining('cannot connect to the Docker daemon'),
    });
  });
});

describe('TCP as seen from the manager', () => {
  async function listenTcp(): Promise<number> {
    const server = createServer((peer) => peer.end('hello'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    cleanUp.defer(() => void server.close());
    return (server.address() as { port: number }).port;
  }

  it.each([true, false])('over SSH, where sshd forwards it: %s', async (tcp) => {
    await startDockerd();
    const connection = await open(configOf(await startServer({ tcp })));
    expect(await connection.forwardsTcp()).toBe(tcp);
    const dialed = connection.dialTcp('127.0.0.1', await listenTcp(), { signal });
    if (tcp) expect(await text(await dialed)).toBe('hello');
    else expect(await failureOf(dialed)).toMatchObject({ code: 'host-refused', details: { forwarding: false } });
  });

  it('on the manager itself', async () => {
    await startDockerd();
    const connection = await open({ socket });
    expect(await connection.forwardsTcp()).toBe(true);
    expect(await text(await connection.dialTcp('127.0.0.1', await listenTcp(), { signal }))).toBe('hello');
  });
});

describe('over the socket of this computer', () => {
  it('leaves nothing open that was being opened when it was given up on', async () => {
    const dockerd = await startDockerd();
    const connection = await open({ socket });
    const giveUp = new AbortController();
    const asked = Array.from({ length: 100 }, () => connection.engine.json({ ...get('/info'), signal: giveUp.signal }));
    await new Promise(setImmediate);

    giveUp.abort();
    await connection[Symbol.asyncDispose]();
    await Promise.allSettled(asked);

    await expect.poll(() => dockerd.connections()).toBe(0);
  });

  it('asks dockerd', async () => {
    await startDockerd({ max: '1.44' });
    const { engine, description } = await open({ socket });
    expect(description).toBe(`unix://${socket}`);
    expect(await engine.json(get('/info'))).toEqual({ path: '/info' });
  });

  it('says so when there is none', async () => {
    expect(await failureOf(open({ socket }))).toMatchObject({ code: 'docker-unreachable', details: { path: socket } });
  });

  it.skipIf(isRoot)('says so when the user may not open it', async () => {
    await startDockerd();
    await chmod(socket, 0);
    expect(await failureOf(open({ socket }))).toMatchObject({ code: 'docker-denied' });
  });

  it.each([
    ['EACCES', 'docker-denied'],
    ['EPERM', 'docker-denied'],
    ['ENOENT', 'docker-unreachable'],
    ['ECONNREFUSED', 'docker-unreachable'],
  ])('takes %s for %s', (code, expected) => {
    const place = { path: socket, user: 'anna', host: 'this computer' };
    expect(localSocketFailure(Object.assign(new Error(), { code }), place).code).toBe(expected);
  });
});
