import { hostname } from 'node:os';
import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { chooseServer, openServer, randomText, runOperation, systemClock } from '../../core/index.ts';
import { createPassphrases } from '../passphrases.ts';
import type { Run } from '../program.ts';
import { follow } from '../run-review.ts';

export function registerOperationCommands(program: Command, run: Run): void {
  program
    .command('watch <operation>')
    .description('follow an operation, from its first step; Ctrl-C stops watching, nothing else')
    .action((operation: string) =>
      run((context) => context.withServer((server) => follow(operation, server, context))),
    );

  program
    .command('run <operation>', { hidden: true })
    .description('run an accepted operation to its end; started by oforest itself')
    .action((operation: string) =>
      run(async (context) => {
        const known = process.stdin.isTTY ? {} : JSON.parse((await text(process.stdin)) || '{}');
        const config = await context.config();
        const { name, server } = chooseServer(config, context.options.server);
        // Nobody's Ctrl-C: an accepted operation is run to its end.
        const signal = new AbortController().signal;
        await using opened = await openServer(
          { name, server, registries: config.registries },
          { signal, environment: context.environment, askPassphrase: createPassphrases({ canAsk: false, known }).ask },
        );
        await runOperation(operation, {
          swarm: opened.swarm,
          entry: await opened.entry(),
          registryAuth: opened.registryAuth,
          clock: systemClock,
          random: randomText,
          signal,
          runner: `${hostname()}:${process.pid}`,
        });
      }),
    );
}
