import { type Job, JobFailure, type JobWork, type Json } from './job.ts';
import { checkBackup, type Manifest, parseManifest } from './job-backups.ts';
import { archives, refuseOldEpoch } from './job-ledger.ts';

const auditFile = 'audit.jsonl';

/** Final backups, newest first, and, where the database answers, what was set aside. */
export function* list(job: Job): JobWork {
  yield 40;
  const { backups } = job;
  const halves = [...idsOf(job, 'dump.partial'), ...idsOf(job, 'json.partial')];
  const unfinished = [...new Set(halves)].sort();
  const files = { backups: finalBackups(job), unfinished, freeBytes: backups.freeBytes };
  for (let tries = 0; tries < 2 && !job.answers(); tries += 1) yield 1_000;
  if (!job.answers()) return { ...files, reachable: false, archives: [], databases: [], live: null };
  const { cluster } = job.superuser();
  yield 20;
  const kept = archives(cluster).rows.flatMap(({ database, operation, reason, at }) => {
    const found = cluster.database(String(database));
    const facts = { operation: operation ?? null, reason: reason ?? null, at: String(at) };
    return found ? [{ database: found.name, ...facts, bytes: found.bytes }] : [];
  });
  const live = cluster.database('otree');
  const databases = cluster.databases.filter(({ name }) => name.startsWith('otree'));
  return {
    ...files,
    reachable: true,
    archives: kept.sort((one, other) => (one.at < other.at ? 1 : -1)),
    databases: databases.map(({ name, bytes }) => ({ database: name, bytes })),
    live: live ? { bytes: live.bytes } : null,
  };
}

/** Newest first: they begin with the time. */
function idsOf({ backups }: Job, end: string): string[] {
  const paths = backups.paths.filter((path) => path.endsWith(`.${end}`));
  return paths.map((path) => path.slice(0, -end.length - 1)).sort((one, other) => (one < other ? 1 : -1));
}

function finalBackups(job: Job): Manifest[] {
  return idsOf(job, 'json').flatMap((id) => {
    const manifest = parseManifest(job.backups.read(`${id}.json`));
    return manifest && job.backups.read(`${id}.dump`) ? [manifest] : [];
  });
}

/** Files of backups, but never those of the last one that was verified. */
export function* dropBackups(job: Job): JobWork {
  const { backups } = job;
  const wanted = job.need('BACKUPS').BACKUPS.split(/\s+/).filter(Boolean);
  for (const id of wanted) checkBackup(id);
  yield 20;
  if (job.answers()) refuseOldEpoch(job, job.superuser().cluster);
  const verified = finalBackups(job).filter(({ verifiedAt }) => verifiedAt !== undefined);
  const kept = verified.filter(({ id }) => !wanted.includes(id));
  if (kept.length === 0 && verified.length > 0)
    throw new JobFailure('refused', 'The last verified backup is never dropped.');
  for (const id of wanted) {
    // The manifest first: without it a dump is no backup.
    for (const end of ['json', 'json.partial', 'json.writing', 'dump', 'dump.partial']) backups.remove(`${id}.${end}`);
    yield 5;
  }
  return { dropped: wanted };
}

/** One line, once for each operation. */
export function* audit(job: Job): JobWork {
  const { LINE: line } = job.need('LINE');
  yield 20;
  if (line.includes('\n') || jsonIn(line) === undefined)
    throw new JobFailure('refused', 'What is to be written down is not one JSON object.');
  const mark = `"operation":"${job.operation}"`;
  if (!line.includes(mark)) throw new JobFailure('refused', 'What is to be written down is of another operation.');
  const before = job.backups.read(auditFile)?.toString() ?? '';
  const isThere = before.split('\n').some((one) => one.includes(mark) && jsonIn(one) !== undefined);
  // A line that was cut off by a crash stays alone.
  const gap = before === '' || before.endsWith('\n') ? '' : '\n';
  if (!isThere) job.backups.write(auditFile, Buffer.from(`${before}${gap}${line}\n`));
  return {};
}

export function* readAudit({ backups }: Job): JobWork {
  yield 20;
  const lines = (backups.read(auditFile)?.toString() ?? '').split('\n').filter((line) => line !== '');
  return { lines: lines.slice(-200).flatMap((line) => jsonIn(line) ?? []) };
}

function jsonIn(line: string): Json | undefined {
  const found: Json | undefined = parseManifest(Buffer.from(line));
  return found;
}

/** A container through which files come and go. */
export function* holdOpen(job: Job): JobWork {
  const text = job.variable('SECONDS');
  if (!/^\d{1,6}$/.test(text)) throw new JobFailure('refused', 'SECONDS is not a number.');
  const result = { holds: Number(text) };
  job.tell(result);
  yield result.holds * 1000;
  return result;
}

/** Everything of a study that is purged. */
export function* empty(job: Job): JobWork {
  const { container } = job;
  yield 40;
  if (job.answers()) throw new JobFailure('refused', 'The database still runs.');
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
