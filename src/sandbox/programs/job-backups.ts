import { createHash } from 'node:crypto';
import {
  dumpOf,
  factsOf,
  parseDump,
  restoreInto,
  type Snapshot,
  sequencesOf,
  snapshotOf,
  type TableFacts,
} from '../database/dump.ts';
import { NoSpaceError } from '../volumes/volume.ts';
import { checkDatabase, type Job, JobFailure, type JobWork, type Json, type Session, waitDatabase } from './job.ts';
import { dropWhereThere } from './job-databases.ts';
import { begin, record, timeOf, unlessFenced } from './job-ledger.ts';

const postgresVersion = '15.15';
const manifestFormat = 1;
const spareBytes = 16 * 1024 ** 2;
const perRowMs = 0.05;
const scratch = 'otree_check';

export interface Manifest {
  readonly [fact: string]: Json;
  readonly id: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly rows: number;
}

/** Writes `BACKUP.dump.partial` and then `BACKUP.json.partial`; the manifest. */
export function* dump(job: Job): JobWork {
  const { DATABASE: name, BACKUP: id, FACTS: facts } = job.need('DATABASE', 'BACKUP', 'FACTS');
  checkDatabase(name, 'live', 'old');
  checkBackup(id);
  const earlier = earlierDump(job, id);
  if (earlier) return earlier;
  yield* waitDatabase(job);
  const superuser = yield* unlessFenced(job, 40);
  const database = superuser.cluster.database(name);
  if (!database) throw new JobFailure('database-missing', 'There is no such database.');
  if (!database.allowConnections) throw new JobFailure('refused', 'The database is closed.');
  superuser.close();
  const needed = Math.floor(2.5 * database.bytes) + spareBytes;
  const { freeBytes } = job.backups;
  if (freeBytes < needed)
    throw new JobFailure('no-space', `${freeBytes} bytes are free for backups, and ${needed} are needed.`);
  let isDone = false;
  try {
    const manifest = yield* writeDump(job, { name, id, facts: JSON.parse(facts) as Record<string, Json> });
    isDone = true;
    return manifest;
  } finally {
    if (!isDone) for (const end of ['dump.partial', 'json.partial']) job.backups.remove(`${id}.${end}`);
  }
}

/** Of a run before this one. */
function earlierDump({ backups }: Job, id: string): Manifest | undefined {
  const final = backups.read(`${id}.dump`) && parseManifest(backups.read(`${id}.json`));
  if (final) return final;
  const dumped = backups.read(`${id}.dump`) ?? backups.read(`${id}.dump.partial`);
  return dumped && parseManifest(backups.read(`${id}.json.partial`));
}

function* writeDump(
  job: Job,
  { name, id, facts }: { name: string; id: string; facts: Record<string, Json> },
): Generator<number, Manifest, void> {
  const session = job.study(name);
  const { database } = session.connection;
  const databaseBytes = database.bytes;
  const takenAt = timeOf(job);
  const snapshot = snapshotOf(database);
  const tables = factsOf(snapshot);
  const rows = rowsIn(tables);
  const bytes = dumpOf(snapshot);
  yield* connected(session, 'dump-failed', function* () {
    yield 150 + rows * perRowMs;
    writeOrFail(job, `${id}.dump.partial`, bytes.subarray(0, Math.floor(bytes.length / 2)));
    yield 150 + rows * perRowMs;
  });
  writeOrFail(job, `${id}.dump.partial`, bytes);
  session.close();
  yield 40;
  const superuser = job.superuser();
  yield 20;
  superuser.close();
  const manifest: Manifest = {
    ...facts,
    ...{ format: manifestFormat, id, takenAt, database: name, databaseBytes },
    ...{ bytes: bytes.length, sha256: sha256(bytes), postgres: postgresVersion },
    tables: plain(tables),
    sequences: Object.fromEntries(Object.entries(sequencesOf(snapshot)).map(([key, next]) => [key, [next, next]])),
    rows,
    participants: tables.otree_participant?.rows ?? 0,
    sessions: tables.otree_session?.rows ?? 0,
  };
  writeOrFail(job, `${id}.json.partial`, asFile(manifest));
  return manifest;
}

