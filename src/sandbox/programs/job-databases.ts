import type { PostgresCluster } from '../database/postgres-cluster.ts';
import type { ColumnType } from '../database/table.ts';
import { type Job, JobFailure, type JobWork } from './job.ts';
import { dropWhereThere } from './job-backups.ts';
import { archives, fencedChange, isArchive, record, recorded, refuseOldEpoch, timeOf } from './job-ledger.ts';

/** An empty database of the study's. */
export function* createDatabase(job: Job): JobWork {
  return yield* fencedChange(job, function* () {
    const database = job.variable('DATABASE');
    if (!/^otree_new_|^otree_check$/.test(database))
      throw new JobFailure('refused', `${database} is not a new database`);
    const session = job.superuser();
    dropWhereThere(session.cluster, database);
    yield 200;
    session.cluster.createDatabase(database, { owner: 'study' }).openToAll = false;
    session.close();
    return { database };
  });
}

/** LIVE takes the name ARCHIVE, and DATABASE the name LIVE, in one transaction. */
export function* swap(job: Job): JobWork {
  const [live, database, archive] = ['LIVE', 'DATABASE', 'ARCHIVE'].map(job.variable) as [string, string, string];
  const session = job.superuser();
  const { cluster } = session;
  yield 20;
  refuseOldEpoch(job, session.cluster);
  const before = recorded(job, session.cluster);
  if (before !== undefined) return before;
  for (const name of [live, database])
    if (!cluster.database(name)) throw new JobFailure('database-missing', `database "${name}" does not exist`);
  const both = [cluster.find(live), cluster.find(database)];
  for (const one of both) one.allowConnections = false;
  yield 40;
  session.cluster.terminate((connection) => both.includes(connection.database));
  yield 200;
  if (
    job.backups.strike('connections-stay') ||
    session.cluster.connections.some((one) => both.includes(one.database))
  ) {
    for (const one of both) one.allowConnections = !isArchive(cluster, one.name);
    throw new JobFailure('connections-stay', 'somebody holds a connection that does not end');
  }
  const result = { live, archive };
  session.cluster.transaction(() => {
    refuseOldEpoch(job, cluster);
    cluster.renameDatabase(live, archive);
    cluster.renameDatabase(database, live);
    cluster.find(live).allowConnections = true;
    const { operation } = job;
    archives(cluster).delete((row) => row.database === database);
    archives(cluster).insert({ database: archive, operation, reason: job.variable('REASON'), at: timeOf(job) });
    record(job, cluster, result);
  });
  yield 20;
  return result;
}

/** Undoes the first half of a swap that was given up. */
export function* open(job: Job): JobWork {
  const session = job.superuser();
  yield 20;
  const { cluster } = session;
  refuseOldEpoch(job, cluster);
  const database = job.variable('DATABASE');
  const found = cluster.database(database);
  if (!found) throw new JobFailure('database-missing', `database "${database}" does not exist`);
  if (!isArchive(cluster, database)) found.allowConnections = true;
  return { database };
}

/** From now on whoever has an earlier epoch changes nothing; who is at it is cut off. */
export function* fence(job: Job): JobWork {
  const session = job.superuser();
  yield 20;
  const { cluster } = session;
  refuseOldEpoch(job, cluster);
  const result = { epoch: job.epoch };
  record({ ...job, step: 'fence' }, cluster, result);
  session.cluster.terminate(({ role, applicationName }) => {
    const [, epoch] = /^oforest-job-(\d+)$/.exec(applicationName) ?? [];
    return role === 'postgres' && epoch !== undefined && Number(epoch) < job.epoch;
  });
  yield 20;
  return result;
}

export function* dropDatabases(job: Job): JobWork {
  return yield* fencedChange(job, function* () {
    const wanted = job.variable('DATABASES').split(/\s+/).filter(Boolean);
    const wrong = wanted.find((name) => !/^otree_(?:old|new)_|^otree_check$/.test(name));
    if (wrong !== undefined) throw new JobFailure('refused', `${wrong} is not a database that may be dropped`);
    const session = job.superuser();
    for (const name of wanted) {
      yield 60;
      dropWhereThere(session.cluster, name);
      archives(session.cluster).delete((row) => row.database === name);
    }
    return { dropped: wanted };
  });
}

const columnTypes: Readonly<Record<string, ColumnType>> = {
  integer: 'integer',
  bigint: 'bigint',
  'double precision': 'double precision',
  boolean: 'boolean',
  text: 'text',
  'character varying': 'character varying',
};

/** Columns that a newer image has, all or none; old rows stay empty in them. */
export function* addColumns(job: Job): JobWork {
  return yield* fencedChange(job, function* () {
    const wanted = JSON.parse(job.variable('COLUMNS')) as { table: string; column: string; type: string }[];
    const session = job.study(job.variable('DATABASE'));
    yield 60;
    const changes = wanted.map(({ table, column, type }) => {
      const known = columnTypes[type.replace(/\(\d+\)$/, '')];
      if (!known) throw new JobFailure('refused', `${type} is not a type that can be added`);
      return { table: ofStudy(session.cluster, job, table), column, type: known };
    });
    for (const { table, column, type } of changes) if (!table.columns.has(column)) table.addColumn(column, type);
    session.close();
    return { added: changes.length };
  });
}

function ofStudy(cluster: PostgresCluster, job: Job, name: string) {
  const table = cluster.find(job.variable('DATABASE')).tables.get(name);
  if (table) return table;
  throw new JobFailure('refused', `relation "${name}" does not exist`);
}
