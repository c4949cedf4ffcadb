import * as z from 'zod';
import type { Clock } from '../clock.ts';
import { covers, daysLeft, parseCertificate } from '../domain/certificate.ts';
import { counted } from '../domain/counted.ts';
import { type Platform, publicNetwork } from '../domain/platform.ts';
import { safeText } from '../domain/terminal-text.ts';
import type { EntryAnswer, EntryGateway } from '../entry/gateway.ts';
import { ExpectedError } from '../errors.ts';
import { closedPageName, noPerlExit } from '../swarm/closed-page.ts';
import type { EngineInfo, Node, Task } from '../swarm/engine-types.ts';
import { usableAddresses } from '../swarm/free-subnet.ts';
import type { SwarmGateway } from '../swarm/gateway.ts';
import { label } from '../swarm/labels.ts';
import { type ObservedPlatform, observePlatform } from '../swarm/observe-platform.ts';
import { pinnedNodeId } from '../swarm/observe-stack.ts';
import { traefikName } from '../swarm/traefik-service.ts';
import { endedStates } from './task-failure.ts';

/** One thing looked at, and how it is. */
export interface ServerCheck {
  readonly name: CheckName;
  readonly outcome: 'ok' | 'warning' | 'failed';
  /** What was found, one sentence. */
  readonly sentence: string;
  /** What to do; starts with a verb. */
  readonly hint?: string;
}

export type CheckName =
  | 'docker'
  | 'clock'
  | 'swarm'
  | 'managers'
  | 'platform'
  | 'network'
  | 'traefik'
  | 'closed-page'
  | 'http'
  | 'https'
  | 'certificate';

export interface ServerReport {
  /** The worst of all. */
  readonly outcome: ServerCheck['outcome'];
  readonly checks: readonly ServerCheck[];
}

export interface CheckNeeds {
  /** Of the server, for the commands that hints name. */
  readonly name: string;
  readonly swarm: SwarmGateway;
  readonly entry: (platform: Platform) => Promise<EntryGateway>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Looks at everything studies stand on; writes nothing. What keeps us from asking the Swarm is part of the report. */
export async function checkServer(needs: CheckNeeds): Promise<ServerReport> {
  const checks = (await lookAtAll(needs)).map((check) => withName(check, needs.name));
  const worst = (['failed', 'warning'] as const).find((outcome) => checks.some((check) => check.outcome === outcome));
  return { outcome: worst ?? 'ok', checks };
}

function withName(check: ServerCheck, name: string): ServerCheck {
  const { hint } = check;
  return hint === undefined
    ? check
    : { ...check, hint: hint.replaceAll('server prepare NAME', `server prepare ${name}`) };
}

async function lookAtAll(needs: CheckNeeds): Promise<readonly ServerCheck[]> {
  const askedAt = needs.clock.now().getTime();
  const looked = await observed(needs);
  if (!('manager' in looked)) return [looked];
  const { platform } = looked;
  return [
    dockerCheck(looked, needs.swarm.apiVersion),
    clockCheck(looked.manager, { askedAt, answeredAt: looked.answeredAt }),
    nodesCheck(looked.nodes),
    managersCheck(looked.nodes),
    platformCheck(platform),
    ...(platform
      ? [
          await networkCheck(looked, needs),
          traefikCheck(looked),
          closedPageCheck(looked),
          ...(await doorChecks(platform, looked, needs)),
          ...certificateChecks(platform, looked, needs.clock.now()),
        ]
      : []),
  ];
}

async function observed(needs: CheckNeeds): Promise<(ObservedPlatform & { answeredAt: number }) | ServerCheck> {
  try {
    await needs.swarm.observeManager();
    const answeredAt = needs.clock.now().getTime();
    return { ...(await observePlatform(needs)), answeredAt };
  } catch (error) {
    needs.signal.throwIfAborted();
    if (!(error instanceof ExpectedError) || !swarmProblems.includes(error.code)) throw error;
    return failed(error.code === 'format-too-new' ? 'platform' : 'swarm', error.why ?? error.message, error.hint);
  }
}

const swarmProblems: readonly string[] = ['swarm-inactive', 'not-a-manager', 'quorum-lost', 'format-too-new'];

function dockerCheck({ manager, platform }: ObservedPlatform, apiVersion: string): ServerCheck {
  const sentence = `Docker ${manager.ServerVersion}, asked with API ${apiVersion}.`;
  const engine = Number(manager.ServerVersion.split('.')[0]);
  const traefik = /:v?3\.([0-9]+)(?:\.|@|$)/.exec(platform?.images.traefik ?? '')?.[1];
  if (engine >= 29 && traefik !== undefined && Number(traefik) < 6)
    return failed(
      'docker',
      `${sentence} Traefik 3.${traefik} cannot talk to it.`,
      'Take a newer one: `oforest server prepare NAME --traefik-image traefik:v3.7`.',
    );
  return ok('docker', sentence);
}

const skewLimitMs = 60_000;

function clockCheck(
  { SystemTime }: EngineInfo,
  { askedAt, answeredAt }: { askedAt: number; answeredAt: number },
): ServerCheck {
  const skewMs = Date.parse(SystemTime) - (askedAt + answeredAt) / 2;
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= skewLimitMs)
    return ok(
      'clock',
      seconds < 2 ? "Its clock agrees with this computer's." : `Its clock is ${seconds} s off this computer's.`,
    );
  return warning(
    'clock',
    `Its clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this computer's.`,
    'Set both by NTP: `timedatectl set-ntp true`. Page time-outs and certificates depend on the clock.',
  );
}

