import type { StackName } from '../domain/stack-name.ts';
import type { LogLine, SwarmGateway } from '../swarm/gateway.ts';
import { observeStack } from '../swarm/observe-stack.ts';
import { notDeployed } from './review/absent-study.ts';
import { isProbeLine, showableLine } from './steps/task-log.ts';

export interface ReadLogs {
  readonly stack: StackName;
  readonly part: 'web' | 'db';
  readonly follow: boolean;
  readonly tail?: number;
  readonly since?: Date;
}

/**
 * The log of a part as anyone may see it: participants masked, control bytes shown and not obeyed, our own health probes
 * left out. Ends with the log; throws `cancelled` when a signal aborts, the gateway's or the one given, and
 * `experiment-not-found`.
 */
export async function* readLogs(
  { stack, part, follow, tail, since }: ReadLogs,
  { swarm, signal }: { swarm: SwarmGateway; signal?: AbortSignal },
): AsyncGenerator<LogLine, void, void> {
  const observed = await observeStack(stack, { swarm });
  const service = part === 'web' ? observed.web : observed.db;
  if (!service) throw notDeployed(stack);
  const options = { follow, tail, since: since && Math.floor(since.getTime() / 1000), signal };
  const lines = swarm.serviceLog(service.ID, options);
  if (follow) {
    for await (const line of lines) if (!isProbeLine(line)) yield showableLine(line);
    return;
  }
  // dockerd gives the tasks of a service one after the other, and the tail of each.
  const all: LogLine[] = [];
  for await (const line of lines) if (!isProbeLine(line)) all.push(line);
  all.sort((a, b) => (a.at < b.at ? -1 : 1));
  for (const line of tail === undefined ? all : all.slice(all.length - Math.min(tail, all.length)))
    yield showableLine(line);
}
