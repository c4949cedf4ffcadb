import { PostgresCluster } from '../database/postgres-cluster.ts';
import { closedPage } from './closed-page.ts';
import { runJob } from './job.ts';
import { jobScripts } from './job-scripts.ts';
import { scriptIn } from './otree-scripts.ts';
import { readDatabase } from './postgres-scripts.ts';
import type { Container, Outcome, Program, Running } from './program.ts';
import { runShell, shellProgram } from './shell.ts';

const initdbMs = 1_000;
const initScriptsMs = 200;
const startMs = 400;
const stopMs = 200;

/** The official image, `postgres:15`: a cluster on the volume at `PGDATA`, made on the first start. */
export const postgresProgram: Program = (container) => {
  const [first] = container.words;
  const isServer = first === undefined || first === 'postgres' || first.startsWith('-');
  if (isServer) return serve(container);
  const name = scriptIn(container.words) ?? '';
  if (name === 'closed-page') return closedPage(container);
  const job = jobScripts.get(name);
  return job ? runJob(container, name, job) : shellProgram(container);
};

function serve(container: Container): Running {
  const { timeline } = container;
  const volume = volumeOf(container);
  const cluster = volume === undefined ? new PostgresCluster(timeline) : container.clusterOn(volume);
  const log = (text: string, level = 'LOG') => container.print(logLine(timeline.now(), level, text), 'stderr');
  let state: 'starting' | 'ready' | 'stopping' = 'starting';
  let wasFoundHealthy = container.resumed;
  let cancel = () => {};
  const later = (ms: number, act: () => void) => {
    cancel = timeline.after(ms, act);
  };

  const start = (ms: number) => {
    log('starting PostgreSQL 15.15 (Debian 15.15-1.pgdg13+1) on x86_64-pc-linux-gnu, compiled by gcc, 64-bit');
    log('listening on IPv4 address "0.0.0.0", port 5432');
    log('listening on Unix socket "/var/run/postgresql/.s.PGSQL.5432"');
    later(ms, () => {
      state = 'ready';
      log('database system is ready to accept connections');
    });
  };
  const stop = () => {
    state = 'stopping';
    log('received fast shutdown request');
    log('aborting any active transactions');
    cluster.terminate(() => true);
    later(stopMs, () => {
      log('database system is shut down');
      container.exit(0);
    });
  };

  if (container.resumed) state = 'ready';
  else if (cluster.isInitialised) {
    container.print('');
    container.print('PostgreSQL Database directory appears to contain a database; Skipping initialization');
    container.print('');
    start(startMs);
  } else {
    const password = superuserPassword(container);
    if (password === undefined) container.exit(1);
    else {
      for (const line of initdbLines) container.print(line);
      later(initdbMs, () => {
        const superuser = container.variables.get('POSTGRES_USER') || 'postgres';
        cluster.initialise({ superuser, password, database: container.variables.get('POSTGRES_DB') || superuser });
        later(initScriptsMs, () => {
          if (!runInitScripts(container, cluster)) return container.exit(3);
          container.print('PostgreSQL init process complete; ready for start up.');
          start(0);
        });
      });
    }
  }

  return {
    probe(test): Outcome & { afterMs: number } {
      if (!test.some((word) => word.includes('database-health') || word.includes('pg_isready')))
        return { exitCode: 0, stdout: '', stderr: '', afterMs: 30 };
      // Once it was healthy our probe waits for 20 s before it looks.
      const afterMs = wasFoundHealthy && test.some((word) => word.includes('sleep 20')) ? 20_040 : 40;
      if (state === 'ready') wasFoundHealthy = true;
      return { exitCode: state === 'ready' ? 0 : 2, stdout: '', stderr: '', afterMs };
    },
    exec: (words) =>
      readDatabase(state === 'ready' ? cluster : undefined, words, timeline.now()) ?? runShell(container, words),
    terminate: () => {
      // Before that, process 1 is the entry point's shell or initdb: it ignores the signal.
      if (state === 'ready') stop();
    },
    end() {
      cancel();
      state = 'stopping';
      cluster.terminate(() => true);
    },
    get postgres() {
      return state === 'ready' ? cluster : undefined;
    },
  };
}

