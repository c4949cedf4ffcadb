import type { ParticipantCounts } from './participants.ts';

/** What we ask of one experiment's Postgres. Reads only: whatever changes or copies data is a job. */
export interface DatabaseGateway {
  /**
   * People in sessions, as numbers. Throws `participants-unreadable` when the database cannot be asked, and
   * `node-unreachable` when its node cannot be looked into.
   */
  readParticipants(options: { idleSeconds: number }): Promise<ParticipantCounts>;
}
