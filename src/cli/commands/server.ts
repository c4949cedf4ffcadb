import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  applyPlatform,
  checkServer,
  chooseServer,
  describeChange,
  ExpectedError,
  openServer,
  type Platform,
  type PlatformEvent,
  type PlatformPlan,
  type PrepareRequest,
  type PrepareTls,
  parseHostName,
  planPlatform,
  Secret,
  type Server,
  type ServerCheck,
  type ServerConfig,
  type ServerReport,
  saveServer,
  systemClock,
  useServer,
} from '../../core/index.ts';
import { confirm } from '../confirm.ts';
import type { CliContext } from '../context.ts';
import type { Run } from '../program.ts';
import { paint } from '../render/paint.ts';
import { renderTable } from '../render/table.ts';

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
    .option('--socket <path>', "dockerd's socket on this machine")
    .action((name: string, host: string | undefined, options: AddOptions) =>
      run(async ({ configPath, output }) => {
        await saveServer(configPath, name, serverFrom(host, options));
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
        await useServer(configPath, name);
        output.answer({ json: { server: name }, text: `${name} is the current server.` });
      }),
    );

  server
    .command('check [name]')
    .description('look at everything studies stand on, and say what is wrong')
    .action((name: string | undefined) =>
      run((context) => withNamedServer(name, context, (opened) => check(opened, context))),
    );

  server
    .command('prepare [name]')
    .description('make a Swarm ready for studies; run it again to change something: what you leave out stays')
    .option('--domain <domain>', 'studies get addresses under it: my-exp.DOMAIN', parseHostName)
    .option('--addresses <hosts>', 'fixed hosts to lend out, where there is no wildcard DNS: h1,h2', parseAddresses)
    .addOption(new Option('--tls <mode>', 'none: no encryption').choices(['none']))
    .option('--tls-cert <file>', 'certificate with its chain, PEM')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--acme <email>', "certificates from Let's Encrypt, one for each study")
    .option('--acme-server <url>', 'another certificate authority')
    .option('--acme-eab-kid <id>', 'key id of an external account')
    .option('--acme-eab-key-file <file>', 'file with the key of the external account, base64')
    .option('--http-port <port>', 'default: 80', parsePort)
    .option('--https-port <port>', 'default: 443', parsePort)
    .option('--traefik-image <reference>', 'default: traefik:v3.7')
    .option('--postgres-image <reference>', 'for databases of new studies; default: postgres:17')
    .option('--docker-socket <path>', "dockerd's socket on the server")
    .option('--plan', 'show what would change and why, and stop')
    .action((name: string | undefined, options: PrepareOptions) =>
      run((context) => withNamedServer(name, context, (opened) => prepare(options, opened, context))),
    );
}