function nodesCheck(nodes: readonly Node[]): ServerCheck {
  const away = nodes.filter(({ Status, Spec }) => Status.State !== 'ready' || Spec.Availability !== 'active');
  if (away.length === 0)
    return ok('swarm', nodes.length === 1 ? '1 node, ready.' : `${nodes.length} nodes, all ready.`);
  const names = away.map(({ Description, Status, Spec }) => {
    const state = Status.State === 'ready' ? Spec.Availability : Status.State;
    return `${Description.Hostname} (${state})`;
  });
  return warning(
    'swarm',
    `${counted(nodes.length, 'node')}, not all ready and active: ${names.join(', ')}.`,
    'Look at `docker node ls`. Studies whose database is on such a node are down, and start nowhere else.',
  );
}

function managersCheck(nodes: readonly Node[]): ServerCheck {
  const managers = nodes.filter(({ ManagerStatus }) => ManagerStatus);
  const reachable = managers.filter(
    ({ ManagerStatus }) => (ManagerStatus?.Reachability ?? 'reachable') === 'reachable',
  );
  const spare = reachable.length - (Math.floor(managers.length / 2) + 1);
  const sentence = `${reachable.length} of ${counted(managers.length, 'manager')} reachable`;
  if (reachable.length < managers.length)
    return warning('managers', `${sentence}; ${spareWords(spare)}.`, 'Bring the missing manager back, or remove it.');
  if (managers.length === 2)
    return warning('managers', `${sentence}; losing either stops the Swarm.`, 'Add a third manager, or demote one.');
  return ok('managers', `${sentence}${managers.length > 1 ? `; ${spareWords(spare)}` : ''}.`);
}

function spareWords(spare: number): string {
  return spare > 0 ? `it goes on after losing ${spare} more` : 'losing one more stops the Swarm';
}

function platformCheck(platform: ObservedPlatform['platform']): ServerCheck {
  if (!platform)
    return failed(
      'platform',
      'This Swarm was never prepared for oForest.',
      'Run `oforest server prepare NAME --domain lab.example.edu` once.',
    );
  const where =
    platform.addresses.length > 0
      ? counted(platform.addresses.length, 'fixed address', 'fixed addresses')
      : `*.${platform.domain}`;
  return ok('platform', `Prepared on ${platform.preparedAt.slice(0, 10)} for ${where}.`);
}

