import * as z from 'zod';
import { asTyped } from '../domain/stack-name.ts';
import { ExpectedError } from '../errors.ts';
import type { Task } from './engine-types.ts';
import type { SwarmGateway } from './gateway.ts';
import { type ObservedStack, runningTask } from './observe-stack.ts';

export const resultPrefix = 'oforest-result ';

/**
 * Runs one of our constant scripts in the running web container. Throws `experiment-stopped` when none runs and
 * `node-unreachable` when it runs on a node this connection cannot see.
 */
export async function inWebContainer(
  words: readonly string[],
  what: string,
  observed: Pick<ObservedStack, 'stack' | 'web' | 'tasks'>,
  { swarm }: { swarm: SwarmGateway },
): Promise<string> {
  const task = runningTask(observed.tasks, observed.web?.ID);
  if (task?.Status.ContainerStatus?.ContainerID) return await inTask(task, words, what, { swarm });
  throw new ExpectedError('experiment-stopped', what, {
    why: `${observed.stack} does not run at the moment.`,
    now: 'Nothing was changed.',
    hint: `Start it with \`oforest start ${asTyped(observed.stack)}\`.`,
  });
}

/** As inWebContainer, in the database's. Throws `database-unhealthy` when it does not run. */
export async function inDatabaseContainer(
  words: readonly string[],
  what: string,
  observed: Pick<ObservedStack, 'stack' | 'db' | 'tasks'>,
  { swarm }: { swarm: SwarmGateway },
): Promise<string> {
  const task = runningTask(observed.tasks, observed.db?.ID);
  if (task?.Status.ContainerStatus?.ContainerID) return await inTask(task, words, what, { swarm });
  throw new ExpectedError('database-unhealthy', what, {
    why: `The database of ${observed.stack} does not run at the moment.`,
    now: 'Nothing was changed.',
    hint: `Start it with \`oforest start ${asTyped(observed.stack)}\`, or look at \`oforest logs ${asTyped(observed.stack)} --part db\`.`,
  });
}

/** The script's output. Throws `node-unreachable`, and `operation-failed` with the last line it complained in. */
export async function inTask(
  task: Task,
  words: readonly string[],
  what: string,
  { swarm }: { swarm: SwarmGateway },
): Promise<string> {
  const id = task.Status.ContainerStatus?.ContainerID ?? '';
  const result = await swarm.exec({ id, nodeId: task.NodeID }, words);
  if (!result) throw outOfSight(task, what, 'Its container runs');
  if (result.exitCode === 0) return result.stdout;
  throw new ExpectedError('operation-failed', what, {
    why: `The script in the container failed: ${result.stderr.trim().split('\n').at(-1) ?? ''}`,
    details: { exitCode: result.exitCode },
  });
}

/** The failure of who has to look into a container and cannot; `where` begins the sentence: "It runs". */
export function outOfSight({ NodeID }: Task, what: string, where: string): ExpectedError {
  return new ExpectedError('node-unreachable', what, {
    why: `${where} on the node ${NodeID}, which this connection cannot look into.`,
    hint: `Add the node's host under servers.NAME.nodes.${NodeID} in the config.`,
  });
}

/** The one line of JSON that a script prints as its result. Throws `operation-failed` for anything else. */
export function parseResult<T>(schema: z.ZodType<T>, output: string, what = "reading a script's result"): T {
  const line = output.split('\n').findLast((text) => text.startsWith(resultPrefix));
  try {
    return schema.parse(JSON.parse(line?.slice(resultPrefix.length) ?? ''));
  } catch (cause) {
    if (!(cause instanceof SyntaxError) && !(cause instanceof z.ZodError)) throw cause;
    throw new ExpectedError('operation-failed', what, { why: 'Its answer cannot be understood.', cause });
  }
}

export const AdminLogin = z.object({ user: z.string(), password: z.string() });
export const Links = z.object({
  rooms: z.array(z.object({ name: z.string(), url: z.string(), session_code: z.string().nullish() })),
  sessions: z.array(
    z.object({
      code: z.string(),
      config_name: z.string().nullish(),
      label: z.string().nullish(),
      num_participants: z.number().nullish(),
      session_wide_url: z.string(),
    }),
  ),
});
