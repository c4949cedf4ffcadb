import { counted } from '../../domain/counted.ts';
import { publicNetwork } from '../../domain/platform.ts';
import { ExpectedError } from '../../errors.ts';
import { closedPageName, noPerlExit } from '../../swarm/closed-page.ts';
import type { EngineInfo, Node, Task } from '../../swarm/engine-types.ts';
import { usableAddresses } from '../../swarm/free-subnet.ts';
import { label } from '../../swarm/labels.ts';
import { type ObservedPlatform, observePlatform } from '../../swarm/observe-platform.ts';
import { pinnedNodeId } from '../../swarm/observe-stack.ts';
import { traefikName } from '../../swarm/traefik-service.ts';
import { endedStates } from '../steps/task-failure.ts';
import { certificateChecks, entryChecks } from './check-entry.ts';
import { type CheckNeeds, failed, ok, type ServerCheck, warning } from './check-result.ts';

export interface ServerReport {
  /** The worst of all. */
  readonly outcome: ServerCheck['outcome'];
  readonly checks: readonly ServerCheck[];
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
          ...(await entryChecks(platform, looked, needs)),
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

/** One that is only to be started again does not say why the one before it ended. */
function stateOf(tasks: readonly Task[]): string {
  const newestFirst = [...tasks].sort((a, b) => b.CreatedAt.localeCompare(a.CreatedAt));
  const isNext = ({ DesiredState, Status }: Task) =>
    DesiredState === 'ready' && Status.Err === '' && !endedStates.includes(Status.State);
  const told = newestFirst.find((task) => !isNext(task)) ?? newestFirst[0];
  if (!told) return 'missing';
  return `${told.Status.State}${told.Status.Err ? `: ${told.Status.Err}` : ''}`;
}
