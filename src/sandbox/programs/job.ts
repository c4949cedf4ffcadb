import type { Connection, PostgresCluster } from '../database/postgres-cluster.ts';
import { PostgresError } from '../database/postgres-error.ts';
import { NoSpaceError, type Volume } from '../volumes/volume.ts';
import type { Container, Running } from './program.ts';
import { runShell } from './shell.ts';

/** How a job says what went wrong where that was foreseen. */
export type JobError =
  | 'fenced'
  | 'no-space'
  | 'dump-failed'
  | 'backup-missing'
  | 'backup-damaged'
  | 'backup-foreign'
  | 'backup-too-new'
  | 'verify-failed'
  | 'database-missing'
  | 'database-unreachable'
  | 'connections-stay'
  | 'refused';

export class JobFailure extends Error {
  readonly code: JobError;

  constructor(code: JobError, why: string) {
    super(why);
    this.code = code;
  }
}

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * What a job does, in pieces: each gives how many milliseconds the next one takes, and between two of them the job may
 * be cut off. Returns the result.
 */
export type JobWork = Generator<number, Json, void>;
export type JobScript = (job: Job) => JobWork;

/** Until the database answers, for a minute at most. */
export function* waitDatabase(job: Job): Generator<number, void, void> {
  for (let tries = 0; !job.answers(); tries += 1) {
    if (tries === 60) throw new JobFailure('database-unreachable', 'The database did not answer within a minute.');
    yield 1_000;
  }
}

/** A database of one of the kinds; throws `refused`. */
export function checkDatabase(name: string, ...kinds: readonly (keyof typeof kindsOfDatabases)[]): void {
  if (!kinds.some((kind) => kindsOfDatabases[kind].test(name)))
    throw new JobFailure('refused', `${name} is not to be used so.`);
}

const kindsOfDatabases = {
  live: /^otree$/,
  check: /^otree_check$/,
  new: /^otree_new_\w+$/,
  old: /^otree_old_\w+$/,
} as const;

/** A job's world. */
export interface Job {
  readonly container: Container;
  readonly operation: string;
  readonly step: string;
  readonly epoch: number;
  readonly backups: Volume;
  variable(name: string): string;
  /** The variables of these names. Throws `refused` where one is missing. */
  need<Name extends string>(...names: readonly Name[]): Record<Name, string>;
  /** Prints the result before the end of the work, which then returns it too. */
  tell(result: Json): void;
  answers(): boolean;
  /** In database `postgres` and in no other. */
  superuser(): Session;
  study(database: string): Session;
}

/** A connection of the job's. Whatever asks for its cluster fails once the server has ended it. */
export interface Session {
  readonly cluster: PostgresCluster;
  readonly connection: Connection;
  close(): void;
}

const startMs = 120;

export function runJob(container: Container, name: string, script: JobScript): Running {
  const endsWith = name === 'hold-open' ? 0 : 143;
  const sessions = new Set<Session>();
  const job = jobIn(container, sessions);
  let cancel = () => {};
  let number = 0;
  let isTerminated = false;
  let isTold = false;
  const tell = (result: Json) => {
    if (!isTold) container.print(`oforest-result ${JSON.stringify(result)}`);
    isTold = true;
  };
  const work = script({ ...job, tell });

  function goOn(): void {
    number += 1;
    const isDue = (trouble: { script: string; beforeStep: number }) =>
      trouble.script === name && trouble.beforeStep === number;
    if (job.backups.strike('crash', isDue)) {
      container.exit(137);
      return;
    }
    try {
      if (isTerminated) {
        // What a script does on its way out stands in `finally`.
        work.return(null);
        container.exit(endsWith);
        return;
      }
      const { done, value } = work.next();
      if (!done) {
        cancel = container.timeline.after(value, goOn);
        return;
      }
      tell(value);
      container.exit(0);
    } catch (error) {
      const { code, message } = failureOf(error);
      container.print(`oforest-result ${JSON.stringify({ error: code, why: message })}`);
      container.exit(1);
    }
  }

  // How far one was that ran when the sandbox was closed is not known: it is as if its node had lost power.
  if (container.resumed) container.exit(137);
  else cancel = container.timeline.after(startMs, goOn);
  return {
    exec: (words) => runShell(container, words),
    terminate() {
      isTerminated = true;
      // A shell hears of it once the program that it waits for has ended; `hold-open` waits for nothing else.
      if (name !== 'hold-open') return;
      cancel();
      goOn();
    },
    end() {
      cancel();
      for (const session of sessions) session.close();
    },
  };
}

function needed({ variables }: Container, name: string): string {
  const value = variables.get(name) ?? '';
  if (value === '') throw new JobFailure('refused', `The job was started without ${name}.`);
  return value;
}

function failureOf(error: unknown): JobFailure {
  if (error instanceof JobFailure) return error;
  if (error instanceof NoSpaceError) return new JobFailure('no-space', error.message);
  if (error instanceof PostgresError) return new JobFailure('database-unreachable', error.message);
  throw error;
}

function jobIn(container: Container, sessions: Set<Session>): Omit<Job, 'tell'> {
  const variable = (name: string) => container.variables.get(name) ?? '';
  const epoch = Number(variable('EPOCH') || 0);
  const open = (database: string, role: string, secret: string): Session => {
    const cluster = container.postgres(variable('DATABASE_HOST'));
    if (!cluster) throw new JobFailure('database-unreachable', 'The database did not answer, or ended the connection.');
    const password = container.files.get(`/run/secrets/${secret}`)?.toString().replace(/\n$/, '') ?? '';
    const connection = cluster.connect({ database, role, password, applicationName: `oforest-job-${epoch}` });
    const session: Session = {
      get cluster() {
        if (connection.isOpen) return cluster;
        throw new PostgresError('57P01', 'terminating connection due to administrator command');
      },
      connection,
      close() {
        connection.close();
        sessions.delete(session);
      },
    };
    sessions.add(session);
    return session;
  };
  return {
    container,
    operation: variable('OPERATION'),
    step: variable('STEP'),
    epoch,
    backups: container.volume(container.volumes.get('/backups') ?? `none-of-${container.id}`),
    variable,
    need: (...names) => Object.fromEntries(names.map((name) => [name, needed(container, name)])) as never,
    answers: () => container.postgres(variable('DATABASE_HOST')) !== undefined,
    superuser: () => open('postgres', 'postgres', 'POSTGRES_PASSWORD'),
    study: (database) => open(database, 'study', 'DATABASE_PASSWORD'),
  };
}