/** Restores it beside, compares, and names it final; the manifest. */
export function* verify(job: Job): JobWork {
  const { backups } = job;
  const { BACKUP: id } = job.need('BACKUP');
  checkBackup(id);
  yield* waitDatabase(job);
  const done = yield* begin(job);
  const final = backups.read(`${id}.dump`) && parseManifest(backups.read(`${id}.json`));
  if (done !== undefined && final) return final;
  const found = yield* findBackup(job, id);
  try {
    yield* restore(job, scratch, found);
  } catch (error) {
    const isFenced = error instanceof JobFailure && error.code === 'fenced';
    if (!isFenced && job.answers()) dropWhereThere(job.superuser().cluster, scratch);
    throw error;
  }
  const session = yield* unlessFenced(job, 60);
  dropWhereThere(session.cluster, scratch);
  yield 20;
  if (found.isPartial) backups.rename(`${id}.dump.partial`, `${id}.dump`);
  yield 20;
  const manifest: Manifest = { ...found.manifest, verifiedAt: timeOf(job) };
  keep(job, `${id}.json`, manifest);
  backups.remove(`${id}.json.partial`);
  yield 20;
  record(job, session.cluster, { backup: id });
  return manifest;
}

/** A new database with the content of a backup. */
export function* fill(job: Job): JobWork {
  const { DATABASE: database, BACKUP: id } = job.need('DATABASE', 'BACKUP');
  checkDatabase(database, 'new');
  checkBackup(id);
  yield* waitDatabase(job);
  const done = yield* begin(job);
  if (done !== undefined) return done;
  const found = yield* findBackup(job, id);
  yield* restore(job, database, found);
  const session = job.superuser();
  yield 20;
  const result = { database, tables: Object.keys(found.snapshot).length, rows: found.manifest.rows };
  record(job, session.cluster, result);
  return result;
}

interface FoundBackup {
  readonly manifest: Manifest;
  readonly snapshot: Snapshot;
  readonly isPartial: boolean;
}

/** Throws unless its manifest is one for this study and its dump is what was written. */
function* findBackup(job: Job, id: string): Generator<number, FoundBackup, void> {
  const { backups } = job;
  const text = backups.read(`${id}.json`) ?? backups.read(`${id}.json.partial`);
  const isPartial = backups.read(`${id}.dump`) === undefined;
  const bytes = backups.read(isPartial ? `${id}.dump.partial` : `${id}.dump`);
  if (!bytes || !text) throw new JobFailure('backup-missing', `There is no backup ${id}.`);
  const session = job.superuser();
  yield 30;
  session.close();
  const manifest = checkedManifest(parseManifest(text), id, stackOf(job));
  yield 10 + manifest.rows * perRowMs;
  if (bytes.length !== manifest.bytes)
    throw new JobFailure('backup-damaged', 'The dump has not the size it was written with.');
  if (sha256(bytes) !== manifest.sha256) throw new JobFailure('backup-damaged', 'The dump is not what was written.');
  const snapshot = parseDump(bytes);
  // Its hash is that of its manifest, but pg_restore makes nothing of it.
  if (!snapshot) throw new JobFailure('verify-failed', 'The dump could not be restored: the tool of Postgres gave up.');
  return { manifest, snapshot, isPartial };
}

/** Jobs are named by the host of the database they belong to; undefined: any study's will do. */
function stackOf(job: Job): string | undefined {
  if (job.variable('FOREIGN_OK') === '1') return undefined;
  const [, own] = /^(.*)_db$/.exec(job.variable('DATABASE_HOST')) ?? [];
  return job.variable('STACK') || own;
}

function checkedManifest(manifest: Manifest | undefined, id: string, stack: string | undefined): Manifest {
  if (!manifest || typeof manifest.format !== 'number')
    throw new JobFailure('backup-damaged', 'The manifest is no manifest.');
  if (manifest.format > manifestFormat) throw new JobFailure('backup-too-new', 'The manifest is of a newer format.');
  if (!/^\d{1,4}(?:\.|$)/.test(String(manifest.postgres)))
    throw new JobFailure('backup-damaged', 'The manifest does not name its Postgres.');
  if (Number.parseInt(String(manifest.postgres), 10) > Number.parseInt(postgresVersion, 10))
    throw new JobFailure('backup-too-new', 'The backup was made by a newer Postgres.');
  if (manifest.id !== id) throw new JobFailure('backup-foreign', 'The manifest is that of another backup.');
  if (stack !== undefined && manifest.stack !== stack)
    throw new JobFailure('backup-foreign', 'The backup is of another study.');
  if (
    !Number.isInteger(manifest.bytes) ||
    !/^[0-9a-f]{64}$/.test(manifest.sha256) ||
    typeof manifest.tables !== 'object'
  )
    throw new JobFailure('backup-damaged', 'The manifest lacks what the dump is checked against.');
  return manifest;
}