async function withNamedServer<Result>(
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

interface AddOptions {
  readonly port?: number;
  readonly user?: string;
  readonly identityFile?: string;
  readonly knownHostsFile?: string;
  readonly dockerSocket?: string;
  readonly socket?: string;
}

function serverFrom(given: string | undefined, { socket, ...options }: AddOptions): ServerConfig {
  if ((given === undefined) === (socket === undefined))
    throw new ExpectedError('usage-wrong', 'adding a server', {
      why: 'A server is either a host or a socket of this machine.',
      now: 'Nothing was changed.',
      hint: 'Give one: `oforest server add lab swarm.lab.example.edu`, or `oforest server add here --socket /var/run/docker.sock`.',
    });
  if (socket !== undefined) return { socket: resolve(socket) };
  const at = given?.lastIndexOf('@') ?? -1;
  const { identityFile, knownHostsFile, ...others } = options;
  return {
    host: given?.slice(at + 1) ?? '',
    ...(at > 0 && { user: given?.slice(0, at) }),
    ...others,
    ...(identityFile && { identityFile: fromHere(identityFile) }),
    ...(knownHostsFile && { knownHostsFile: fromHere(knownHostsFile) }),
  };
}

/** The config is read from anywhere. */
function fromHere(path: string): string {
  return path.startsWith('~/') ? path : resolve(path);
}

function addressOf(server: ServerConfig): string {
  if ('socket' in server) return `unix://${server.socket}`;
  const { user, host, port } = server;
  return `${user ? `${user}@` : ''}${host}${port && port !== 22 ? `:${port}` : ''}`;
}

async function check(server: Server, { output, options, signal }: CliContext): Promise<number> {
  const report = await checkServer({ swarm: server.swarm, entry: server.entry, clock: systemClock, signal });
  output.answer({
    json: { ok: report.outcome !== 'failed', server: server.name, ...report },
    text: renderReport(report, options),
    rows: report.checks.map(({ name, outcome, sentence, hint = '' }) => [name, outcome, sentence, hint]),
  });
  return report.outcome === 'failed' ? 1 : 0;
}

function renderReport({ checks }: ServerReport, { color, ascii }: CliContext['options']): string {
  const { green, yellow, red, dim } = paint(color === 'always' || (color === 'auto' && process.stdout.isTTY === true));
  const marks: Readonly<Record<ServerCheck['outcome'], string>> = {
    ok: green(ascii ? 'ok' : '✓'),
    warning: yellow('!'),
    failed: red(ascii ? 'x' : '✗'),
  };
  return checks
    .map(({ outcome, sentence, hint }) => `${marks[outcome]} ${sentence}${hint ? `\n  ${dim(hint)}` : ''}`)
    .join('\n');
}

interface PrepareOptions {
  readonly domain?: PrepareRequest['domain'];
  readonly addresses?: PrepareRequest['addresses'];
  readonly tls?: 'none';
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly acme?: string;
  readonly acmeServer?: string;
  readonly acmeEabKid?: string;
  readonly acmeEabKeyFile?: string;
  readonly httpPort?: number;
  readonly httpsPort?: number;
  readonly traefikImage?: string;
  readonly postgresImage?: string;
  readonly dockerSocket?: string;
  readonly plan?: boolean;
}

async function prepare(options: PrepareOptions, server: Server, context: CliContext): Promise<void> {
  const { output, signal } = context;
  const needs = { ...server, clock: systemClock, signal };
  const plan = await planPlatform(await requestFrom(options, server.config), needs);
  if (options.plan || plan.changes.length === 0) {
    output.answer(planAnswer(plan, server));
    return;
  }
  for (const line of planLines(plan)) output.say(line);
  output.say('');
  const interrupts = plan.changes.some((change) => change.interrupts);
  const question = interrupts
    ? `This interrupts every study on ${server.name} for a few seconds. Go on?`
    : `Prepare ${server.name} like this?`;
  await confirm(question, `preparing ${server.name}`, context);
  const applying = applyPlatform(plan, needs);
  for (;;) {
    const next = await applying.next();
    if (next.done) {
      await tellPrepared(next.value, plan, server, context);
      return;
    }
    tell(next.value, context);
  }
}

async function requestFrom(options: PrepareOptions, server: ServerConfig): Promise<PrepareRequest> {
  const { domain, addresses, httpPort, httpsPort, traefikImage, postgresImage } = options;
  const dockerSocket = options.dockerSocket ?? ('socket' in server ? server.socket : server.dockerSocket);
  const tls = await tlsFrom(options);
  return {
    ...(domain && { domain }),
    ...(addresses && { addresses }),
    ...(httpPort && { httpPort }),
    ...(httpsPort && { httpsPort }),
    ...(dockerSocket && { dockerSocket }),
    ...(tls && { tls }),
    images: { ...(traefikImage && { traefik: traefikImage }), ...(postgresImage && { postgres: postgresImage }) },
  };
}

async function tlsFrom(options: PrepareOptions): Promise<PrepareTls | undefined> {
  const { tls, tlsCert, tlsKey, acme, acmeServer, acmeEabKid, acmeEabKeyFile } = options;
  const ways = [tls, tlsCert ?? tlsKey, acme ?? acmeServer ?? acmeEabKid ?? acmeEabKeyFile];
  if (ways.filter((way) => way !== undefined).length > 1)
    throw wrongUsage('--tls none, --tls-cert and --acme exclude each other.', 'Leave one of them.');
  if (tls === 'none') return { mode: 'none' };
  if (tlsCert !== undefined || tlsKey !== undefined) {
    if (tlsCert === undefined || tlsKey === undefined)
      throw wrongUsage('A certificate needs its key.', 'Give both: --tls-cert F --tls-key F.');
    return {
      mode: 'files',
      certificate: await readGiven(tlsCert, '--tls-cert'),
      key: new Secret(await readGiven(tlsKey, '--tls-key')),
    };
  }
  if (ways[2] === undefined) return undefined;
  if (acme === undefined)
    throw wrongUsage('The account of the certificate authority needs an address.', 'Add --acme EMAIL.');
  return {
    mode: 'acme',
    email: acme,
    ...(acmeServer && { server: acmeServer }),
    ...(acmeEabKid && { eabKid: acmeEabKid }),
    ...(acmeEabKeyFile && { eabKey: new Secret((await readGiven(acmeEabKeyFile, '--acme-eab-key-file')).trim()) }),
  };
}

async function readGiven(file: string, flag: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new ExpectedError('file-unreadable', `reading ${file}`, {
      why: `The file cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown'}).`,
      now: 'Nothing was changed.',
      hint: `Correct the path after ${flag}.`,
      cause,
    });
  }
}

