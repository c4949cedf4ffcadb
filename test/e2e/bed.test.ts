import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bed, type ImageName, readBed, retag, startRegistry, stopRegistry } from './bed/bed.ts';
import { dockerCommand } from './bed/shell.ts';

/** The bed holds what its other users build on. Everything made here carries one label and is gone afterwards. */
const name = 'oforest-bed-test';
const serve = ['--entrypoint', '/bin/sh'] as const;
const production = [
  '--env',
  'OTREE_PRODUCTION=1',
  '--env',
  'OTREE_AUTH_LEVEL=STUDY',
  '--env',
  'OTREE_ADMIN_PASSWORD=x',
];
const prodserver = ['-c', 'exec otree prodserver 8000'];

let bed: Bed;
let folder: string;
beforeAll(async () => {
  bed = readBed();
  folder = await mkdtemp(join(tmpdir(), `${name}-`));
  await chmod(folder, 0o755);
  await removeAll();
  await succeed('network', 'create', '--label', name, name);
});
afterAll(async () => {
  await removeAll();
  await rm(folder, { recursive: true, force: true });
});

describe('the Swarm and its registry', () => {
  it('is a Swarm of one manager', async () => {
    const swarm = await succeed(
      'info',
      '--format',
      '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}} {{.Swarm.Nodes}}',
    );
    expect(swarm.trim()).toBe('active true 1');
  });

  it('has every image under a digest that can be pulled', async () => {
    const digests = await Promise.all(Object.values(bed.images).map(digestOf));
    expect(new Set(digests).size).toBe(digests.length);
    const pulled = await succeed('pull', `${bed.registry}/study@${await digestOf(bed.images['study:v1'])}`);
    expect(pulled).toContain(await digestOf(bed.images['study:v1']));
  });

  it('makes a tag mean another image', async () => {
    const moved = `${bed.registry}/study:bed-test`;
    await retag('study:v1', 'bed-test');
    expect(await digestOf(moved)).toBe(await digestOf(bed.images['study:v1']));
    await retag('crash-import', 'bed-test');
    expect(await digestOf(moved)).toBe(await digestOf(bed.images['crash-import']));
  });

  it('has a registry that can go away and come back', async () => {
    await stopRegistry();
    await expect(digestOf(bed.images['study:v1'])).rejects.toThrow('fetch failed');
    await startRegistry();
    expect(await digestOf(bed.images['study:v1'])).toMatch(/^sha256:/);
  });
});

