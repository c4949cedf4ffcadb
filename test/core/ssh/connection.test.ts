import { execFileSync, spawn } from 'node:child_process';
import { chmod } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Secret } from '../../../src/core/domain/secret.ts';
import { ExpectedError } from '../../../src/core/errors.ts';
import { ExecFailure } from '../../../src/core/ssh/channel-stream.ts';
import { SshConnection, type SshTarget } from '../../../src/core/ssh/connection.ts';
import { ChannelRefused } from '../../../src/core/ssh/ssh-errors.ts';
import { makeKeyPair } from '../../../src/sandbox/doors/key-pair.ts';
import { failureOf } from '../../support/failure-of.ts';
import {
  makeHome,
  type SshServerOptions,
  startSshServer,
  type TestHome,
  type TestSshServer,
} from '../../support/ssh-server.ts';

const anna = makeKeyPair();
const stranger = makeKeyPair();
const { signal } = new AbortController();

let home: TestHome;
let cleanUp: AsyncDisposableStack;

beforeEach(async () => {
  cleanUp = new AsyncDisposableStack();
  home = cleanUp.use(await makeHome());
  await home.write('key', anna.private);
});
afterEach(() => cleanUp.disposeAsync());

async function startServer(options: Partial<SshServerOptions> = {}): Promise<TestSshServer> {
  const server = cleanUp.use(await startSshServer({ users: { anna: [anna.public] }, ...options }));
  await home.write('known_hosts', server.knownHosts());
  return server;
}

const targetOf = (server: { port: number }, more: Partial<SshTarget> = {}): SshTarget => ({
  host: '127.0.0.1',
  port: server.port,
  user: 'anna',
  identityFiles: [join(home.path, 'key')],
  knownHostsFiles: [join(home.path, 'known_hosts')],
  connectTimeoutMs: 5000,
  ...more,
});

async function connectTo(server: TestSshServer, more: Partial<SshTarget> = {}): Promise<SshConnection> {
  return cleanUp.use(await SshConnection.connect(targetOf(server, more), { signal }));
}

/** A TCP server that sends back what it gets. */
async function startEcho(onSocket: (socket: Socket) => void = (socket) => socket.pipe(socket), path?: string) {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => (path ? server.listen(path, resolve) : server.listen(0, '127.0.0.1', resolve)));
  cleanUp.defer(() => void (server as Server & { closeAllConnections?: () => void }).close());
  const address = server.address();
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0 };
}

/** The way to a server, but for the server's end: that is kept back. */
async function startWithoutEnd(server: TestSshServer) {
  const way = await startEcho((socket) => {
    const onward = connect(server.port, '127.0.0.1').on('error', () => undefined);
    socket.pipe(onward).on('data', (chunk) => socket.write(chunk));
  });
  await home.write('known_hosts', server.knownHosts().replaceAll(`:${server.port} `, `:${way.port} `));
  return way;
}