async function networkCheck(
  { publicNetwork: network, nodes, studies, closedPage }: ObservedPlatform,
  { swarm }: CheckNeeds,
) {
  if (!network)
    return failed('network', `The network ${publicNetwork} is missing.`, 'Run `oforest server prepare NAME` again.');
  const [webs, trials] = await Promise.all([
    swarm.listTasks({ label: label.part, value: 'web' }),
    swarm.listTasks({ label: label.part, value: 'trial' }),
  ]);
  // One for each task that has not ended, one for each node, one for Traefik, one for the page for closed studies.
  const used = [...webs, ...trials].filter(isAlive).length + nodes.length + (closedPage ? 2 : 1);
  const subnet = network.IPAM?.Config?.[0]?.Subnet ?? '';
  const usable = usableAddresses(subnet);
  const sentence = `${counted(studies.length, 'study', 'studies')}; about ${used} of ${usable} addresses of ${publicNetwork} (${subnet}) in use.`;
  if (usable === 0 || used < usable * 0.8) return ok('network', sentence);
  return (used < usable * 0.95 ? warning : failed)('network', sentence, 'Stop or delete studies that are done.');
}

function isAlive({ Status }: Task): boolean {
  return !endedStates.includes(Status.State);
}

function traefikCheck({ traefik, traefikTasks, nodes }: ObservedPlatform): ServerCheck {
  if (!traefik) return failed('traefik', `${traefikName} is missing.`, 'Run `oforest server prepare NAME` again.');
  const running = traefikTasks.find(
    ({ Status, DesiredState }) => Status.State === 'running' && DesiredState === 'running',
  );
  const host = nodes.find(({ ID }) => ID === pinnedNodeId(traefik))?.Description.Hostname ?? 'a node that is gone';
  if (running)
    return ok(
      'traefik',
      `Traefik runs on ${host}, since ${running.Status.Timestamp.slice(0, 16).replace('T', ' ')} UTC.`,
    );
  return failed(
    'traefik',
    `Traefik does not run on ${host}; its task is ${stateOf(traefikTasks)}.`,
    `Look at \`docker service ps --no-trunc ${traefikName}\` on the server.`,
  );
}

/** A warning at most: studies run without it. */
function closedPageCheck({ closedPage, closedPageTasks }: ObservedPlatform): ServerCheck {
  if (!closedPage)
    return warning(
      'closed-page',
      'The page for closed studies is missing: links of stopped and deleted studies answer 404.',
      'Run `oforest server prepare NAME` again.',
    );
  const [running] = closedPageTasks.filter(
    ({ Status, DesiredState }) => Status.State === 'running' && DesiredState === 'running',
  );
  if (running) return ok('closed-page', 'The page for closed studies runs.');
  if (closedPageTasks.some(({ Status }) => Status.ContainerStatus?.ExitCode === noPerlExit))
    return warning(
      'closed-page',
      'The page for closed studies does not run: its image has no perl.',
      "Take one of Debian's: `oforest server prepare NAME --postgres-image postgres:17`.",
    );
  return warning(
    'closed-page',
    `The page for closed studies does not run; its task is ${stateOf(closedPageTasks)}.`,
    `Look at \`docker service ps --no-trunc ${closedPageName}\` on the server.`,
  );
}

function stateOf(tasks: readonly Task[]): string {
  const [newest] = [...tasks].sort((a, b) => b.CreatedAt.localeCompare(a.CreatedAt));
  if (!newest) return 'missing';
  return `${newest.Status.State}${newest.Status.Err ? `: ${newest.Status.Err}` : ''}`;
}

/** What a visitor's browser meets: HTTP that leads to HTTPS, and a certificate it can trust. */
async function doorChecks(
  platform: Platform,
  looked: ObservedPlatform,
  needs: CheckNeeds,
): Promise<readonly ServerCheck[]> {
  const host = hostToAsk(platform, looked);
  const http = await ask('http', { ...platform, tls: { mode: 'none' } }, host ?? `check.${platform.domain}`, needs);
  if (platform.tls.mode === 'none') return [doorOf('http', http, `HTTP answers on port ${platform.httpPort}`)];
  const leads =
    'status' in http && http.status >= 301 && http.status <= 308 && http.headers.location?.startsWith('https:');
  const httpCheck =
    'status' in http && !leads
      ? warning(
          'http',
          `HTTP on port ${platform.httpPort} answers ${http.status} and does not lead to HTTPS.`,
          'Run `oforest server prepare NAME` again.',
        )
      : doorOf('http', http, `HTTP on port ${platform.httpPort} leads to HTTPS`);
  if (host === undefined) return [httpCheck, ok('https', 'HTTPS gets its first certificate with the first study.')];
  const https = await ask('https', platform, host, needs);
  if (platform.tls.mode === 'acme' && !('status' in https))
    return [httpCheck, (await certificateProblem(host, looked, needs)) ?? https];
  return [httpCheck, doorOf('https', https, `HTTPS on port ${platform.httpsPort} has a certificate for ${host}`)];
}

