import { hostname } from 'node:os';
import { randomText, runOperation, type Server, systemClock } from '../core/index.ts';

/** Runs an accepted operation to its end, in this process. Throws as `runOperation`. */
export async function runHere(
  operation: string,
  { swarm, entry, registryAuth }: Server,
  signal: AbortSignal,
): Promise<void> {
  await runOperation(operation, {
    swarm,
    entry: await entry(),
    registryAuth,
    clock: systemClock,
    random: randomText,
    signal,
    runner: processName(),
  });
}

/** As records name who is at work: `laptop:4711`. No two processes have the same. */
export function processName(): string {
  return `${hostname()}:${process.pid}`;
}
