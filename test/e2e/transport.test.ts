import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { SshServerConfig } from '../../src/core/config/config.ts';
import { Secret } from '../../src/core/domain/secret.ts';
import type { EngineClient } from '../../src/core/swarm/engine-client.ts';
import { readFrames } from '../../src/core/swarm/frames.ts';
import { type EngineConnection, type OpenEngineNeeds, openEngine } from '../../src/core/swarm/open-engine.ts';
import { failureOf } from '../support/failure-of.ts';

/** Real sshd, several of them with different rights, in front of the bed's dockerd. Needs root, as the bed does. */
const dockerSocket = '/var/run/docker.sock';
const outsider = 'oforest-outsider';
const imageWithShell = 'oforest-transport-test';
const { signal } = new AbortController();

let folder: string;
let ports: Record<'open' | 'closed' | 'narrow', number>;
const daemons: ChildProcess[] = [];
let cleanUp: AsyncDisposableStack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oforest-transport-'));
  await chmod(folder, 0o755);
  await mkdir('/run/sshd', { recursive: true });
  for (const name of ['host', 'other', 'key', 'stranger']) makeKey(name, '');
  makeKey('locked', 'correct horse');
  await writeFile(
    join(folder, 'authorized'),
    (await readFile(join(folder, 'key.pub'), 'utf8')) + (await readFile(join(folder, 'locked.pub'), 'utf8')),
  );
  execFileSync('useradd', [
    '--system',
    '--no-create-home',
    '--home-dir',
    '/',
    '--shell',
    '/bin/sh',
    '--password',
    '*',
    outsider,
  ]);
  ports = {
    open: await startSshd(''),
    closed: await startSshd('DisableForwarding yes'),
    narrow: await startSshd('AllowTcpForwarding no'),
  };
  const hostKey = (await readFile(join(folder, 'host.pub'), 'utf8')).trim();
  await writeFile(
    join(folder, 'known_hosts'),
    Object.values(ports)
      .map((port) => `[127.0.0.1]:${port} ${hostKey}\n`)
      .join(''),
  );
  execFileSync('ssh-keygen', ['-q', '-H', '-f', join(folder, 'known_hosts')], { stdio: 'ignore' });
});

afterAll(async () => {
  for (const daemon of daemons) daemon.kill();
  execFileSync('userdel', [outsider]);
  await rm(folder, { recursive: true, force: true });
});

beforeEach(() => {
  cleanUp = new AsyncDisposableStack();
});
afterEach(() => cleanUp.disposeAsync());

function makeKey(name: string, passphrase: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-C', name, '-f', join(folder, name)]);
}

async function startSshd(extra: string): Promise<number> {
  const port = await freePort();
  const config = join(folder, `sshd-${port}.conf`);
  const lines = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'PidFile none',
    extra,
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  const sshd = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  daemons.push(sshd);
  await new Promise((resolve) => sshd.stderr.once('data', resolve)); // "Server listening on …"
  sshd.stderr.resume();
  return port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function open(
  more: Partial<SshServerConfig> = {},
  needs: Partial<OpenEngineNeeds> = {},
): Promise<EngineConnection> {
  const server = {
    host: '127.0.0.1',
    port: ports.open,
    user: 'root',
    identityFile: '~/key',
    knownHostsFile: '~/known_hosts',
    dockerSocket,
    ...more,
  };
  const environment = { home: folder, userName: 'root' };
  return cleanUp.use(await openEngine(server, { signal, environment, ...needs }));
}

const list = { method: 'GET' as const, path: '/services', signal };

/** Printed for the record, never compared. */
async function printLatency(name: string, engine: EngineClient): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 50; round += 1) {
    const start = performance.now();
    await engine.json(list);
    times.push(performance.now() - start);
  }
  times.sort((left, right) => left - right);
  const start = performance.now();
  await Promise.all(Array.from({ length: 100 }, () => engine.json(list)));
  const together = performance.now() - start;
  console.log(
    `${name}: p50 ${times[25]?.toFixed(1)} ms, p95 ${times[47]?.toFixed(1)} ms, 100 at once ${together.toFixed(0)} ms`,
  );
}

