import type { Database } from '../database/database.ts';
import type { PostgresCluster } from '../database/postgres-cluster.ts';
import { PostgresError } from '../database/postgres-error.ts';
import type { ColumnType } from '../database/table.ts';
import { checkDatabase, type Job, JobFailure, type JobWork, type Json, waitDatabase } from './job.ts';
import { archives, begin, isArchive, isDone, record, refuseOldEpoch, timeOf, unlessFenced } from './job-ledger.ts';

/** A database of the study's: empty, or a copy of what was set aside. */
export function* createDatabase(job: Job): JobWork {
  const { DATABASE: database } = job.need('DATABASE');
  checkDatabase(database, 'live', 'new', 'check');
  const template = job.variable('TEMPLATE');
  if (template) checkDatabase(template, 'old');
  yield* waitDatabase(job);
  const done = yield* begin(job);
  if (done !== undefined) return done;
  const session = job.superuser();
  if (template && !session.cluster.database(template))
    throw new JobFailure('database-missing', 'What is to be copied is not there.');
  if (database === 'otree' && session.cluster.database(database))
    throw new JobFailure('refused', 'There is such a database already.');
  dropWhereThere(session.cluster, database);
  yield 200;
  session.cluster.createDatabase(database, { owner: 'study', ...(template && { template }) }).openToAll = false;
  yield 20;
  record(job, session.cluster, { database });
  return { database };
}

/** LIVE takes the name ARCHIVE, and DATABASE the name LIVE, in one transaction. */
export function* swap(job: Job): JobWork {
  const { LIVE: live, DATABASE: database, ARCHIVE: archive } = job.need('LIVE', 'DATABASE', 'ARCHIVE', 'REASON');
  checkDatabase(live, 'live');
  checkDatabase(database, 'new', 'old');
  checkDatabase(archive, 'old');
  if (database === archive) throw new JobFailure('refused', 'A database cannot be set aside under its own name.');
  yield* waitDatabase(job);
  const done = yield* begin(job);
  if (done !== undefined) return done;
  try {
    return yield* exchange(job, { live, database, archive });
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    // Who was cut off opens both again where it may, and where the server still runs.
    yield* unlessFenced(job);
    openAgain(job, [live, database]);
    if (error.sqlState === '55006')
      throw new JobFailure('connections-stay', 'Something stays connected to the database.');
    throw new JobFailure('refused', 'The database answered with SQLSTATE unknown (2).');
  }
}

function* exchange(
  job: Job,
  { live, database, archive }: { live: string; database: string; archive: string },
): JobWork {
  const session = job.superuser();
  const { cluster } = session;
  if (!cluster.database(live)) throw new JobFailure('database-missing', 'There is no live database.');
  if (!cluster.database(database))
    throw new JobFailure('database-missing', 'The database that is to become the live one is not there.');
  if (cluster.database(archive)) throw new JobFailure('refused', 'The name for the live database is taken.');
  const both: readonly Database[] = [cluster.find(live), cluster.find(database)];
  for (const one of both) one.allowConnections = false;
  yield 40;
  session.cluster.terminate((connection) => both.includes(connection.database));
  yield 200;
  if (job.backups.strike('connections-stay')) {
    yield 45_000;
    throw new PostgresError('55006', `database "${live}" is being accessed by other users`);
  }
  const result = { live, archive };
  session.cluster.transaction(() => {
    refuseOldEpoch(job, cluster);
    cluster.renameDatabase(live, archive);
    cluster.renameDatabase(database, live);
    cluster.find(live).allowConnections = true;
    cluster.find(archive).owner = 'postgres';
    cluster.find(live).owner = 'study';
    archives(cluster).delete((row) => row.database === database);
    const facts = { operation: job.operation, reason: job.variable('REASON'), at: timeOf(job) };
    archives(cluster).insert({ database: archive, ...facts });
    record(job, cluster, result);
  });
  yield 20;
  return result;
}

