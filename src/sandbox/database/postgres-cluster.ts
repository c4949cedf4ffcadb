import type { Timeline } from '../timeline.ts';

/** The data of one Postgres: what stands on a volume, and outlives every container that serves it. */
export class PostgresCluster {
  readonly timeline: Timeline;

  constructor(timeline: Timeline) {
    this.timeline = timeline;
  }
}
