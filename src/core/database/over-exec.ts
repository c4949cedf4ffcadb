import { ExpectedError } from '../errors.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { inDatabaseContainer, parseResult } from '../swarm/in-container.ts';
import type { ObservedStack } from '../swarm/observe-stack.ts';
import { databases } from '../swarm/slots.ts';
import type { DatabaseGateway } from './gateway.ts';
import { ParticipantCounts } from './participants.ts';
import { participantsScript } from './scripts/participants-script.ts';

/** Asks the study's Postgres by scripts that run inside its container, as the study's own role. */
export function databaseOverExec(
  observed: Pick<ObservedStack, 'stack' | 'db' | 'tasks'>,
  { swarm }: { swarm: SwarmGateway },
): DatabaseGateway {
  return {
    async readParticipants({ idleSeconds }) {
      const what = `counting the people in sessions of ${observed.stack}`;
      try {
        const words = participantsScript(databases.live, idleSeconds);
        return parseResult(ParticipantCounts, await inDatabaseContainer(words, what, observed, { swarm }), what);
      } catch (error) {
        if (!(error instanceof ExpectedError) || !refusals.includes(error.code)) throw error;
        throw new ExpectedError('participants-unreadable', what, { why: error.why ?? error.message, cause: error });
      }
    },
  };
}

/** What the database answers, or that it cannot; a server out of reach is another matter. */
const refusals: readonly string[] = ['database-unhealthy', 'operation-failed'];
