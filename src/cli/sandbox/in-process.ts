import {
  type Clock,
  ExpectedError,
  type openServerOver,
  randomText,
  runOperation,
  type Server,
} from '../../core/index.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';

/** The way to a sandbox in this process; throws `host-refused` where nothing listens. */
export function wayTo(sandbox: Sandbox): Parameters<typeof openServerOver>[0] {
  return {
    name: 'sandbox',
    dial: async () => sandbox.dialDocker(),
    dialTcp: async (host, port) => {
      const stream = sandbox.dialTcp(host, port);
      if (stream) return stream;
      throw new ExpectedError('host-refused', `connecting to ${host}:${port}`, { why: 'Nothing listens there.' });
    },
  };
}

/** Runs an accepted operation here, to its end; how it ended stands in its record. */
export async function runHere(
  id: string,
  { server, ...needs }: { server: Server; clock: Clock; signal: AbortSignal; runner: string },
): Promise<void> {
  const { swarm, registryAuth } = server;
  await runOperation(id, { ...needs, swarm, registryAuth, entry: await server.entry(), random: randomText });
}
