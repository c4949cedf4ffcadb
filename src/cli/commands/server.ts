import type { Command } from 'commander';
import {
  checkServer,
  makeCurrent,
  type Server,
  type ServerCheck,
  type ServerReport,
  saveServer,
  systemClock,
} from '../../core/index.ts';
import type { CliContext } from '../context.ts';
import { excludes, exclusive } from '../flags.ts';
import { paint } from '../render/paint.ts';
import { renderTable } from '../render/table.ts';
import { addressOf } from '../server-address.ts';
import { refuseReservedName, type ServerOptions, serverEntry } from '../server-entry.ts';
import { parsePort, registerPrepareCommand } from './prepare.ts';
import type { Run } from './run.ts';

export function registerServerCommands(program: Command, run: Run): void {
  const server = program.command('server').description('the servers you can reach, and what runs on them');

  server
    .command('add <name> [host]')
    .description(
      'add a server to the config, or correct its entry: a manager by SSH, or --socket on the manager itself',
    )
    .option('--port <port>', 'port of sshd', parsePort)
    .option('--user <user>', 'user on the server')
    .option('--identity-file <file>', 'private key')
    .option('--known-hosts-file <file>', 'file with the host keys')
    .option('--docker-socket <path>', "dockerd's socket on the server")
    .addOption(
      exclusive('--socket <path>', "dockerd's socket on this machine; not with what is for SSH", [
        'port',
        'user',
        'identityFile',
        'knownHostsFile',
        'dockerSocket',
      ]),
    )
    .action((name: string, host: string | undefined, options: ServerOptions) =>
      run(async ({ configPath, output }) => {
        refuseReservedName(name);
        await saveServer(configPath, name, serverEntry(host, options));
        output.answer({ json: { server: name }, text: `Saved. Look at it with: oforest server check ${name}` });
      }),
    );

  server
    .command('list')
    .description('the servers of the config; * marks the current one')
    .action(() =>
      run(async (context) => {
        const { current, servers } = await context.config();
        const entries = Object.entries(servers);
        const names = Object.keys(servers);
        const isCurrent = (name: string) => name === (current ?? (names.length === 1 ? names[0] : undefined));
        const rows = entries.map(([name, one]) => [isCurrent(name) ? '*' : '', name, addressOf(one)]);
        const none = 'No servers yet. Add one: oforest server add lab swarm.lab.example.edu --user oforest';
        context.output.answer({
          json: {
            servers: entries.map(([name, one]) => ({ name, current: isCurrent(name), address: addressOf(one) })),
          },
          text: rows.length === 0 ? none : renderTable(['', 'SERVER', 'ADDRESS'], rows),
          rows,
        });
      }),
    );

  server
    .command('use <name>')
    .description('make a server the current one')
    .action((name: string) =>
      run(async ({ configPath, output }) => {
        await makeCurrent(configPath, name);
        output.answer({ json: { server: name }, text: `${name} is the current server.` });
      }),
    );

  excludes(server.command('check [name]'), 'name', '--server')
    .description('look at everything studies stand on, and say what is wrong')
    .action((name: string | undefined) =>
      run((context) => context.withServer((opened) => check(opened, context), { name })),
    );

  registerPrepareCommand(server, run);
}

async function check(server: Server, { output, terminal, signal }: CliContext): Promise<number> {
  const report = await checkServer({
    name: server.name,
    swarm: server.swarm,
    entry: server.entry,
    clock: systemClock,
    signal,
  });
  output.answer({
    json: { ok: report.outcome !== 'failed', server: server.name, ...report },
    text: renderReport(report, terminal),
    rows: report.checks.map(({ name, outcome, sentence, hint = '' }) => [name, outcome, sentence, hint]),
  });
  return report.outcome === 'failed' ? 1 : 0;
}

function renderReport({ checks }: ServerReport, { colors, ascii }: CliContext['terminal']): string {
  const { green, yellow, red, dim } = paint(colors);
  const marks: Readonly<Record<ServerCheck['outcome'], string>> = {
    ok: green(ascii ? 'ok' : '✓'),
    warning: yellow('!'),
    failed: red(ascii ? 'x' : '✗'),
  };
  return checks
    .map(({ outcome, sentence, hint }) => `${marks[outcome]} ${sentence}${hint ? `\n  ${dim(hint)}` : ''}`)
    .join('\n');
}
