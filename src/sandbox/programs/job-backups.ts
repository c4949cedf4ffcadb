import { createHash } from 'node:crypto';
import { dumpOf, factsOf, parseDump, restoreInto, snapshotOf, type TableFacts } from '../database/dump.ts';
import type { PostgresCluster } from '../database/postgres-cluster.ts';
import { PostgresError } from '../database/postgres-error.ts';
import { NoSpaceError } from '../volumes/volume.ts';
import { type Job, JobFailure, type JobWork, type Json, type Session } from './job.ts';
import { fencedChange, refuseOldEpoch } from './job-ledger.ts';

const postgresVersion = '15.15';
const spareBytes = 16 * 1024 ** 2;
const perRowMs = 0.05;
const checkDatabase = 'otree_check';

export interface Manifest {
  readonly [fact: string]: Json;
  readonly id: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly rows: number;
}

/** Writes `BACKUP.dump.partial` and then `BACKUP.json.partial`; the manifest. */
export function* dump(job: Job): JobWork {
  const { backups } = job;
  const id = job.variable('BACKUP');
  const superuser = job.superuser();
  yield 20;
  refuseOldEpoch(job, superuser.cluster);
  superuser.close();
  const session = openLive(job, job.variable('DATABASE'));
  yield 30;
  const { database } = session.connection;
  const needed = 2.5 * database.bytes + spareBytes;
  if (backups.freeBytes < needed)
    throw new JobFailure('no-space', `${backups.freeBytes} bytes are free for backups, and ${needed} are needed`);
  const snapshot = snapshotOf(database);
  const tables = factsOf(snapshot);
  const rows = rowsIn(tables);
  const bytes = dumpOf(snapshot);
  job.say(`dumping ${rows} rows`);
  yield* connected(session, 'dump-failed', function* () {
    yield 150 + rows * perRowMs;
    writeOrFail(job, `${id}.dump.partial`, bytes.subarray(0, Math.floor(bytes.length / 2)));
    yield 150 + rows * perRowMs;
  });
  writeOrFail(job, `${id}.dump.partial`, bytes);
  session.close();
  yield 40;
  const manifest: Manifest = {
    ...{ format: 1, id, takenAt: now(job), database: database.name },
    ...{ bytes: bytes.length, sha256: sha256(bytes), postgres: postgresVersion, tables: { ...plain(tables) }, rows },
    participants: tables.otree_participant?.rows ?? 0,
    sessions: tables.otree_session?.rows ?? 0,
    ...(JSON.parse(job.variable('FACTS') || '{}') as Record<string, Json>),
  };
  writeOrFail(job, `${id}.json.partial`, asFile(manifest));
  yield 10;
  return manifest;
}

/** Restores it beside, compares, and names it final; the manifest. */
export function* verify(job: Job): JobWork {
  const { backups } = job;
  const found = findBackup(job);
  const superuser = job.superuser();
  yield 40 + found.manifest.rows * perRowMs;
  refuseOldEpoch(job, superuser.cluster);
  const snapshot = checkedDump(found);
  dropWhereThere(superuser.cluster, checkDatabase);
  superuser.cluster.createDatabase(checkDatabase, { owner: 'study' }).openToAll = false;
  yield* restore(job, checkDatabase, snapshot, found.manifest);
  dropWhereThere(superuser.cluster, checkDatabase);
  superuser.close();
  yield 60;
  const { id } = found.manifest;
  if (found.isPartial) backups.rename(`${id}.dump.partial`, `${id}.dump`);
  yield 10;
  const manifest: Manifest = { ...found.manifest, verifiedAt: now(job) };
  writeOrFail(job, `${id}.json.partial`, asFile(manifest));
  backups.rename(`${id}.json.partial`, `${id}.json`);
  return manifest;
}

/** A new database with the content of a backup. */
export function* fill(job: Job): JobWork {
  return yield* fencedChange(job, function* () {
    const database = job.variable('DATABASE');
    if (!/^otree_new_/.test(database)) throw new JobFailure('refused', `${database} is not a new database`);
    const found = findBackup(job);
    yield 40 + found.manifest.rows * perRowMs;
    const snapshot = checkedDump(found);
    const superuser = job.superuser();
    dropWhereThere(superuser.cluster, database);
    superuser.cluster.createDatabase(database, { owner: 'study' }).openToAll = false;
    superuser.close();
    yield* restore(job, database, snapshot, found.manifest);
    return { database, tables: Object.keys(snapshot).length, rows: found.manifest.rows };
  });
}

