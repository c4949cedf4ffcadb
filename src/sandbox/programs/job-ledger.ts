import type { PostgresCluster } from '../database/postgres-cluster.ts';
import type { Table } from '../database/table.ts';
import { type Job, JobFailure, type Json, type Session } from './job.ts';

/** `oforest_op` in database `postgres`: what operations did, so that nothing is done twice, or by one that was taken over. */
export function operations(cluster: PostgresCluster): Table {
  return cluster.find('postgres').createTable('oforest_op', {
    operation: 'text',
    step: 'text',
    epoch: 'integer',
    result: 'text',
    at: 'text',
  });
}

/** `oforest_archive` in database `postgres`: which databases were set aside. */
export function archives(cluster: PostgresCluster): Table {
  return cluster
    .find('postgres')
    .createTable('oforest_archive', { database: 'text', operation: 'text', reason: 'text', at: 'text' });
}

export const isArchive = (cluster: PostgresCluster, database: string) =>
  archives(cluster).rows.some((row) => row.database === database);

/** Throws `fenced` where somebody with a later epoch was here. */
export function refuseOldEpoch({ epoch }: Job, cluster: PostgresCluster): void {
  const newest = Math.max(0, ...operations(cluster).rows.map((row) => Number(row.epoch)));
  if (newest > epoch) throw new JobFailure('fenced', 'Another run has taken over this study.');
}

/** The superuser's session, which takes so long to open and ask. Throws `fenced` as above. */
export function* unlessFenced(job: Job, ms = 20): Generator<number, Session, void> {
  const session = job.superuser();
  yield ms;
  refuseOldEpoch(job, session.cluster);
  return session;
}

const rowOf = ({ operation, step }: Job, cluster: PostgresCluster) =>
  operations(cluster).rows.find((one) => one.operation === operation && one.step === step);

/** Whether the operation of this job did that step. */
export const isDone = (job: Job, step: string, cluster: PostgresCluster) =>
  rowOf({ ...job, step }, cluster) !== undefined;

/** What this step of this operation gave, where it was done already. Throws `fenced` as above. */
export function* begin(job: Job): Generator<number, Json | undefined, void> {
  const session = yield* unlessFenced(job);
  const row = rowOf(job, session.cluster);
  session.close();
  return row && JSON.parse(String(row.result));
}

/** In the transaction of the caller. Throws `fenced` as above. */
export function record(job: Job, cluster: PostgresCluster, result: Json): void {
  refuseOldEpoch(job, cluster);
  const { operation, step, epoch } = job;
  const row = rowOf(job, cluster);
  if (row) Object.assign(row, { epoch: Math.max(Number(row.epoch), epoch), result: JSON.stringify(result) });
  else operations(cluster).insert({ operation, step, epoch, result: JSON.stringify(result), at: timeOf(job) });
}

/** RFC 3339 in UTC, to the second. */
export const timeOf = ({ container }: Job) => `${new Date(container.timeline.now()).toISOString().slice(0, 19)}Z`;