describe('the doors of the machine', () => {
  it('lets the key in, with Docker rights for one user only', async () => {
    expect(await ssh(bed.users.docker, 'docker info --format {{.Swarm.LocalNodeState}}')).toMatchObject({
      exitCode: 0,
      output: 'active\n',
    });
    const refused = await ssh(bed.users.noDocker, 'docker info');
    expect(refused.output).toMatch(/permission denied/i);
  });

  it('lets the locked key in with its passphrase', async () => {
    const askpass = join(folder, 'askpass');
    await writeFile(askpass, `#!/bin/sh\necho '${bed.lockedKey.passphrase}'\n`, { mode: 0o700 });
    const env = { ...process.env, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' };
    const words = [
      ...sshOptions(bed.ssh.port, bed.lockedKey.identityFile),
      `${bed.ssh.user}@${bed.ssh.host}`,
      'id -un',
    ];
    expect(await type('ssh', words, env)).toEqual({ exitCode: 0, output: `${bed.ssh.user}\n` });
  });

  it('forwards through the first door and not through the second', async () => {
    const through = (port: number) =>
      type('ssh', [
        ...sshOptions(port, bed.ssh.identityFile),
        '-o',
        'BatchMode=yes',
        '-W',
        bed.registry,
        `${bed.ssh.user}@${bed.ssh.host}`,
      ]);
    expect(await through(bed.ssh.port)).toMatchObject({ exitCode: 0 });
    const refused = await through(bed.sshNoForwarding.port);
    expect(refused.exitCode).not.toBe(0);
    expect(refused.output).toMatch(/prohibited|refused|failed/);
  });
});

describe('Postgres and a study on it', () => {
  let database: string;
  beforeAll(async () => {
    await writeFile(join(folder, 'password'), 'correct horse\n');
    await writeFile(
      join(folder, '10-first.sh'),
      'set -e\npsql -U "$POSTGRES_USER" -d "$POSTGRES_DB" -c "CREATE TABLE made AS SELECT inet_server_addr() AS address"\n',
    );
    await writeFile(join(folder, '20-second.sql'), 'CREATE DATABASE other;\n');
    await chmod(join(folder, 'password'), 0o644);
    database = await start(
      'postgres:15',
      ['--network', name, '--network-alias', 'db', '--volume', `${folder}:/docker-entrypoint-initdb.d:ro`].concat(
        ['--volume', `${folder}/password:/run/secrets/password:ro`, '--env', 'POSTGRES_USER=study'],
        ['--env', 'POSTGRES_DB=otree', '--env', 'POSTGRES_PASSWORD_FILE=/run/secrets/password'],
      ),
    );
    await until(async () => (await exec(database, 'pg_isready', '-h', '127.0.0.1')).exitCode === 0);
  });

  const connection = (of: string, password = 'correct%20horse') => `postgresql://study:${password}@db/${of}`;

  it('ran the first scripts over its socket, before anyone could connect', async () => {
    const found = await exec(
      database,
      'psql',
      connection('otree'),
      '-Atc',
      'SELECT count(*), count(address) FROM made',
    );
    expect(found).toEqual({ exitCode: 0, output: '1|0\n' });
  });

  it('wants the password', async () => {
    expect((await exec(database, 'psql', connection('other'), '-c', 'SELECT 1')).exitCode).toBe(0);
    const refused = await exec(database, 'psql', connection('other', 'wrong'), '-c', 'SELECT 1');
    expect(refused.output).toContain('password authentication failed');
  });

  it('serves a study, closed to strangers', async () => {
    const study = await start(
      'study:v1',
      ['--network', name, ...serve, ...production, '--env', `DATABASE_URL=${connection('otree')}`],
      prodserver,
    );
    await until(async () => (await visit(study, '/login')).status === 200);
    expect((await visit(study, '/ExportWide')).status).toBe(302);
    const tables = await exec(database, 'psql', connection('otree'), '-Atc', String.raw`\dt`);
    expect(tables.output).toContain('guess_player');
    expect(tables.output).toContain('survey_player');
  });

  it('cannot serve a study with an app named pg, which passes its bots', async () => {
    const bots = await toEnd('pg-app', [...serve], ['-c', 'otree test pg']);
    expect(bots).toMatchObject({ exitCode: 0 });
    const served = await toEnd(
      'pg-app',
      ['--network', name, ...serve, ...production, '--env', `DATABASE_URL=${connection('other')}`],
      prodserver,
    );
    expect(served.exitCode).toBe(1);
    expect(served.output).toMatch(/pg_\w+" is not a table/);
  });

  it('ends cleanly and soon, also with somebody connected, and knows its data again', async () => {
    const reader = exec(database, 'psql', connection('other'), '-c', 'SELECT pg_sleep(60)');
    await until(async () => (await exec(database, 'psql', connection('other'), '-Atc', sleepers)).output === '1\n');
    const startedAt = performance.now();
    await succeed('stop', '--time', '30', database);
    expect((performance.now() - startedAt) / 1000).toBeLessThan(15);
    expect(await succeed('inspect', '--format', '{{.State.ExitCode}}', database)).toBe('0\n');
    await reader;
    await succeed('start', database);
    await until(async () => (await exec(database, 'pg_isready', '-h', '127.0.0.1')).exitCode === 0);
    expect((await exec(database, 'psql', connection('otree'), '-Atc', 'SELECT count(*) FROM made')).output).toBe('1\n');
  });
});

describe('studies', () => {
  it('play themselves through: a game of three and a survey', async () => {
    expect(await toEnd('study:v2', [], ['sh', '-c', 'otree test guess && otree test survey'])).toMatchObject({
      exitCode: 0,
    });
  });

  it('tell their versions apart', async () => {
    for (const version of ['v1', 'v2', 'v3'] as const)
      expect((await toEnd(`study:${version}`, [], ['cat', 'version.txt'])).output).toBe(`${version}\n`);
  });
});

describe.concurrent('a bad sister', () => {
  it.each([
    { image: 'crash-import', exitCode: 1, says: /ValueError/ },
    { image: 'missing-package', exitCode: 1, says: /No module named 'pandas'/ },
    { image: 'no-settings', exitCode: 1, says: /Cannot find oTree settings/ },
    { image: 'no-otree', exitCode: 127, says: /otree: not found/ },
    { image: 'user-root-workdir', exitCode: 1, says: /unable to open database file/ },
    { image: 'workdir-other-owner', exitCode: 1, says: /unable to open database file/ },
    { image: 'out-of-memory', exitCode: 137, says: /^/ },
  ] as const)('$image ends with $exitCode', async ({ image, exitCode, says }) => {
    const ended = await toEnd(image, [...serve, ...production, '--memory', '512m', '--cap-drop', 'ALL'], prodserver);
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.output).toMatch(says);
  });

  it('own-entrypoint ends with 3 when its entry point is used', async () => {
    expect((await toEnd('own-entrypoint', [], ['otree', 'prodserver'])).exitCode).toBe(3);
  });

  it('no-sh cannot start a shell', async () => {
    const { output } = await type(dockerCommand, [
      'run',
      '--rm',
      '--label',
      name,
      ...serve,
      bed.images['no-sh'],
      '-c',
      'true',
    ]);
    expect(output).toMatch(/\/bin\/sh.*no such file or directory/);
  });

  it('crash-late answers first and ends after 8 s', async () => {
    const container = await start('crash-late', [...serve, ...production], prodserver);
    await until(async () => (await visit(container, '/login')).status === 200);
    expect((await succeed('wait', container)).trim()).toBe('1');
    const times = await succeed('inspect', '--format', '{{.State.StartedAt}} {{.State.FinishedAt}}', container);
    const [from = '', to = ''] = times.trim().split(' ');
    expect((Date.parse(to) - Date.parse(from)) / 1000).toBeGreaterThan(7);
  });

  it('never-healthy lives and never listens', async () => {
    const container = await start('never-healthy', [...serve, ...production], prodserver);
    for (let second = 0; second < 8; second += 1) {
      expect((await visit(container, '/login')).status).toBe(0);
      await pause(1000);
    }
    expect(await succeed('inspect', '--format', '{{.State.Running}}', container)).toBe('true\n');
  });

  it('answers-500 answers 500', async () => {
    const container = await start('answers-500', [...serve, ...production], prodserver);
    await until(async () => (await visit(container, '/login')).status === 500);
  });

  it('auth-open gives its data to anyone', async () => {
    const container = await start('auth-open', [...serve, ...production], prodserver);
    await until(async () => (await visit(container, '/ExportWide')).status === 200);
  });

  it('other-platform says that it is for another processor', async () => {
    const manifest = (await (await ask(bed.images['other-platform'])).json()) as { config: { digest: string } };
    const config = await fetch(`http://${bed.registry}/v2/study/blobs/${manifest.config.digest}`);
    expect(await config.json()).toMatchObject({ architecture: 'arm64', os: 'linux' });
  });
});

const sleepers = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'";

interface Ended {
  readonly exitCode: number;
  /** Both streams. */
  readonly output: string;
}

function type(command: string, words: readonly string[], env = process.env): Promise<Ended> {
  return new Promise((done) => {
    const child = execFile(command, [...words], { env, timeout: 60_000 }, (error, stdout, stderr) =>
      done({ exitCode: error ? Number(error.code ?? -1) : 0, output: stdout + stderr }),
    );
    child.stdin?.end();
  });
}

async function succeed(...words: string[]): Promise<string> {
  const { exitCode, output } = await type(dockerCommand, words);
  if (exitCode !== 0) throw new Error(`docker ${words.join(' ')} ended with ${exitCode}: ${output}`);
  return output;
}

const exec = (container: string, ...words: string[]) => type(dockerCommand, ['exec', container, ...words]);

async function start(image: ImageName, options: readonly string[], words: readonly string[] = []): Promise<string> {
  return (await succeed('run', '--detach', '--label', name, ...options, bed.images[image], ...words)).trim();
}

async function toEnd(image: ImageName, options: readonly string[], words: readonly string[]): Promise<Ended> {
  const container = await start(image, options, words);
  const exitCode = Number(await succeed('wait', container));
  return { exitCode, output: await succeed('logs', container) };
}

async function removeAll(): Promise<void> {
  const filter = ['--filter', `label=${name}`, '--quiet'];
  const containers = (await succeed('ps', '--all', ...filter)).split('\n').filter(Boolean);
  if (containers.length > 0) await succeed('rm', '--force', '--volumes', ...containers);
  const networks = (await succeed('network', 'ls', ...filter)).split('\n').filter(Boolean);
  if (networks.length > 0) await succeed('network', 'rm', ...networks);
}

/** Status 0 stands for no answer. */
async function visit(container: string, path: string): Promise<{ status: number }> {
  const address = '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}';
  const host = (await succeed('inspect', '--format', address, container)).trim();
  if (host === '') return { status: 0 };
  const request = { redirect: 'manual', signal: AbortSignal.timeout(5000) } as const;
  return fetch(`http://${host}:8000${path}`, request).catch(() => ({ status: 0 }));
}

function ask(reference: string): Promise<Response> {
  const [repository = '', tag = ''] = reference.slice(`${bed.registry}/`.length).split(':');
  const accept = 'application/vnd.docker.distribution.manifest.v2+json';
  return fetch(`http://${bed.registry}/v2/${repository}/manifests/${tag}`, { headers: { accept } });
}

const digestOf = async (reference: string) => (await ask(reference)).headers.get('docker-content-digest') ?? '';

const ssh = (user: string, command: string) =>
  type('ssh', [
    ...sshOptions(bed.ssh.port, bed.ssh.identityFile),
    '-o',
    'BatchMode=yes',
    `${user}@${bed.ssh.host}`,
    command,
  ]);

const sshOptions = (port: number, identityFile: string) => [
  ...['-F', 'none', '-p', String(port), '-i', identityFile, '-o', 'IdentitiesOnly=yes'],
  ...['-o', `UserKnownHostsFile=${bed.ssh.knownHostsFile}`, '-o', 'StrictHostKeyChecking=yes', '-o', 'LogLevel=ERROR'],
];

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 150; tries += 1) {
    if (await isSo()) return;
    await pause(200);
  }
  throw new Error(`waited half a minute, but not: ${isSo}`);
}