/** A port at which nothing listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const closeOf = (stream: Duplex) =>
  new Promise<Error | undefined>((resolve) => {
    let failure: Error | undefined;
    stream.on('error', (error) => {
      failure = error;
    });
    stream.once('close', () => resolve(failure));
  });

it('loads in Node as it stands, where ssh2 has no named exports', () => {
  const file = new URL('../../../src/core/ssh/log-in.ts', import.meta.url).href;
  execFileSync(process.execPath, ['--input-type=module', '--eval', `await import(${JSON.stringify(file)})`]);
});

describe('streams', () => {
  it('reach a unix socket on the server, in both directions and with an end in each', async () => {
    await using ssh = await connectTo(await startServer());
    const path = join(home.path, 'echo.sock');
    await startEcho(undefined, path);
    const stream = await ssh.openSocket(path, { signal });
    stream.end('hello');
    expect(await text(stream)).toBe('hello');
  });

  it('carry 20 MB each way unharmed', async () => {
    await using ssh = await connectTo(await startServer());
    const { port } = await startEcho();
    const sent = Buffer.alloc(20_000_000, 'oForest ');
    const stream = await ssh.openTcp('127.0.0.1', port, { signal });
    stream.end(sent);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(sent)).toBe(true);
  });

  it('run a program with its words as they are', async () => {
    await using ssh = await connectTo(await startServer());
    const stream = await ssh.exec(['printf', '%s|', "it's", '$HOME', ''], { signal });
    expect(await text(stream)).toBe("it's|$HOME||");
  });

  it('follow a first program that nobody asked for: it turns Nagle off at sshd', async () => {
    const server = await startServer();
    await connectTo(server);
    await expect.poll(() => server.commands()).toEqual(['true']);
    await expect.poll(() => server.openChannels()).toBe(0);
  });

  it('fail with the exit code and the errors of a program that fails, after its output', async () => {
    await using ssh = await connectTo(await startServer());
    const stream = await ssh.exec(['sh', '-c', 'echo out; echo "no such thing" >&2; exit 3'], { signal });
    let output = '';
    stream.on('data', (chunk: Buffer) => {
      output += chunk;
    });
    const failure = await closeOf(stream);
    expect(output).toBe('out\n');
    expect(failure).toBeInstanceOf(ExecFailure);
    expect(failure).toMatchObject({ exitCode: 3, stderr: 'no such thing\n' });
  });

  it('keep only the end of very long errors', async () => {
    await using ssh = await connectTo(await startServer());
    const stream = await ssh.exec(
      ['sh', '-c', 'i=0; while [ $i -lt 3000 ]; do echo line $i >&2; i=$((i+1)); done; exit 1'],
      { signal },
    );
    stream.resume();
    const failure = (await closeOf(stream)) as ExecFailure;
    expect(failure.stderr.length).toBe(8 * 1024);
    expect(failure.stderr).toMatch(/line 2999\n$/);
  });

  it('are refused with the reason that the server gave', async () => {
    await using ssh = await connectTo(await startServer({ programs: false }));
    await expect(ssh.openSocket(join(home.path, 'none.sock'), { signal })).rejects.toMatchObject({
      reason: 'connect-failed',
    });
    await expect(ssh.exec(['true'], { signal })).rejects.toBeInstanceOf(ChannelRefused);
  });

  it('to TCP: tell a closed port from forbidden forwarding', async () => {
    const closed = await freePort();
    const open = await connectTo(await startServer());
    expect(await failureOf(open.openTcp('127.0.0.1', closed, { signal }))).toMatchObject({
      code: 'host-refused',
      details: { forwarding: true },
    });
    const strict = await connectTo(await startServer({ tcp: false }));
    expect(await failureOf(strict.openTcp('127.0.0.1', closed, { signal }))).toMatchObject({
      code: 'host-refused',
      hint: expect.stringContaining('AllowTcpForwarding'),
      details: { forwarding: false },
    });
  });

  it('are cancelled with their channel: while open, and before', async () => {
    const server = await startServer();
    await using ssh = await connectTo(server);
    const { port } = await startEcho();
    const cancelling = new AbortController();
    const stream = await ssh.openTcp('127.0.0.1', port, { signal: cancelling.signal });
    const closed = closeOf(stream);
    cancelling.abort();
    expect(await closed).toMatchObject({ code: 'cancelled' });
    expect(await failureOf(ssh.openTcp('127.0.0.1', port, { signal: cancelling.signal }))).toMatchObject({
      code: 'cancelled',
    });

    const late = new AbortController();
    const opening = ssh.openTcp('127.0.0.1', port, { signal: late.signal });
    late.abort();
    expect(await failureOf(opening)).toMatchObject({ code: 'cancelled' });
    await expect.poll(() => server.openChannels()).toBe(0);
  });

  it('throw the failure with which the signal was aborted', async () => {
    await using ssh = await connectTo(await startServer());
    const reason = new ExpectedError('plan-changed', 'deploying');
    await expect(ssh.openTcp('127.0.0.1', 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('leave no listener on the signal', async () => {
    await using ssh = await connectTo(await startServer());
    const { port } = await startEcho();
    const listeners = { added: 0, removed: 0 };
    const watched = new AbortController().signal;
    const { addEventListener, removeEventListener } = watched;
    watched.addEventListener = (...values: unknown[]) => {
      listeners.added += 1;
      Reflect.apply(addEventListener, watched, values);
    };
    watched.removeEventListener = (...values: unknown[]) => {
      listeners.removed += 1;
      Reflect.apply(removeEventListener, watched, values);
    };
    const stream = await ssh.openTcp('127.0.0.1', port, { signal: watched });
    stream.end('bye');
    stream.resume();
    await closeOf(stream);
    expect(listeners.added).toBeGreaterThan(0);
    expect(listeners.removed).toBe(listeners.added);
  });
});

it('says goodbye, and does not wait for the server to do so', async () => {
  const ssh = await SshConnection.connect(targetOf(await startWithoutEnd(await startServer())), { signal });

  vi.useFakeTimers({ toFake: ['setTimeout'] }); // its patience with the server never ends
  await ssh[Symbol.asyncDispose]().finally(() => vi.useRealTimers());

  expect(await failureOf(ssh.exec(['true'], { signal }))).toMatchObject({ code: 'connection-lost' });
});

describe('a lost connection', () => {
  it('fails its open streams, resolves closed, and refuses new ones', async () => {
    const server = await startServer();
    const ssh = await connectTo(server);
    const { port } = await startEcho();
    const stream = await ssh.openTcp('127.0.0.1', port, { signal });
    const closed = closeOf(stream);
    server.dropAll();
    expect(await closed).toMatchObject({ code: 'connection-lost' });
    await ssh.closed;
    expect(await failureOf(ssh.openTcp('127.0.0.1', port, { signal }))).toMatchObject({ code: 'connection-lost' });
    expect(await failureOf(ssh.exec(['true'], { signal }))).toMatchObject({ code: 'connection-lost' });
  });

  it('is what closing leaves to streams that are still open', async () => {
    const server = await startServer();
    const ssh = await connectTo(server);
    const { port } = await startEcho();
    const closed = closeOf(await ssh.openTcp('127.0.0.1', port, { signal }));
    await ssh[Symbol.asyncDispose]();
    expect(await closed).toMatchObject({ code: 'connection-lost' });
    await ssh[Symbol.asyncDispose]();
  });
});

describe('the host', () => {
  it('is unknown when its name has no address', async () => {
    expect(
      await failureOf(SshConnection.connect(targetOf({ port: 22 }, { host: 'swarm.lab.invalid' }), { signal })),
    ).toMatchObject({
      code: 'host-unknown',
      hint: expect.stringMatching(/^Check /),
      details: { host: 'swarm.lab.invalid' },
    });
  });

  it('refuses when nothing listens', async () => {
    const port = await freePort();
    expect(await failureOf(SshConnection.connect(targetOf({ port }), { signal }))).toMatchObject({
      code: 'host-refused',
      details: { port, errno: 'ECONNREFUSED' },
    });
  });

  it('refuses when something other than sshd answers', async () => {
    const { port } = await startEcho((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await failureOf(SshConnection.connect(targetOf({ port }), { signal }))).toMatchObject({
      code: 'host-refused',
    });
  });

  it('refuses when it hangs up at once, as sshd does with too many logins', async () => {
    const { port } = await startEcho((socket) => socket.end());
    expect(await failureOf(SshConnection.connect(targetOf({ port }), { signal }))).toMatchObject({
      code: 'host-refused',
      hint: expect.stringContaining('wait'),
    });
  });

  it('is unreachable when it stays silent', async () => {
    const { port } = await startEcho(() => undefined);
    expect(
      await failureOf(SshConnection.connect(targetOf({ port }, { connectTimeoutMs: 50 }), { signal })),
    ).toMatchObject({
      code: 'host-unreachable',
      hint: expect.stringContaining('VPN'),
    });
  });

  it('can be given up on while it stays silent', async () => {
    const cancelling = new AbortController();
    const { port } = await startEcho(() => cancelling.abort());
    expect(await failureOf(SshConnection.connect(targetOf({ port }), { signal: cancelling.signal }))).toMatchObject({
      code: 'cancelled',
    });
  });
});

describe('the host key', () => {
  it('must be known; what to compare and to run is named', async () => {
    const server = await startServer();
    const known = await home.write('empty', '');
    const failure = await failureOf(connectTo(server, { knownHostsFiles: [known] }));
    expect(failure).toMatchObject({ code: 'host-key-unknown', details: { port: server.port } });
    const keyLine = String(failure.details.knownHostsLine);
    expect(keyLine).toBe(server.knownHosts().trim().split(' ').slice(0, 3).join(' '));
    const printed = execFileSync('ssh-keygen', ['-l', '-f', '-'], {
      input: server.hostKeys[0]!.public,
      encoding: 'utf8',
    });
    expect(printed).toContain(String(failure.details.fingerprint));
    expect(failure.why).toContain(String(failure.details.fingerprint));
    expect(failure.hint).toContain(`ssh-keyscan -p ${server.port} -t ed25519 127.0.0.1 >> ${known}`);
    expect(server.offeredKeys()).toEqual([]);
  });

  it('must be known when there is no known_hosts file at all', async () => {
    const server = await startServer();
    expect(await failureOf(connectTo(server, { knownHostsFiles: ['/nowhere/known_hosts'] }))).toMatchObject({
      code: 'host-key-unknown',
    });
  });

  it('must not have changed; the line of the old one is named', async () => {
    const server = await startServer();
    const known = await home.write('changed', `# lab\n[127.0.0.1]:${server.port} ${stranger.public}\n`);
    expect(await failureOf(connectTo(server, { knownHostsFiles: [known] }))).toMatchObject({
      code: 'host-key-changed',
      why: expect.stringContaining(`${known}:2`),
      hint: expect.stringContaining(`ssh-keygen -R '[127.0.0.1]:${server.port}' -f ${known}`),
      details: { line: 2 },
    });
    expect(server.offeredKeys()).toEqual([]);
  });

  it('must not be revoked', async () => {
    const server = await startServer();
    const known = await home.write('revoked', `${server.knownHosts()}@revoked * ${server.hostKeys[0]!.public}\n`);
    expect(await failureOf(connectTo(server, { knownHostsFiles: [known] }))).toMatchObject({
      code: 'host-key-changed',
      why: expect.stringContaining('@revoked'),
    });
  });

  it('is asked for in the type that is known', async () => {
    const ecdsaFirst = [ecdsaKeys(), makeKeyPair()];
    const server = await startServer({ hostKeys: ecdsaFirst });
    for (const keys of ecdsaFirst) {
      const known = await home.write('one', `[127.0.0.1]:${server.port} ${keys.public}\n`);
      await using ssh = await connectTo(server, { knownHostsFiles: [known] });
      expect(ssh).toBeDefined();
    }
  });

  it('is unknown when only another type is known, which is named', async () => {
    const server = await startServer();
    const known = await home.write('other', `[127.0.0.1]:${server.port} ${ecdsaKeys().public}\n`);
    expect(await failureOf(connectTo(server, { knownHostsFiles: [known] }))).toMatchObject({
      code: 'host-key-unknown',
      why: expect.stringContaining('only its ECDSA key'),
    });
  });

  it('is looked up under its alias', async () => {
    const server = await startServer();
    const known = await home.write('alias', `the-swarm ${server.hostKeys[0]!.public}\n`);
    await using ssh = await connectTo(server, { knownHostsFiles: [known], hostKeyAlias: 'the-swarm' });
    expect(ssh).toBeDefined();
  });
});

describe('the key', () => {
  it('is refused by name when the server does not know it', async () => {
    const server = await startServer();
    const file = await home.write('stranger', stranger.private);
    expect(await failureOf(connectTo(server, { identityFiles: [file] }))).toMatchObject({
      code: 'key-refused',
      message: 'logging in as anna@127.0.0.1',
      why: expect.stringContaining(file),
      details: { tried: [expect.stringMatching(/stranger SHA256:/)] },
    });
  });

  it('is the second one when the first is refused; missing files are passed over', async () => {
    const server = await startServer();
    const file = await home.write('stranger', stranger.private);
    await using ssh = await connectTo(server, { identityFiles: ['/nowhere/id', file, join(home.path, 'key')] });
    expect(ssh).toBeDefined();
    expect(server.offeredKeys().length).toBe(2);
  });

  it('is asked for when there is none', async () => {
    const server = await startServer();
    expect(await failureOf(connectTo(server, { identityFiles: ['/nowhere/id'] }))).toMatchObject({
      code: 'key-refused',
      hint: expect.stringContaining('ssh-keygen'),
      details: { skipped: ['/nowhere/id (missing)'] },
    });
  });

  it('is not used when others can read it', async () => {
    const server = await startServer();
    const file = await home.write('open', anna.private, 0o644);
    await chmod(file, 0o644);
    expect(await failureOf(connectTo(server, { identityFiles: [file] }))).toMatchObject({
      code: 'key-refused',
      hint: `Run "chmod 600 ${file}".`,
    });
    expect(server.offeredKeys()).toEqual([]);
  });

  it.each(['rsa', 'ecdsa', 'ed25519'])('may be of type %s, as ssh-keygen makes it', async (type) => {
    const file = join(home.path, type);
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', file]);
    const line = execFileSync('ssh-keygen', ['-y', '-f', file], { encoding: 'utf8' });
    await using ssh = await connectTo(await startServer({ users: { anna: [line] } }), { identityFiles: [file] });
    expect(ssh).toBeDefined();
  });
});

describe('a locked key', () => {
  let server: TestSshServer;
  let file: string;
  const locked = makeKeyPair('correct horse');

  beforeEach(async () => {
    server = await startServer({ users: { anna: [locked.public] } });
    file = await home.write('locked', locked.private);
  });

  const connectWith = (answers: readonly (string | undefined)[], more: Partial<SshTarget> = {}) => {
    const asked: string[] = [];
    const connected = SshConnection.connect(targetOf(server, { identityFiles: [file], ...more }), {
      signal,
      askPassphrase: async (identityFile) => {
        asked.push(identityFile);
        const answer = answers[asked.length - 1];
        return answer === undefined ? undefined : new Secret(answer);
      },
    });
    return { asked, connected };
  };

  it('is opened with its passphrase', async () => {
    const { asked, connected } = connectWith(['correct horse']);
    cleanUp.use(await connected);
    expect(asked).toEqual([file]);
  });

  it('is asked for again after a wrong one, three times in all', async () => {
    const second = connectWith(['wrong', 'correct horse']);
    cleanUp.use(await second.connected);
    expect(second.asked.length).toBe(2);
    const never = connectWith(['a', 'b', 'c', 'correct horse']);
    expect(await failureOf(never.connected)).toMatchObject({ code: 'key-locked' });
    expect(never.asked.length).toBe(3);
  });

  it('fails as locked where nobody can be asked, or does not want to', async () => {
    const failure = await failureOf(connectTo(server, { identityFiles: [file] }));
    expect(failure).toMatchObject({ code: 'key-locked', hint: expect.stringContaining(`ssh-add ${file}`) });
    expect(await failureOf(connectWith([undefined]).connected)).toMatchObject({ code: 'key-locked' });
  });

  it('is not asked about when the server does not want it anyway', async () => {
    const other = await startServer({ users: { anna: [anna.public] } });
    const asked: string[] = [];
    await using ssh = await SshConnection.connect(targetOf(other, { identityFiles: [file, join(home.path, 'key')] }), {
      signal,
      askPassphrase: async (identityFile) => {
        asked.push(identityFile);
        return undefined;
      },
    });
    expect(ssh).toBeDefined();
    expect(asked).toEqual([]);
  });

  it('may keep a person typing for longer than the server may keep us waiting', async () => {
    const connected = SshConnection.connect(targetOf(server, { identityFiles: [file], connectTimeoutMs: 2_000 }), {
      signal,
      askPassphrase: () => new Promise((resolve) => setTimeout(() => resolve(new Secret('correct horse')), 2_300)),
    });
    cleanUp.use(await connected);
  });

  it('may be of an old format that hides its public half', async () => {
    const old = join(home.path, 'old');
    execFileSync('ssh-keygen', ['-q', '-t', 'rsa', '-m', 'PEM', '-N', 'correct horse', '-f', old]);
    const line = execFileSync('ssh-keygen', ['-y', '-P', 'correct horse', '-f', old], { encoding: 'utf8' });
    execFileSync('rm', [`${old}.pub`]);
    server.options.users.anna = [line];
    const { asked, connected } = connectWith(['correct horse'], { identityFiles: [old] });
    cleanUp.use(await connected);
    expect(asked).toEqual([old]);
  });
});

describe('the agent', () => {
  async function startAgent(...files: string[]): Promise<string> {
    const socket = join(home.path, 'agent.sock');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    cleanUp.defer(() => void agent.kill());
    await new Promise((resolve) => agent.stdout.once('data', resolve));
    for (const file of files)
      execFileSync('ssh-add', ['-q', file], { env: { SSH_AUTH_SOCK: socket }, stdio: 'ignore' });
    return socket;
  }

  it('signs with a key of which there is no file', async () => {
    const server = await startServer();
    const agentSocket = await startAgent(join(home.path, 'key'));
    await using ssh = await connectTo(server, { agentSocket, identityFiles: [] });
    expect(ssh).toBeDefined();
  });

  it('signs for a locked file of which it holds the key: nobody is asked', async () => {
    const server = await startServer();
    const agentSocket = await startAgent(join(home.path, 'key'));
    const locked = await home.write('locked', anna.private);
    execFileSync('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'correct horse', '-f', locked]);
    await using ssh = await connectTo(server, { agentSocket, identityFiles: [locked] });
    expect(ssh).toBeDefined();
    expect(server.offeredKeys().length).toBe(1);
  });

  it('offers nothing but the named files with IdentitiesOnly', async () => {
    const server = await startServer();
    const agentSocket = await startAgent(join(home.path, 'key'));
    const file = await home.write('stranger', stranger.private);
    expect(
      await failureOf(connectTo(server, { agentSocket, identityFiles: [file], identitiesOnly: true })),
    ).toMatchObject({ code: 'key-refused' });
    expect(server.offeredKeys().length).toBe(1);
  });

  it('counts as none when it is gone', async () => {
    await using ssh = await connectTo(await startServer(), { agentSocket: join(home.path, 'gone.sock') });
    expect(ssh).toBeDefined();
  });
});

describe('through a jump host', () => {
  it('reaches a host with keys and host keys of its own, and closes both', async () => {
    const inner = await startServer({ users: { root: [stranger.public] } });
    const known = await home.write('inner', inner.knownHosts());
    const file = await home.write('stranger', stranger.private);
    const gate = await startServer();
    const ssh = await connectTo(inner, {
      user: 'root',
      identityFiles: [file],
      knownHostsFiles: [known],
      jump: targetOf(gate),
    });
    const stream = await ssh.exec(['echo', 'inside'], { signal });
    expect(await text(stream)).toBe('inside\n');
    expect(gate.forwardedChannels()).toBe(1);
    await ssh[Symbol.asyncDispose]();
    await expect.poll(() => gate.openChannels()).toBe(0);
  });

  it('says which of the two refused', async () => {
    const inner = await startServer({ users: { root: [stranger.public] } });
    const known = await home.write('inner', inner.knownHosts());
    const gate = await startServer();
    const jump = targetOf(gate);
    expect(await failureOf(connectTo(inner, { knownHostsFiles: [known], jump }))).toMatchObject({
      code: 'key-refused',
      message: 'logging in as anna@127.0.0.1',
    });
    expect(
      await failureOf(connectTo(inner, { knownHostsFiles: [known], jump: { ...jump, user: 'bob' } })),
    ).toMatchObject({
      code: 'key-refused',
      message: 'logging in as bob@127.0.0.1',
    });
    expect(await failureOf(connectTo(inner, { knownHostsFiles: ['/none'], jump }))).toMatchObject({
      code: 'host-key-unknown',
      hint: expect.stringContaining(`ssh -J anna@127.0.0.1:${gate.port}`),
    });
  });

  it('is lost when the jump host is', async () => {
    const inner = await startServer();
    const innerKnown = await home.write('inner', inner.knownHosts());
    const gate = await startServer();
    const ssh = await connectTo(inner, { knownHostsFiles: [innerKnown], jump: targetOf(gate) });
    gate.dropAll();
    await ssh.closed;
    expect(await failureOf(ssh.exec(['true'], { signal }))).toMatchObject({ code: 'connection-lost' });
  });
});

function ecdsaKeys() {
  const file = join(home.path, `ecdsa-${Math.random()}`);
  execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-C', '', '-f', file]);
  return {
    private: execFileSync('cat', [file], { encoding: 'utf8' }),
    public: execFileSync('cat', [`${file}.pub`], { encoding: 'utf8' }).trim(),
  };
}