function wrongUsage(why: string, hint: string): ExpectedError {
  return new ExpectedError('usage-wrong', 'preparing the server', { why, now: 'Nothing was changed.', hint });
}

function planLines({ changes, notices }: PlatformPlan): readonly string[] {
  return [
    ...changes.map((change) => `${change.interrupts ? '!' : ' '} ${describeChange(change)}`),
    ...notices.map(({ sentence }) => `  Note: ${sentence}`),
  ];
}

function planAnswer(plan: PlatformPlan, { name }: Server) {
  const { changes, notices } = plan;
  const heading =
    changes.length === 0
      ? `Nothing to do: ${name} is prepared like this.`
      : `Plan of prepare for ${name}; nothing was changed yet:`;
  const mark = changes.some(({ interrupts }) => interrupts) ? ['', '! interrupts every study for a few seconds.'] : [];
  return {
    json: { server: name, outcome: changes.length === 0 ? 'unchanged' : 'planned', changes, notices },
    text: [heading, ...planLines(plan), ...mark].join('\n'),
    rows: changes.map((change) => [change.action, change.subject, change.name, change.because]),
  };
}

function tell(event: PlatformEvent, { output, options }: CliContext): void {
  if (options.json === 'lines') output.line({ ...event }, '');
  else if (event.kind === 'change-started') output.say(`${doing[event.change.action]} ${event.change.name}.`);
  else if (event.kind === 'waiting') output.say(`  Waiting for ${event.on}.`);
}

const doing = { create: 'Creating', update: 'Updating' } as const;

/** What came of it, as a visitor would meet it: a Traefik that runs can still have a door that nobody can use. */
async function tellPrepared(
  platform: Platform,
  { changes, notices }: PlatformPlan,
  { name, swarm, entry }: Server,
  { output, signal }: CliContext,
): Promise<void> {
  const { checks } = await checkServer({ swarm, entry, clock: systemClock, signal });
  const wrong = checks.filter(({ outcome }) => outcome !== 'ok');
  for (const { sentence, hint } of wrong) output.say(`! ${sentence}${hint ? ` ${hint}` : ''}`);
  const where = platform.addresses.length > 0 ? platform.addresses.join(', ') : `*.${platform.domain}`;
  output.answer({
    json: { server: name, outcome: 'changed', changes, notices, platform: shown(platform), checks },
    text: `${name} is ready for studies at ${where}.`,
    rows: changes.map(({ action, subject, name: changed, because }) => [action, subject, changed, because]),
  });
}

function shown({ domain, addresses, tls, httpPort, httpsPort, entryNode, images }: Platform) {
  return { domain, addresses, tls: tls.mode, httpPort, httpsPort, entryNode, images };
}

function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 1 to 65535.');
}

function parseAddresses(text: string): NonNullable<PrepareRequest['addresses']> {
  return text
    .split(',')
    .map((host) => host.trim())
    .filter(Boolean)
    .map(parseHostName);
}
