import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type JobName, jobScripts } from '../../../src/core/database/scripts/job-scripts.ts';
import { databaseInitScript } from '../../../src/core/swarm/scripts.ts';
import { readBed } from '../bed/bed.ts';
import { until } from './until.ts';

const run = promisify(execFile);

export interface JobOutcome {
  readonly exitCode: number;
  /** All lines, of both streams. */
  readonly output: string;
  /** What the last line of stdout tells; undefined when it is no result. */
  readonly result: Record<string, unknown> | undefined;
}

export interface RunningJob {
  readonly container: string;
  readonly outcome: Promise<JobOutcome>;
}

export interface JobOptions {
  readonly operation?: string;
  readonly step?: string;
  readonly epoch?: number;
  /** What is mounted at /backups: a folder of this machine or a volume. */
  readonly backups?: string;
  /** What is mounted at /data. */
  readonly data?: string;
}

/** A Postgres of one study as `<stack>_db` runs it, on a network of its own, and jobs beside it. */
export interface APostgres extends AsyncDisposable {
  readonly container: string;
  /** The folder that jobs have at /backups. */
  readonly backups: string;
  readonly passwords: Readonly<Record<string, string>>;
  docker(words: readonly string[], input?: string): Promise<string>;
  /** SQL as the study's own role; the output is unaligned, without headers. */
  study(sql: string, database?: string): Promise<string>;
  superuser(sql: string): Promise<string>;
  /** A connection that stays, as a participant's tab has one; closed by `end`. */
  hold(sql: string, options?: { database?: string; user?: string }): Promise<{ end(): Promise<void> }>;
  start(name: JobName, variables: Readonly<Record<string, string>>, options?: JobOptions): RunningJob;
  job(name: JobName, variables: Readonly<Record<string, string>>, options?: JobOptions): Promise<JobOutcome>;
  /** The words of `docker run` for a container like a job's, up to the image's name. */
  jobWords(name: string, options: JobOptions, variables: Readonly<Record<string, string>>): readonly string[];
}

export async function aPostgres(): Promise<APostgres> {
  const image = readBed().images['postgres:15'];
  const id = randomBytes(4).toString('hex');
  const names = { network: `job-test-${id}`, database: `job-test-${id}-db` };
  const home = await mkdtemp(join(tmpdir(), 'oforest-jobs-'));
  const backups = join(home, 'backups');
  const passwords = {
    POSTGRES_PASSWORD: randomBytes(20).toString('hex'),
    DATABASE_PASSWORD: randomBytes(20).toString('hex'),
  };
  await mkdir(join(home, 'secrets'));
  await mkdir(backups);
  for (const [slot, password] of Object.entries(passwords)) await writeFile(join(home, 'secrets', slot), password);
  await writeFile(join(home, 'init.sh'), databaseInitScript, { mode: 0o755 });
  const secretsMount = `${join(home, 'secrets')}:/run/secrets:ro`;
  const docker = (words: readonly string[], input = '') => feed('docker', words, input);

  await docker(['network', 'create', names.network]);
  await docker([
    ...['run', '-d', '--name', names.database, '--network', names.network, '--network-alias', 'trust_db'],
    ...['-v', secretsMount, '-v', `${join(home, 'init.sh')}:/docker-entrypoint-initdb.d/10-oforest.sh:ro`],
    ...['-v', '/var/lib/postgresql/data', '-e', 'POSTGRES_PASSWORD_FILE=/run/secrets/POSTGRES_PASSWORD', image],
    ...['postgres', '-c', 'log_statement=none'],
  ]);
  const ready = ['exec', names.database, 'pg_isready', '-q', '-h', '127.0.0.1', '-U', 'study', '-d', 'otree'];
  await until('the database answers', () =>
    docker(ready).then(
      () => true,
      () => false,
    ),
  );

  const psql = (user: string, database: string) => [
    ...['exec', '-i', names.database, 'psql', '-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1'],
    ...['-U', user, '-d', database],
  ];
  const jobWords: APostgres['jobWords'] = (name, options, variables) => {
    const { operation = 'abcde12345', step = 'step', epoch = 1, data } = options;
    const environment = {
      DATABASE_HOST: 'trust_db',
      OPERATION: operation,
      STEP: step,
      EPOCH: String(epoch),
      ...variables,
    };
    return [
      ...['run', '--rm', '--name', name, '--network', names.network, '-v', secretsMount],
      ...['-v', `${options.backups ?? backups}:/backups`, ...(data ? ['-v', `${data}:/data`] : [])],
      ...Object.entries(environment).flatMap(([key, value]) => ['-e', `${key}=${value}`]),
      ...['--entrypoint', '/bin/sh', image],
    ];
  };
  const start: APostgres['start'] = (name, variables, options = {}) => {
    const container = `job-test-${id}-${randomBytes(4).toString('hex')}`;
    const words = [...jobWords(container, options, variables), '-c', jobScripts[name], 'oforest'];
    return { container, outcome: outcomeOf('docker', words) };
  };
  return {
    container: names.database,
    backups,
    passwords,
    docker,
    study: async (sql, database = 'otree') => (await docker(psql('study', database), sql)).trim(),
    superuser: async (sql) => (await docker(psql('postgres', 'postgres'), sql)).trim(),
    async hold(sql, { database = 'otree', user = 'study' } = {}) {
      const child = spawn('docker', psql(user, database), { stdio: ['pipe', 'pipe', 'ignore'] });
      const closed = new Promise<void>((done) => child.once('close', () => done()));
      child.stdin.on('error', () => {});
      child.stdin.write(`${sql}\n\\echo held\n`);
      await new Promise<void>((done) => child.stdout.once('data', () => done()));
      return {
        async end() {
          child.stdin.end();
          await closed;
        },
      };
    },
    start,
    job: (name, variables, options) => start(name, variables, options).outcome,
    jobWords,
    async [Symbol.asyncDispose]() {
      const left = (await docker(['ps', '-aq', '--filter', `name=job-test-${id}`])).split('\n').filter(Boolean);
      if (left.length > 0) await docker(['rm', '-f', '-v', ...left]);
      await docker(['network', 'rm', names.network]);
      await rm(home, { recursive: true, force: true });
    },
  };
}

export async function outcomeOf(program: string, words: readonly string[]): Promise<JobOutcome> {
  const options = { maxBuffer: 64 * 1024 * 1024, timeout: 120_000 };
  const { code, stdout, stderr } = await run(program, [...words], options).then(
    (done) => ({ code: 0, ...done }),
    (failed: { code: number; stdout: string; stderr: string }) => failed,
  );
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  const result = last.startsWith('oforest-result ') ? JSON.parse(last.slice('oforest-result '.length)) : undefined;
  return { exitCode: code, output: stdout + stderr, result };
}

function feed(program: string, words: readonly string[], input: string): Promise<string> {
  return new Promise((done, failed) => {
    const options = { maxBuffer: 64 * 1024 * 1024, timeout: 600_000 };
    const child = execFile(program, [...words], options, (error, stdout, stderr) =>
      // The words hold whole scripts.
      error ? failed(new Error(`${program} ${words[0]} failed: ${stderr.slice(-2000)}`)) : done(stdout),
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
