import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  applyPlatform,
  checkServer,
  describeChange,
  ExpectedError,
  type Platform,
  type PlatformEvent,
  type PlatformPlan,
  type PrepareRequest,
  parseHostName,
  planPlatform,
  type Server,
  systemClock,
} from '../../core/index.ts';
import { confirm } from '../confirm.ts';
import type { CliContext } from '../context.ts';
import { excludes } from '../flags.ts';
import { type PrepareOptions, prepareRequest } from '../prepare-request.ts';
import type { Run } from './run.ts';

type Options = PrepareOptions & { readonly plan?: boolean; readonly interrupt?: string };

export function registerPrepareCommand(server: Command, run: Run): void {
  excludes(server.command('prepare [name]'), 'name', '--server')
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
    .option('--contact <text>', 'whom visitors of a closed study can ask: "Lab Office, lab@example.edu"; "" for nobody')
    .option('--docker-socket <path>', "dockerd's socket on the server")
    .option('--plan', 'show what would change and why, and stop')
    .option(
      '--interrupt <reason>',
      'where all studies are interrupted: disturb people in a session; recorded with your name',
    )
    .action((name: string | undefined, options: Options) =>
      run((context) => context.withServer((opened) => prepare(options, opened, context), { name })),
    );
}

async function prepare(options: Options, server: Server, context: CliContext): Promise<void> {
  const { output, signal } = context;
  const needs = { ...server, clock: systemClock, signal };
  const plan = await planPlatform(await prepareRequest(options, server.config), needs);
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
  const platform = await apply(plan, options, server, context);
  await tellPrepared(platform, plan, server, context);
}

async function apply(
  plan: PlatformPlan,
  { interrupt }: Options,
  server: Server,
  context: CliContext,
): Promise<Platform> {
  const { signal } = context;
  const interruption = interrupt === undefined ? undefined : { reason: interrupt, actor: context.actorOn(server) };
  const applying = applyPlatform(plan, { ...server, clock: systemClock, signal }, interruption);
  try {
    for (;;) {
      const next = await applying.next();
      if (next.done) return next.value;
      tell(next.value, context);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new ExpectedError('cancelled', `preparing ${server.name}`, {
      why: 'You pressed Ctrl-C.',
      now: 'What was made stays, and what the Swarm has begun it finishes.',
      hint: 'Run the same command again: it goes on from there.',
    });
  }
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
  const { checks } = await checkServer({ name, swarm, entry, clock: systemClock, signal });
  const wrong = checks.filter(({ outcome }) => outcome !== 'ok');
  for (const { sentence, hint } of wrong) output.say(`! ${sentence}${hint ? ` ${hint}` : ''}`);
  const where = platform.addresses.length > 0 ? platform.addresses.join(', ') : `*.${platform.domain}`;
  output.answer({
    json: { server: name, outcome: 'changed', changes, notices, platform: shown(platform), checks },
    text: `${name} is ready for studies at ${where}.`,
    rows: changes.map(({ action, subject, name: changed, because }) => [action, subject, changed, because]),
  });
}

function shown({ domain, addresses, tls, httpPort, httpsPort, entryNode, images, contact }: Platform) {
  return { domain, addresses, tls: tls.mode, httpPort, httpsPort, entryNode, images, ...(contact && { contact }) };
}

function parseAddresses(text: string): NonNullable<PrepareRequest['addresses']> {
  return text
    .split(',')
    .map((host) => host.trim())
    .filter(Boolean)
    .map(parseHostName);
}

export function parsePort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a number from 1 to 65535.');
}