/** Into a new database, as role study; half of it is there where it is cut off in between. */
function* restore(job: Job, name: string, { manifest, snapshot }: FoundBackup): Generator<number, void, void> {
  const superuser = yield* unlessFenced(job);
  dropWhereThere(superuser.cluster, name);
  superuser.cluster.createDatabase(name, { owner: 'study' }).openToAll = false;
  superuser.close();
  const session = job.study(name);
  const tables = Object.entries(snapshot);
  const half = Math.ceil(tables.length / 2);
  yield* connected(session, 'database-unreachable', function* () {
    yield 150 + manifest.rows * perRowMs;
    restoreInto(session.connection.database, Object.fromEntries(tables.slice(0, half)));
    yield 150 + manifest.rows * perRowMs;
  });
  restoreInto(session.connection.database, Object.fromEntries(tables.slice(half)));
  const facts = factsOf(snapshotOf(session.connection.database));
  session.close();
  const after = yield* unlessFenced(job);
  after.close();
  if (!isSame(facts, manifest.tables))
    throw new JobFailure('verify-failed', 'What was restored is not what was dumped.');
}

/** Does the work, and fails with the code where the server has ended the connection meanwhile. */
function* connected(
  session: Session,
  code: 'dump-failed' | 'database-unreachable',
  work: () => Generator<number, void, void>,
): Generator<number, void, void> {
  for (const ms of work()) {
    yield ms;
    if (session.connection.isOpen) continue;
    const what = code === 'dump-failed' ? 'The dump was not written' : 'The dump could not be restored';
    throw new JobFailure(code, `${what}: the database ended the connection.`);
  }
}

function writeOrFail({ backups }: Job, path: string, bytes: Buffer): void {
  try {
    backups.write(path, bytes);
  } catch (error) {
    if (!(error instanceof NoSpaceError)) throw error;
    throw new JobFailure('dump-failed', 'The dump was not written: the disk is full.');
  }
}

/** All of it is there under that name, or the name is as it was. */
function keep({ backups }: Job, path: string, manifest: Manifest): void {
  const writing = `${path}.writing`;
  try {
    backups.write(writing, asFile(manifest));
    backups.rename(writing, path);
  } catch (error) {
    if (!(error instanceof NoSpaceError)) throw error;
    backups.remove(writing);
    throw new JobFailure('no-space', 'The manifest was not written: the disk is full.');
  }
}

export function checkBackup(id: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(id)) throw new JobFailure('refused', 'That is not the id of a backup.');
}

export function parseManifest(bytes: Buffer | undefined): Manifest | undefined {
  try {
    const found: unknown = JSON.parse(bytes?.toString() ?? '');
    return typeof found === 'object' && found !== null && !Array.isArray(found) ? (found as Manifest) : undefined;
  } catch {
    return undefined;
  }
}

function isSame(facts: Record<string, TableFacts>, told: Json | undefined): boolean {
  const wanted = told as unknown as Record<string, TableFacts>;
  const names = Object.keys(facts);
  const equal = (name: string) =>
    facts[name]?.digest === wanted[name]?.digest && facts[name]?.rows === wanted[name]?.rows;
  return names.length === Object.keys(wanted).length && names.every(equal);
}

const plain = (tables: Record<string, TableFacts>) =>
  Object.fromEntries(Object.entries(tables).map(([name, { rows, digest }]) => [name, { rows, digest }]));
const rowsIn = (tables: Record<string, TableFacts>) => Object.values(tables).reduce((sum, { rows }) => sum + rows, 0);
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const asFile = (manifest: Manifest) => Buffer.from(`${JSON.stringify(manifest)}\n`);
