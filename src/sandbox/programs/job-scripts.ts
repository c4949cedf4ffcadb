import type { JobScript } from './job.ts';
import { dump, fill, verify } from './job-backups.ts';
import { addColumns, createDatabase, dropDatabases, fence, open, swap } from './job-databases.ts';
import { audit, dropBackups, empty, holdOpen, list, readAudit } from './job-files.ts';

/** What the jobs of our constant scripts do, by the name in their first line. */
export const jobScripts: ReadonlyMap<string, JobScript> = new Map<string, JobScript>([
  ['dump', dump],
  ['verify', verify],
  ['create-database', createDatabase],
  ['fill', fill],
  ['swap', swap],
  ['open', open],
  ['fence', fence],
  ['list', list],
  ['drop-databases', dropDatabases],
  ['drop-backups', dropBackups],
  ['audit', audit],
  ['read-audit', readAudit],
  ['add-columns', addColumns],
  ['hold-open', holdOpen],
  ['empty', empty],
]);
