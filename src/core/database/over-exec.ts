import * as z from 'zod';
import { ExpectedError } from '../errors.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { type ObservedStack, runningTask } from '../swarm/observe-stack.ts';
import { databases } from '../swarm/slots.ts';
import type { DatabaseGateway } from './gateway.ts';
import { ParticipantCounts } from './participants.ts';
import { participantsScript } from './scripts/participants-script.ts';

const resultPrefix = 'oforest-result ';

/** Asks the study's Postgres by scripts that run inside its container, as the study's own role. */
export function databaseOverExec(
  observed: Pick<ObservedStack, 'stack' | 'db' | 'tasks'>,
  { swarm }: { swarm: SwarmGateway },
): DatabaseGateway {
  return {
    async readParticipants({ idleSeconds }) {
      const what = `counting the people in sessions of ${observed.stack}`;
      const output = await inDatabaseContainer(participantsScript(databases.live, idleSeconds), what, observed, {
        swarm,
      });
      const counts = parsedResult(ParticipantCounts, output);
      if (!counts) throw unreadable(what, 'Its answer cannot be understood.');
      return counts;
    },
  };
}

async function inDatabaseContainer(
  words: readonly string[],
  what: string,
  { stack, db, tasks }: Pick<ObservedStack, 'stack' | 'db' | 'tasks'>,
  { swarm }: { swarm: SwarmGateway },
): Promise<string> {
  const task = runningTask(tasks, db?.ID);
  const id = task?.Status.ContainerStatus?.ContainerID;
  if (!task || !id) throw unreadable(what, `The database of ${stack} does not run.`);
  const result = await swarm.exec({ id, nodeId: task.NodeID }, words);
  if (!result)
    throw new ExpectedError('node-unreachable', what, {
      why: `Its database runs on the node ${task.NodeID}, which this connection cannot look into.`,
      hint: `Add the node's host under servers.NAME.nodes.${task.NodeID} in the config.`,
    });
  if (result.exitCode === 0) return result.stdout;
  const said = result.stderr.trim().split('\n').at(-1);
  throw unreadable(what, `The database answers: ${said || `exit code ${result.exitCode}`}`);
}

function unreadable(what: string, why: string): ExpectedError {
  return new ExpectedError('participants-unreadable', what, { why });
}

/** Undefined for anything but the one line that a script prints as its result. */
function parsedResult<T>(schema: z.ZodType<T>, output: string): T | undefined {
  const line = output.split('\n').findLast((text) => text.startsWith(resultPrefix));
  try {
    return schema.parse(JSON.parse(line?.slice(resultPrefix.length) ?? ''));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}