describe('sshd and dockerd as they are', () => {
  it('answer over one connection, a hundred requests at once too', async () => {
    const { engine, description } = await open();
    expect(engine.apiVersion).toMatch(/^1\.\d+$/);
    expect(description).toBe(`root@127.0.0.1:${ports.open}`);
    await printLatency('forwarded', engine);
  });

  it('answer through dial-stdio where forwarding is off', async () => {
    const connection = await open({ port: ports.closed });
    expect(await connection.forwardsTcp()).toBe(false);
    await printLatency('dial-stdio', connection.engine);
  });

  it('forward no socket either where only TCP forwarding is off: OpenSSH 9.2 refuses both', async () => {
    const connection = await open({ port: ports.narrow });
    expect(await connection.forwardsTcp()).toBe(false);
    expect(await connection.engine.json(list)).toBeInstanceOf(Array);
  });

  it('answer through a jump host', async () => {
    await mkdir(join(folder, '.ssh'));
    cleanUp.defer(() => rm(join(folder, '.ssh'), { recursive: true }));
    const everywhere = `IdentityFile ${folder}/key\n UserKnownHostsFile ${folder}/known_hosts\n User root`;
    await writeFile(
      join(folder, '.ssh', 'config'),
      `Host inner\n HostName 127.0.0.1\n Port ${ports.narrow}\n ProxyJump gate\nHost gate\n HostName 127.0.0.1\n Port ${ports.open}\nHost *\n ${everywhere}\n`,
    );
    const environment = { home: folder, userName: 'root' };
    await using connection = await openEngine({ host: 'inner', dockerSocket }, { signal, environment });
    expect(await connection.engine.json(list)).toBeInstanceOf(Array);
  });

  it('tell a closed TCP port from an open one', async () => {
    const connection = await open();
    expect(await connection.forwardsTcp()).toBe(true);
    const listening = createServer((socket) => socket.end('hello'));
    await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
    cleanUp.defer(() => void listening.close());
    const { port } = listening.address() as AddressInfo;
    expect(await text(await connection.dialTcp('127.0.0.1', port, { signal }))).toBe('hello');
    expect(await failureOf(connection.dialTcp('127.0.0.1', await freePort(), { signal }))).toMatchObject({
      code: 'host-refused',
      details: { forwarding: true },
    });
  });
});

describe('what sshd and dockerd refuse', () => {
  it('unknown host key', async () => {
    expect(await failureOf(open({ knownHostsFile: '~/none' }))).toMatchObject({ code: 'host-key-unknown' });
  });

  it('changed host key', async () => {
    const other = (await readFile(join(folder, 'other.pub'), 'utf8')).trim();
    await writeFile(join(folder, 'changed'), `[127.0.0.1]:${ports.open} ${other}\n`);
    expect(await failureOf(open({ knownHostsFile: '~/changed' }))).toMatchObject({ code: 'host-key-changed' });
  });

  it('wrong key, and wrong user', async () => {
    expect(await failureOf(open({ identityFile: '~/stranger' }))).toMatchObject({ code: 'key-refused' });
    expect(await failureOf(open({ user: 'no-such-user' }))).toMatchObject({ code: 'key-refused' });
  });

  it('locked key, which its passphrase opens', async () => {
    expect(await failureOf(open({ identityFile: '~/locked' }))).toMatchObject({ code: 'key-locked' });
    const askPassphrase = async () => new Secret('correct horse');
    const { engine } = await open({ identityFile: '~/locked' }, { askPassphrase });
    expect(await engine.json(list)).toBeInstanceOf(Array);
  });

  it.each(['open', 'closed'] as const)('user without rights on Docker, forwarding %s', async (sshd) => {
    expect(await failureOf(open({ user: outsider, port: ports[sshd] }))).toMatchObject({
      code: 'docker-denied',
      hint: expect.stringContaining(`sudo usermod -aG docker ${outsider}`),
    });
  });

  it.each(['open', 'closed'] as const)('no socket, forwarding %s', async (sshd) => {
    expect(await failureOf(open({ dockerSocket: '/nowhere/docker.sock', port: ports[sshd] }))).toMatchObject({
      code: 'docker-unreachable',
    });
  });
});

describe.each(['open', 'closed'] as const)('exec through an upgraded connection, forwarding %s', (sshd) => {
  let container: string;

  beforeAll(() => {
    importImageWithShell();
    container = execFileSync('docker', ['run', '--detach', '--interactive', imageWithShell, '/bin/cat'], {
      encoding: 'utf8',
    }).trim();
  });
  afterAll(() => {
    execFileSync('docker', ['rm', '--force', container]);
    execFileSync('docker', ['rmi', '--force', imageWithShell]);
  });

  it('brings input in and both outputs back, binary and whole', async () => {
    const { engine } = await open({ port: ports[sshd] });
    const command = ['/bin/sh', '-c', 'echo trouble >&2; exec cat'];
    const created = (await engine.json({
      method: 'POST',
      path: `/containers/${container}/exec`,
      body: { AttachStdin: true, AttachStdout: true, AttachStderr: true, Cmd: command },
      signal,
    })) as { Id: string };
    const stream = await engine.upgrade({
      method: 'POST',
      path: `/exec/${created.Id}/start`,
      body: { Detach: false, Tty: false },
      signal,
    });
    const input = 'line \u0001\n'.repeat(500_000);
    stream.end(input);
    const { stdout, stderr } = await readFrames(stream, { maxBytes: 10_000_000 });
    expect(stderr).toBe('trouble\n');
    expect(stdout === input).toBe(true);
    expect(await engine.json({ method: 'GET', path: `/exec/${created.Id}/json`, signal })).toMatchObject({
      ExitCode: 0,
    });
  });
});

/** The shell of this machine with the libraries that it needs; no registry is asked. */
function importImageWithShell(): void {
  const programs = ['/bin/sh', '/bin/cat'];
  const libraries = execFileSync('ldd', programs, { encoding: 'utf8' }).match(/\/\S+(?=\s+\()/g) ?? [];
  const files = [...new Set([...programs, ...libraries])].map((file) => file.slice(1));
  const archive = execFileSync('tar', ['-C', '/', '-chf', '-', ...files], { maxBuffer: 64 * 1024 * 1024 });
  execFileSync('docker', ['import', '-', imageWithShell], { input: archive });
}