interface FoundBackup {
  readonly manifest: Manifest;
  readonly bytes: Buffer;
  readonly isPartial: boolean;
}

/** Throws `backup-missing`, or `backup-damaged` for a manifest that is none. */
function findBackup(job: Job): FoundBackup {
  const { backups } = job;
  const id = job.variable('BACKUP');
  const isPartial = backups.read(`${id}.dump`) === undefined;
  const bytes = backups.read(isPartial ? `${id}.dump.partial` : `${id}.dump`);
  const text = backups.read(`${id}.json`) ?? backups.read(`${id}.json.partial`);
  if (!bytes || !text) throw new JobFailure('backup-missing', `there is no backup ${id}`);
  const manifest = parseManifest(text);
  if (!manifest) throw new JobFailure('backup-damaged', `the manifest of ${id} cannot be read`);
  if (manifest.id !== id) throw new JobFailure('backup-foreign', `the manifest of ${id} is that of another backup`);
  if (Number(manifest.format) > 1 || majorOf(manifest.postgres) > majorOf(postgresVersion))
    throw new JobFailure('backup-too-new', `${id} was made by a newer version`);
  return { manifest, bytes, isPartial };
}

function checkedDump({ manifest, bytes }: FoundBackup) {
  const snapshot = bytes.length === manifest.bytes && sha256(bytes) === manifest.sha256 ? parseDump(bytes) : undefined;
  if (snapshot) return snapshot;
  throw new JobFailure('backup-damaged', `${manifest.id} is not what was written: its size or hash differs`);
}

/** As role study; half of it is there where it is cut off in between. */
function* restore(
  job: Job,
  name: string,
  snapshot: ReturnType<typeof snapshotOf>,
  manifest: Manifest,
): Generator<number, void, void> {
  const session = job.study(name);
  const tables = Object.entries(snapshot);
  const half = Math.ceil(tables.length / 2);
  yield* connected(session, 'verify-failed', function* () {
    yield 150 + manifest.rows * perRowMs;
    restoreInto(session.connection.database, Object.fromEntries(tables.slice(0, half)));
    yield 150 + manifest.rows * perRowMs;
  });
  restoreInto(session.connection.database, Object.fromEntries(tables.slice(half)));
  const facts = factsOf(snapshotOf(session.connection.database));
  session.close();
  if (JSON.stringify(facts) !== JSON.stringify(manifest.tables))
    throw new JobFailure('verify-failed', `what ${manifest.id} holds is not what its manifest says`);
}

/** Does the work, and fails with the code where the server has ended the connection meanwhile. */
function* connected(
  session: Session,
  code: 'dump-failed' | 'verify-failed',
  work: () => Generator<number, void, void>,
): Generator<number, void, void> {
  for (const ms of work()) {
    yield ms;
    if (!session.connection.isOpen)
      throw new JobFailure(code, 'the database ended the connection: server closed the connection unexpectedly');
  }
}

function openLive(job: Job, database: string): Session {
  try {
    return job.study(database);
  } catch (error) {
    if (error instanceof PostgresError && error.sqlState === '3D000')
      throw new JobFailure('database-missing', error.message);
    throw error;
  }
}

function writeOrFail({ backups }: Job, path: string, bytes: Buffer): void {
  try {
    backups.write(path, bytes);
  } catch (error) {
    if (!(error instanceof NoSpaceError)) throw error;
    throw new JobFailure('dump-failed', error.message);
  }
}

export function dropWhereThere(cluster: PostgresCluster, database: string): void {
  if (cluster.database(database)) cluster.dropDatabase(database, { force: true });
}

export function parseManifest(bytes: Buffer | undefined): Manifest | undefined {
  try {
    const found: unknown = JSON.parse(bytes?.toString() ?? '');
    return typeof found === 'object' && found !== null && 'id' in found ? (found as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

const plain = (tables: Record<string, TableFacts>) =>
  Object.fromEntries(Object.entries(tables).map(([name, { rows, digest }]) => [name, { rows, digest }]));
const rowsIn = (tables: Record<string, TableFacts>) => Object.values(tables).reduce((sum, { rows }) => sum + rows, 0);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const majorOf = (version: Json | undefined) => Number.parseInt(String(version), 10) || 0;
const asFile = (manifest: Manifest) => Buffer.from(`${JSON.stringify(manifest)}\n`);
const now = ({ container }: Job) => new Date(container.timeline.now()).toISOString();
