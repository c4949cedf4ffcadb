import { PostgresError } from '../database/postgres-error.ts';
import { type Job, JobFailure, type JobWork, type Json } from './job.ts';
import { type Manifest, parseManifest } from './job-backups.ts';
import { archives } from './job-ledger.ts';

const auditFile = 'audit.jsonl';

/** Final backups, newest first, and, where the database answers, what was set aside. */
export function* list(job: Job): JobWork {
  yield 40;
  const files = { backups: finalBackups(job), freeBytes: job.backups.freeBytes };
  return { ...files, ...databasesOf(job) };
}

function databasesOf(job: Job): { archives: Json; live?: Json } {
  try {
    const { cluster } = job.superuser();
    const kept = archives(cluster).rows.flatMap(({ database, operation, reason, at }) => {
      const found = cluster.database(String(database));
      return found
        ? [{ database: found.name, operation: operation!, reason: reason!, at: at!, bytes: found.bytes }]
        : [];
    });
    const live = cluster.database('otree');
    return { archives: kept, ...(live && { live: { bytes: live.bytes } }) };
  } catch (error) {
    if (error instanceof PostgresError || error instanceof JobFailure) return { archives: [] };
    throw error;
  }
}

function finalBackups({ backups }: Job): Manifest[] {
  const found = backups.paths
    .filter((path) => path.endsWith('.json'))
    .flatMap((path) => {
      const manifest = parseManifest(backups.read(path));
      return manifest && backups.read(`${manifest.id}.dump`) ? [manifest] : [];
    });
  return found.sort((one, other) => (one.id < other.id ? 1 : -1));
}

/** Files of backups, but never those of the last one that was verified. */
export function* dropBackups(job: Job): JobWork {
  const { backups } = job;
  const wanted = job.variable('BACKUPS').split(/\s+/).filter(Boolean);
  yield 20;
  const kept = finalBackups(job).filter(({ id, verifiedAt }) => verifiedAt !== undefined && !wanted.includes(id));
  const last = finalBackups(job).find(({ verifiedAt }) => verifiedAt !== undefined);
  const dropped = wanted.filter((id) => kept.length > 0 || id !== last?.id);
  for (const id of dropped) {
    for (const path of [`${id}.json`, `${id}.json.partial`, `${id}.dump`, `${id}.dump.partial`]) backups.remove(path);
    yield 5;
  }
  return { dropped };
}

/** One line, once for each operation. */
export function* audit(job: Job): JobWork {
  yield 20;
  const line = job.variable('LINE');
  const { operation } = JSON.parse(line) as { operation: string };
  const before = job.backups.read(auditFile)?.toString() ?? '';
  const isThere = linesIn(before).some((one) => (JSON.parse(one) as { operation?: string }).operation === operation);
  if (!isThere) job.backups.write(auditFile, Buffer.from(`${before}${line}\n`));
  return {};
}

export function* readAudit({ backups }: Job): JobWork {
  yield 20;
  const lines = linesIn(backups.read(auditFile)?.toString() ?? '').slice(-200);
  return { lines: lines.map((line) => JSON.parse(line) as Json) };
}

const linesIn = (text: string) => text.split('\n').filter((line) => line !== '');

/** A container through which files come and go. */
export function* holdOpen(job: Job): JobWork {
  const seconds = Number(job.variable('SECONDS'));
  job.tell({ holds: seconds });
  yield seconds * 1000;
  return { holds: seconds };
}

/** Everything of a study that is purged. */
export function* empty({ container }: Job): JobWork {
  yield 100;
  const emptied: string[] = [];
  for (const target of ['/backups', '/data']) {
    const name = container.volumes.get(target);
    if (name === undefined) continue;
    const volume = container.volume(name);
    for (const path of volume.paths) volume.remove(path);
    if (target === '/data') container.clusterOn(name).erase();
    emptied.push(target);
    yield 50;
  }
  return { emptied };
}