/** Some host that the certificate should be good for; with ACME there is none before the first study runs. */
function hostToAsk(platform: Platform, { studies }: ObservedPlatform): string | undefined {
  const running = studies.find(({ Spec }) => Spec.Mode.Replicated?.Replicas !== 0);
  const inUse = running?.Spec.Labels[label.host];
  if (inUse !== undefined || platform.tls.mode === 'acme') return inUse;
  return platform.addresses[0] ?? `check.${platform.domain}`;
}

async function ask(
  name: 'http' | 'https',
  platform: Platform,
  host: string,
  { entry, signal }: CheckNeeds,
): Promise<EntryAnswer | ServerCheck> {
  try {
    return await (await entry(platform)).request({ host, path: '/login' });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ExpectedError)) throw error;
    return failed(name, `${capital(error.message)}: ${error.why ?? 'no answer.'}`, error.hint ?? doorHint);
  }
}

/** What the authority objected to, as Traefik logged it; nobody else knows. */
async function certificateProblem(
  host: string,
  { traefik }: ObservedPlatform,
  { swarm }: CheckNeeds,
): Promise<ServerCheck | undefined> {
  let said: string | undefined;
  try {
    for await (const { text } of swarm.serviceLog(traefik?.ID ?? '', { tail: 1000 }))
      if (text.includes('"providerName":"oforest.acme"') && text.includes(host))
        said = AcmeLine.parse(JSON.parse(text)).error ?? said;
  } catch {
    // A log that cannot be read leaves what the request itself met.
  }
  if (said === undefined) return undefined;
  const objection = /urn:ietf:params:acme:error:(.*?)(?:, url:|\]|$)/s.exec(said)?.[1] ?? said;
  return failed(
    'https',
    `The authority gives no certificate for ${host}: ${safeText(objection).slice(0, 300)}`,
    `Check that ${host} leads to this server and that its port 80 can be reached from outside.`,
  );
}

const AcmeLine = z.object({ error: z.string().optional() });

const doorHint = `Look at \`docker service logs ${traefikName}\` on the server.`;

function doorOf(name: 'http' | 'https', answer: EntryAnswer | ServerCheck, sentence: string): ServerCheck {
  if (!('status' in answer)) return answer;
  return ok(name, `${sentence}${answer.path === 'public' ? ' (asked by its public address)' : ''}.`);
}

const warnDays = 14;

function certificateChecks(platform: Platform, { studies }: ObservedPlatform, now: Date): readonly ServerCheck[] {
  if (platform.tls.mode !== 'files') return [];
  const certificate = parseCertificate(platform.tls.chain);
  const days = daysLeft(certificate, now);
  const until = certificate.expiresAt.toISOString().slice(0, 10);
  const renew = 'Renew it: `oforest server prepare NAME --tls-cert F --tls-key F`.';
  if (days < 0) return [failed('certificate', `The certificate expired on ${until}.`, renew)];
  const uncovered = studies
    .map(({ Spec }) => Spec.Labels[label.host] ?? '')
    .filter((host) => host !== '' && !covers(certificate, host));
  if (uncovered.length > 0)
    return [failed('certificate', `The certificate does not cover ${uncovered.join(', ')}.`, renew)];
  const sentence = `The certificate for ${certificate.names.join(', ')} is valid until ${until} (${counted(days, 'day')}).`;
  return [days < warnDays ? warning('certificate', sentence, renew) : ok('certificate', sentence)];
}

function ok(name: CheckName, sentence: string): ServerCheck {
  return { name, outcome: 'ok', sentence };
}

function warning(name: CheckName, sentence: string, hint: string): ServerCheck {
  return { name, outcome: 'warning', sentence, hint };
}

function failed(name: CheckName, sentence: string, hint: string | undefined): ServerCheck {
  return { name, outcome: 'failed', sentence, ...(hint && { hint }) };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
