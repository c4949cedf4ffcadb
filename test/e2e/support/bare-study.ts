import { randomBytes } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Task } from '../../../src/core/swarm/engine-types.ts';
import { databaseInitScript, entryScript, trialVariable, webHealthScript } from '../../../src/core/swarm/scripts.ts';
import { docker, dockerCommand, run } from '../bed/shell.ts';
import { until } from './until.ts';

/**
 * A study's database and its oTree as plain containers with our own scripts, without a deployment: quick to start, and the
 * image of web can be exchanged at will.
 */
export interface BareStudy extends AsyncDisposable {
  readonly database: Task;
  /** Runs an image on a database, until it is healthy. */
  start(image: string, database: string, options?: { isTrial?: boolean }): Promise<BareWeb>;
  /** As role study. */
  sql(database: string, statement: string): Promise<string>;
  createDatabase(name: string): Promise<void>;
}

export interface BareWeb extends AsyncDisposable {
  readonly task: Task;
  readonly url: string;
  /** Links of a new session's participants. */
  createSession(config: string, people: number): Promise<readonly string[]>;
}

const port = 8000;

export async function startBareStudy(name: string, postgres: string): Promise<BareStudy> {
  const restKey = randomBytes(8).toString('hex');
  const folder = await mkdtemp(join(tmpdir(), 'oforest-e2e-'));
  const secrets = join(folder, 'secrets');
  await mkdir(secrets);
  await chmod(folder, 0o755); // Postgres reads its password as a user of its own.
  const slots = ['DATABASE_PASSWORD', 'POSTGRES_PASSWORD', 'OTREE_ADMIN_PASSWORD', 'OTREE_SECRET_KEY'];
  for (const slot of slots) await writeFile(join(secrets, slot), randomBytes(16).toString('hex'));
  await writeFile(join(secrets, 'OTREE_REST_KEY'), restKey);
  await writeFile(join(folder, 'init.sh'), databaseInitScript, { mode: 0o755 });
  const start = async (part: string, ...words: string[]) =>
    (await docker('run', '-d', '--name', `${name}-${part}`, '--network', name, ...words)).trim();

  await docker('network', 'create', name);
  const database = await start(
    'db',
    ...['-v', `${secrets}:/run/secrets:ro`, '-v', `${folder}/init.sh:/docker-entrypoint-initdb.d/10.sh:ro`],
    ...['-e', 'POSTGRES_USER=postgres', '-e', 'POSTGRES_PASSWORD_FILE=/run/secrets/POSTGRES_PASSWORD', postgres],
  );
  const answers = () =>
    docker('exec', database, 'pg_isready', '-q', '-h', '127.0.0.1', '-U', 'study').then(
      () => true,
      () => false,
    );
  await until('Postgres answers', answers);
  const psql = (user: string, where: string, statement: string) =>
    docker('exec', database, 'psql', '-X', '-A', '-t', '-q', '-U', user, '-d', where, '-c', statement);

  let webs = 0;
  return {
    database: taskOf(database),
    sql: async (where, statement) => (await psql('study', where, statement)).trim(),
    async createDatabase(name) {
      await psql('postgres', 'postgres', `CREATE DATABASE ${name} OWNER study`);
    },
    async start(image, where, { isTrial = false } = {}) {
      const container = await start(
        `web-${++webs}`,
        ...['-v', `${secrets}:/run/secrets:ro`, '--tmpfs', '/oforest', '-e', `PORT=${port}`, '--cap-drop', 'ALL'],
        ...['-e', `DATABASE_ADDRESS=${name}-db:5432/${where}?connect_timeout=5`, '-e', 'PYTHONUNBUFFERED=1'],
        ...[
          '-e',
          'OTREE_PRODUCTION=1',
          '-e',
          'OTREE_AUTH_LEVEL=STUDY',
          ...(isTrial ? ['-e', `${trialVariable}=1`] : []),
        ],
        ...['--entrypoint', '/bin/sh', image, '-c', entryScript],
      );
      const health = ['/bin/sh', '-c', webHealthScript, 'oforest', '/login', String(port)];
      await docker('exec', container, ...health).catch(async () => {
        throw new Error(`${image} on ${where} is not healthy: ${await logOf(container)}`);
      });
      const address = await docker(
        'inspect',
        '-f',
        '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
        container,
      );
      const url = `http://${address.trim()}:${port}`;
      const api = async (path: string, init: RequestInit = {}) => {
        const answer = await fetch(`${url}/api/${path}`, { ...init, headers: { 'otree-rest-key': restKey } });
        return (await answer.json()) as { code: string; participants: { code: string }[] };
      };
      return {
        task: taskOf(container),
        url,
        async createSession(config, people) {
          const body = JSON.stringify({ session_config_name: config, num_participants: people });
          const { code } = await api('sessions', { method: 'POST', body });
          const { participants } = await api(`sessions/${code}`);
          return participants.map((participant) => `/InitializeParticipant/${participant.code}`);
        },
        async [Symbol.asyncDispose]() {
          await docker('rm', '-f', '-v', container);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      const left = await docker('ps', '-aq', '--filter', `name=^${name}-`);
      for (const id of left.split('\n').filter(Boolean)) await docker('rm', '-f', '-v', id);
      await docker('network', 'rm', name);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function taskOf(container: string): Task {
  return Task.parse({
    ID: container.slice(0, 25),
    CreatedAt: '',
    ServiceID: '',
    DesiredState: 'running',
    Spec: {},
    Status: { Timestamp: '', State: 'running', ContainerStatus: { ContainerID: container } },
  });
}

/** Opens the page a participant is on; posts the answers there if some are given. Comes back with the page that shows then. */
export async function visit(web: BareWeb, link: string, answers?: Record<string, string>): Promise<string> {
  const page = await fetch(`${web.url}${link}`);
  if (!answers) return pageOf(page);
  return pageOf(await fetch(page.url, { method: 'POST', body: new URLSearchParams(answers) }));
}

/** `/p/code/survey/Questions/1` → `Questions`; the status where it is no page of the study. */
function pageOf({ url, status }: Response): string {
  if (status >= 400) return String(status);
  return /\/p\/[^/]+\/[^/]+\/([^/]+)\//.exec(url)?.[1] ?? /OutOfRange/.exec(url)?.[0] ?? String(status);
}

/** Its last lines; Python complains on stderr, which `docker logs` keeps apart. */
const logOf = (container: string) => run('/bin/sh', ['-c', `${dockerCommand} logs --tail 20 ${container} 2>&1`]);
