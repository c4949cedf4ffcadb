import { chooseServer, openServer, type Server } from '../core/index.ts';
import type { CliContext } from './context.ts';

/** Connects to the server that a command names as its argument; else to the one of --server, else to the current one. */
export async function withNamedServer<Result>(
  name: string | undefined,
  context: CliContext,
  use: (server: Server) => Promise<Result>,
): Promise<Result> {
  const config = await context.config();
  const { signal, environment, passphrases, options } = context;
  await using opened = await openServer(
    { ...chooseServer(config, name ?? options.server), registries: config.registries },
    { signal, environment, askPassphrase: passphrases.ask },
  );
  return await use(opened);
}