function openAgain(job: Job, names: readonly string[]): void {
  const { cluster } = job.superuser();
  for (const name of names) {
    const found = cluster.database(name);
    if (found && !isArchive(cluster, name)) found.allowConnections = true;
  }
}

/** Undoes the first half of a swap that was given up; of one that this operation did, it only tells. */
export function* open(job: Job): JobWork {
  const { DATABASE: database } = job.need('DATABASE');
  checkDatabase(database, 'live', 'new', 'old');
  yield* waitDatabase(job);
  const { cluster } = yield* unlessFenced(job);
  if (isDone(job, 'swap-databases', cluster)) return { switched: true };
  const found = cluster.database(database);
  if (!found) throw new JobFailure('database-missing', 'There is no such database.');
  if (isArchive(cluster, database)) throw new JobFailure('refused', 'A database that was set aside stays closed.');
  found.allowConnections = true;
  record(job, cluster, { database });
  return { database };
}

/** From now on whoever has an earlier epoch changes nothing; who is at it is cut off. */
export function* fence(given: Job): JobWork {
  const job = { ...given, step: 'fence' };
  yield* waitDatabase(job);
  const session = yield* unlessFenced(job);
  const { cluster } = session;
  const result = { epoch: job.epoch };
  record(job, cluster, result);
  session.cluster.terminate(({ applicationName }) => {
    const [, epoch] = /^oforest-job-(\d{1,9})$/.exec(applicationName) ?? [];
    return epoch !== undefined && Number(epoch) < job.epoch;
  });
  yield 20;
  return result;
}

export function* dropDatabases(job: Job): JobWork {
  const wanted = job.need('DATABASES').DATABASES.split(/\s+/).filter(Boolean);
  for (const name of wanted) checkDatabase(name, 'old', 'new', 'check');
  yield* waitDatabase(job);
  const done = yield* begin(job);
  if (done !== undefined) return done;
  const session = job.superuser();
  for (const name of wanted) {
    yield 60;
    dropWhereThere(session.cluster, name);
  }
  yield 20;
  const result: Json = { dropped: wanted };
  archives(session.cluster).delete((row) => wanted.includes(String(row.database)));
  record(job, session.cluster, result);
  return result;
}

const columnType =
  /^(?:smallint|integer|bigint|boolean|text|real|double precision|date|json|jsonb|bytea|uuid|interval|numeric(?:\(\d{1,4}(?:, ?\d{1,4})?\))?|character varying(?:\(\d{1,8}\))?|character(?:\(\d{1,8}\))?|(?:timestamp|time)(?:\([0-6]\))?(?: with(?:out)? time zone)?)$/;
const known: readonly ColumnType[] = ['integer', 'bigint', 'double precision', 'boolean', 'text', 'character varying'];

/** Columns that a newer image has, all or none; old rows stay empty in them. */
export function* addColumns(job: Job): JobWork {
  const { DATABASE: name, COLUMNS: columns } = job.need('DATABASE', 'COLUMNS');
  checkDatabase(name, 'live', 'new');
  yield* waitDatabase(job);
  const done = yield* begin(job);
  if (done !== undefined) return done;
  const wanted = JSON.parse(columns) as { table: string; column: string; type: string }[];
  const session = job.study(name);
  yield 60;
  const database = session.cluster.find(name);
  if (wanted.some(({ type }) => !columnType.test(type)))
    throw new JobFailure('refused', 'A column is of a type that is not added.');
  if (wanted.some(({ table }) => !database.tables.has(table)))
    throw new JobFailure('refused', 'A table that gets a column is not there.');
  const added = wanted.filter(({ table, column }) => !database.table(table).columns.has(column));
  for (const { table, column, type } of added) {
    const base = type.replace(/\(.*\)$/, '');
    database.table(table).addColumn(column, known.find((one) => one === base) ?? 'text');
  }
  session.close();
  yield 20;
  const result = { added: added.length };
  record(job, job.superuser().cluster, result);
  return result;
}

export function dropWhereThere(cluster: PostgresCluster, name: string): void {
  if (cluster.database(name)) cluster.dropDatabase(name, { force: true });
}
