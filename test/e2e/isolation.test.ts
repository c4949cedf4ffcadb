import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containerOf, type Lab, openLab } from './support/lab.ts';

const marker = 'Planted-Marker-7f3k';

describe('two studies on one server', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
    await lab.prepare();
    for (const name of ['room-a', 'room-b']) await lab.succeed(['deploy', name, '--image', lab.bed.images['study:v1']]);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const container = (service: string) => containerOf(lab, service);
  const inShell = async (service: string, script: string) => {
    try {
      return { ok: true, output: await lab.docker(['exec', await container(service), 'sh', '-c', script]) };
    } catch (error) {
      return { ok: false, output: error instanceof Error ? error.message : '' };
    }
  };
  /** Connects with A's own password, as its entry script would, to any host. */
  const connect = (host: string, user = 'study', file = 'DATABASE_PASSWORD') => `
python3 - <<'PYTHON'
import psycopg2
password = open("/run/secrets/${file}").read()
psycopg2.connect(host="${host}", port=5432, user="${user}", password=password, dbname="otree", connect_timeout=4)
print("connected")
PYTHON`;

  it("reaches its own database, so that the test of reaching another's can fail", async () => {
    expect((await inShell('room-a_web', connect('room-a_db'))).output).toContain('connected');
  });

  it("reaches the other's database neither by name nor by address", async () => {
    const network = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}';
    const addresses = (await lab.docker(['inspect', await container('room-b_db'), '--format', network]))
      .trim()
      .split(/\s+/);
    expect(addresses.length).toBeGreaterThan(0);
    for (const host of ['room-b_db', 'tasks.room-b_db', 'db', ...addresses]) {
      const attempt = await inShell('room-a_web', connect(host));
      expect({ host, ok: attempt.ok }).toEqual({ host, ok: false });
    }
  });

  it("does not open the other's database with its own password", async () => {
    const own = (
      await lab.docker(['exec', await container('room-a_web'), 'cat', '/run/secrets/DATABASE_PASSWORD'])
    ).trim();
    const script = `PGPASSWORD=${own} psql -h 127.0.0.1 -U study -d otree -c 'select 1'`;
    const refused = await inShell('room-b_db', script);
    expect(refused.ok).toBe(false);
    expect(refused.output).toContain('password authentication failed');
  });

  it('is no superuser in its own database, and never sees the password of one', async () => {
    expect((await inShell('room-a_web', 'ls /run/secrets')).output).not.toContain('POSTGRES_PASSWORD');
    const role = await inShell(
      'room-a_db',
      'psql -U postgres -Atc "select rolsuper or rolcreatedb or rolcreaterole from pg_roles where rolname = \'study\'"',
    );
    expect(role.output.trim()).toBe('f');
  });

  it('shows no secret anywhere: specs, arguments, logs, answers, errors', { timeout: 400_000 }, async () => {
    const secrets: Record<string, string> = {};
    const set = await lab.oforest(['secret', 'set', 'room-a', 'LAB_TOKEN', '--json=lines'], { input: marker });
    expect(set.exitCode).toBe(0);
    for (const slot of ['OTREE_ADMIN_PASSWORD', 'OTREE_SECRET_KEY', 'OTREE_REST_KEY', 'DATABASE_PASSWORD', 'LAB_TOKEN'])
      secrets[slot] = (await inShell('room-a_web', `cat /run/secrets/${slot}`)).output;
    secrets.POSTGRES_PASSWORD = (await inShell('room-a_db', 'cat /run/secrets/POSTGRES_PASSWORD')).output;
    expect(secrets.LAB_TOKEN).toBe(marker);

    const failing = await lab.oforest([
      'deploy',
      'room-a',
      '--image',
      lab.bed.images['missing-package'],
      '--json',
      '--verbose',
    ]);
    const answers = await Promise.all(
      [
        ['status', 'room-a'],
        ['releases', 'room-a'],
        ['logs', 'room-a'],
        ['logs', 'room-a', '--part', 'db'],
        ['secret', 'list', 'room-a'],
        ['variable', 'list', 'room-a'],
      ].map(async (words) => (await lab.oforest([...words, '--json=lines', '--verbose'])).stdout),
    );
    const places: Record<string, string> = {
      services: await lab.docker(['service', 'inspect', 'room-a_web', 'room-a_db']),
      tasks: await lab.docker([
        'inspect',
        ...(await lab.docker(['stack', 'ps', 'room-a', '-q', '--no-trunc'])).trim().split('\n'),
      ]),
      configs: await lab.docker([
        'config',
        'inspect',
        ...(await lab.docker(['config', 'ls', '-q'])).trim().split('\n'),
      ]),
      containers: await lab.docker(['inspect', await container('room-a_web'), await container('room-a_db')]),
      // Of the containers: dockerd 20.10 at times never ends the log of a service that was updated.
      'raw log of web': await rawLog(lab, await container('room-a_web')),
      'raw log of db': await rawLog(lab, await container('room-a_db')),
      'process arguments': await allArguments(),
      'progress of the change': set.stdout + set.stderr,
      'failed deployment': failing.stdout + failing.stderr,
      answers: answers.join('\n'),
      'state directory': await filesBelow(lab.home),
    };
    const found = Object.entries(places).flatMap(([place, text]) =>
      Object.entries(secrets)
        .filter(([, value]) => text.includes(value) || text.includes(Buffer.from(value).toString('base64')))
        .map(([slot]) => `${slot} in ${place}`),
    );
    expect(found).toEqual([]);
    for (const [place, text] of Object.entries(places)) expect(text.length, place).toBeGreaterThan(0);
  });
});

/** As dockerd keeps it on disk, both streams. */
async function rawLog({ docker }: Lab, id: string): Promise<string> {
  return await readFile((await docker(['inspect', id, '--format', '{{.LogPath}}'])).trim(), 'utf8');
}

async function allArguments(): Promise<string> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  return (await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')))).join('\n');
}

async function filesBelow(dir: string): Promise<string> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return (await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')))).join('\n');
}
