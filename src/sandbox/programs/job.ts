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

/** A job's world. */
export interface Job {
  readonly container: Container;
  readonly operation: string;
  readonly step: string;
  readonly epoch: number;
  readonly backups: Volume;
  variable(name: string): string;
  say(line: string): void;
  /** Prints the result before the end of the work, which then returns it too. */
  tell(result: Json): void;
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
  const sessions = new Set<Session>();
  const job = jobIn(container, sessions);
  let cancel = () => {};
  let number = 0;
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
    end() {
      cancel();
      for (const session of sessions) session.close();
    },
  };
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
    if (!cluster) throw new JobFailure('database-unreachable', 'the database does not answer');
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
    say: (line) => container.print(line),
    superuser: () => open('postgres', 'postgres', 'POSTGRES_PASSWORD'),
    study: (database) => open(database, 'study', 'DATABASE_PASSWORD'),
  };
}
