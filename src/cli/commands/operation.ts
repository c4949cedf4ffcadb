import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import { createPassphrases } from '../passphrases.ts';
import { runHere } from '../run-here.ts';
import { follow } from '../run-review.ts';
import type { Run } from './run.ts';

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
        // Nobody's Ctrl-C: an accepted operation is run to its end.
        const { signal } = new AbortController();
        const { ask: askPassphrase } = createPassphrases({ canAsk: false, known });
        await context.withServer((server) => runHere(operation, server, signal), { signal, askPassphrase });
      }),
    );
}