function volumeOf({ variables, volumes }: Container): string | undefined {
  const data = variables.get('PGDATA') || '/var/lib/postgresql/data';
  return [...volumes].find(([target]) => data === target || data.startsWith(`${target}/`))?.[1];
}

/** Undefined where the image refuses to start; the reason stands in the log then. */
function superuserPassword(container: Container): string | undefined {
  const { variables, files } = container;
  const [given, file] = [variables.get('POSTGRES_PASSWORD'), variables.get('POSTGRES_PASSWORD_FILE')];
  if (given && file) {
    container.print('error: both POSTGRES_PASSWORD and POSTGRES_PASSWORD_FILE are set (but are exclusive)', 'stderr');
    return undefined;
  }
  const content = file ? files.get(file) : undefined;
  if (file && !content) {
    container.print(`/usr/local/bin/docker-entrypoint.sh: line 21: ${file}: No such file or directory`, 'stderr');
    return undefined;
  }
  const password = content?.toString().replace(/\n+$/, '') || given;
  if (!password) for (const line of noPasswordLines) container.print(line, 'stderr');
  return password || undefined;
}

/** False when one failed: the container then ends, with a cluster that later starts take as complete. */
function runInitScripts(container: Container, cluster: PostgresCluster): boolean {
  const folder = '/docker-entrypoint-initdb.d/';
  const scripts = [...container.files].filter(([path]) => path.startsWith(folder)).sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [path, content] of scripts) {
    container.print(`/usr/local/bin/docker-entrypoint.sh: running ${path}`);
    if (/^# oforest-script: database-init$/m.test(content.toString()) && !createStudy(container, cluster)) return false;
  }
  return true;
}

/** What `databaseInitScript` does. */
function createStudy(container: Container, cluster: PostgresCluster): boolean {
  const { files } = container;
  const print = (line: string, stream?: 'stderr') => container.print(line, stream);
  const secret = files.get('/run/secrets/DATABASE_PASSWORD');
  if (!secret) {
    print('cat: /run/secrets/DATABASE_PASSWORD: No such file or directory', 'stderr');
    print('psql:<stdin>:1: error: \\set: /run/secrets/DATABASE_PASSWORD could not be read', 'stderr');
    return false;
  }
  cluster.createRole('study', { password: secret.toString().replace(/\n$/, '') });
  print('CREATE ROLE');
  for (const name of ['otree', 'otree_trial']) {
    cluster.createDatabase(name, { owner: 'study' });
    print('CREATE DATABASE');
  }
  for (const name of ['otree', 'otree_trial', 'postgres']) {
    cluster.find(name).openToAll = false;
    print('REVOKE');
  }
  return true;
}

/** `2027-01-04 09:00:01.200 UTC [1] LOG:  database system is ready to accept connections` */
function logLine(now: number, level: string, text: string): string {
  const at = new Date(now).toISOString().replace('T', ' ').replace('Z', ' UTC');
  return `${at} [1] ${level}:  ${text}`;
}

const initdbLines = [
  'The files belonging to this database system will be owned by user "postgres".',
  'This user must also own the server process.',
  '',
  'The database cluster will be initialized with locale "en_US.utf8".',
  'The default database encoding has accordingly been set to "UTF8".',
  'The default text search configuration will be set to "english".',
];

const noPasswordLines = [
  'Error: Database is uninitialized and superuser password is not specified.',
  '       You must specify POSTGRES_PASSWORD to a non-empty value for the',
  '       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".',
  '',
  '       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all',
  '       connections without a password. This is *not* recommended.',
  '',
  '       See PostgreSQL documentation about "trust":',
  '       https://www.postgresql.org/docs/current/auth-trust.html',
];
