import type { PostgresCluster } from '../database/postgres-cluster.ts';
import type { Row, Table } from '../database/table.ts';
import { type Job, JobFailure, type JobWork, type Json } from './job.ts';

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

/** Throws `fenced` where somebody with a later epoch was here. */
export function refuseOldEpoch({ epoch }: Job, cluster: PostgresCluster): void {
  const newest = Math.max(0, ...operations(cluster).rows.map((row) => Number(row.epoch)));
  if (newest > epoch) throw new JobFailure('fenced', `epoch ${newest} has taken over from epoch ${epoch}`);
}

/** What this step of this operation gave, where it was done already. */
export function recorded({ operation, step }: Job, cluster: PostgresCluster): Json | undefined {
  const row = operations(cluster).rows.find((one) => one.operation === operation && one.step === step);
  return row && JSON.parse(String(row.result));
}

export function record(job: Job, cluster: PostgresCluster, result: Json): void {
  const { operation, step, epoch } = job;
  if (recorded(job, cluster) !== undefined) return;
  operations(cluster).insert({ operation, step, epoch, result: JSON.stringify(result), at: timeOf(job) });
}

export const timeOf = ({ container }: Job) => `${new Date(container.timeline.now()).toISOString().slice(0, 19)}Z`;

/** RFC 3339 in UTC. */
export const isArchive = (cluster: PostgresCluster, database: string) =>
  archives(cluster).rows.some((row: Row) => row.database === database);

/** A change outside of a transaction: fenced first, done in a way that bears repetition, and then recorded. */
export function* fencedChange(job: Job, act: () => Generator<number, Json, void>): JobWork {
  const session = job.superuser();
  yield 20;
  refuseOldEpoch(job, session.cluster);
  const before = recorded(job, session.cluster);
  if (before !== undefined) return before;
  session.close();
  const result = yield* act();
  const after = job.superuser();
  yield 20;
  record(job, after.cluster, result);
  after.close();
  return result;
}
