import type { StackName } from '../domain/stack-name.ts';
import type { LogLine, SwarmGateway } from '../swarm/gateway.ts';
import { observeStack } from '../swarm/observe-stack.ts';
import { isProbeLine, showableLine } from './read-log.ts';
import { notDeployed } from './review.ts';

export interface ReadLogs {
  readonly stack: StackName;
  readonly part: 'web' | 'db';
  readonly follow: boolean;
  readonly tail?: number;
  readonly since?: Date;
}

/**
 * The log of a part as anyone may see it: participants masked, control bytes shown and not obeyed, our own health probes
 * left out. Ends with the log, or when the gateway's signal aborts. Throws `experiment-not-found`.
 */
export async function* readLogs(
  { stack, part, follow, tail, since }: ReadLogs,
  { swarm }: { swarm: SwarmGateway },
): AsyncGenerator<LogLine, void, void> {
  const observed = await observeStack(stack, { swarm });
  const service = part === 'web' ? observed.web : observed.db;
  if (!service) throw notDeployed(stack);
  const options = { follow, tail, since: since && Math.floor(since.getTime() / 1000) };
  for await (const line of swarm.serviceLog(service.ID, options)) if (!isProbeLine(line)) yield showableLine(line);
}
