import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../clock.ts';
import { type Platform, publicNetwork } from '../../domain/platform.ts';
import { Secret } from '../../domain/secret.ts';
import { ExpectedError } from '../../errors.ts';
import { savePlatform } from '../../records/platform-record.ts';
import type { RegistryGateway } from '../../registry/gateway.ts';
import type { RegistryAuth, SwarmGateway } from '../../swarm/gateway.ts';
import { dockerLabel, label } from '../../swarm/labels.ts';
import { type ObservedPlatform, observePlatform, traefikFileKind } from '../../swarm/observe-platform.ts';
import { platformStack } from '../../swarm/traefik-service.ts';
import {
  changesOf,
  closedPageSpecOf,
  filesOf,
  keyGone,
  type PlatformChange,
  specOf,
  subnetFor,
} from './platform-changes.ts';
import type { PlatformNotice } from './platform-notices.ts';
import { refuseServerWork } from './refuse-server-work.ts';
import { runClosedPage } from './run-closed-page.ts';
import { runTraefik } from './run-traefik.ts';
import { decideWanted, type PrepareRequest, type WantedPlatform } from './wanted-platform.ts';

export interface PlatformPlan {
  /** In the order they are made; empty when all is as wanted. */
  readonly changes: readonly PlatformChange[];
  readonly notices: readonly PlatformNotice[];
  readonly wanted: WantedPlatform;
}

export type PlatformEvent =
  | { kind: 'change-started'; change: PlatformChange }
  | { kind: 'change-finished'; change: PlatformChange }
  | { kind: 'waiting'; on: string };

export interface PlanNeeds {
  readonly swarm: SwarmGateway;
  readonly registry: RegistryGateway;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface ApplyNeeds extends Omit<PlanNeeds, 'registry'> {
  /** Credentials for the registry of an image; undefined for a public one. */
  readonly registryAuth?: (image: string) => RegistryAuth | undefined;
}

/**
 * What would make this Swarm ready for studies: reads, and writes nothing. Throws `usage-wrong`, `certificate-invalid`,
 * `prepare-refused`, and what keeps us from the Swarm or the registry.
 */
export async function planPlatform(request: PrepareRequest, needs: PlanNeeds): Promise<PlatformPlan> {
  const observed = await observePlatform(needs);
  const wanted = await decideWanted(request, observed, needs);
  return { changes: changesOf(wanted, observed), notices: wanted.notices, wanted };
}

/**
 * Makes the changes of the plan; returns the platform as recorded. Throws `plan-changed` when the Swarm is no longer as
 * it was, what `refuseServerWork` throws, `port-taken`, `image-pull-failed`, `node-unsuitable`, `version-conflict`,
 * `operation-failed`. Where Traefik does not come up, the earlier one is put back, and a new one removed; whether the page
 * for closed studies came up, `checkServer` tells, because studies run without it. Cancelling leaves what was made, and the
 * next run goes on. An interruption goes on past people in a session, and is recorded with the settings.
 */
export async function* applyPlatform(
  plan: PlatformPlan,
  needs: ApplyNeeds,
  interruption?: Platform['interruption'],
): AsyncGenerator<PlatformEvent, Platform, void> {
  const { wanted } = plan;
  const { swarm, clock } = needs;
  const observed = await observePlatform(needs);
  if (!isDeepStrictEqual(changesOf(wanted, observed), plan.changes))
    throw new ExpectedError('plan-changed', 'preparing the server', {
      why: 'Somebody changed the platform since the plan was made.',
      now: 'Nothing was changed.',
      hint: 'Run the command again and look at the new plan.',
    });
  const interrupts = plan.changes.some((change) => change.interrupts);
  if (interrupts) await refuseServerWork(observed, { interrupt: interruption?.reason }, needs);
  const platform: Platform = {
    ...wanted.platform,
    preparedAt: clock.now().toISOString(),
    ...(interrupts && interruption && { interruption }),
  };
  if (platform.interruption && !plan.changes.some(({ subject }) => subject === 'platform'))
    await savePlatform(swarm, platform);
  for (const change of plan.changes) {
    yield { kind: 'change-started', change };
    switch (change.subject) {
      case 'network':
        await createPublicNetwork(observed, needs);
        break;
      case 'settings':
      case 'certificate':
      case 'key':
        await storeFile(change.name, wanted, needs);
        break;
      case 'traefik':
        yield* updateTraefik(wanted, needs);
        break;
      case 'closed-page':
        yield* updateClosedPage(wanted, needs);
        break;
      case 'platform':
        await savePlatform(swarm, platform);
        break;
    }
    yield { kind: 'change-finished', change };
  }
  if (plan.changes.some(({ subject }) => subject === 'traefik')) await removeOldFiles(wanted, needs);
  return plan.changes.some(({ subject }) => subject === 'platform') || !observed.platform
    ? platform
    : observed.platform;
}

async function createPublicNetwork(observed: ObservedPlatform, { swarm }: ApplyNeeds): Promise<void> {
  await swarm.createNetwork({
    Name: publicNetwork,
    Internal: false,
    Subnet: subnetFor(observed),
    Labels: { [dockerLabel.namespace]: platformStack },
  });
}

async function storeFile(name: string, wanted: WantedPlatform, { swarm }: ApplyNeeds): Promise<void> {
  const file = filesOf(wanted).find((one) => one.name === name);
  if (file?.content === undefined) throw keyGone();
  const labels = { [label.kind]: traefikFileKind };
  if (file.kind === 'secret' || file.content instanceof Secret) await swarm.createSecret(name, labels, file.content);
  else await swarm.createConfig(name, labels, file.content);
}

async function* updateTraefik(wanted: WantedPlatform, needs: ApplyNeeds): AsyncGenerator<PlatformEvent, void, void> {
  const observed = await observePlatform(needs);
  const { images, httpPort, httpsPort } = wanted.platform;
  const run = {
    spec: specOf(wanted, observed),
    before: observed.traefik,
    registryAuth: needs.registryAuth?.(images.traefik),
    ports: [httpPort, httpsPort],
  };
  for await (const on of runTraefik(run, needs)) yield { kind: 'waiting', on };
}

async function* updateClosedPage(wanted: WantedPlatform, needs: ApplyNeeds): AsyncGenerator<PlatformEvent, void, void> {
  const look = async () => {
    const observed = await observePlatform(needs);
    return { before: observed.closedPage, spec: closedPageSpecOf(wanted, observed) };
  };
  const registryAuth = needs.registryAuth?.(wanted.platform.images.postgres);
  for await (const on of runClosedPage({ look, registryAuth }, needs)) yield { kind: 'waiting', on };
}

/** Earlier settings, certificates and keys, once nothing uses them. */
async function removeOldFiles(wanted: WantedPlatform, needs: ApplyNeeds): Promise<void> {
  const current = new Set(filesOf(wanted).map(({ name }) => name));
  const { configs, secrets } = await observePlatform(needs);
  for (const { ID, Spec } of configs) if (!current.has(Spec.Name)) await needs.swarm.removeConfig(ID);
  for (const { ID, Spec } of secrets) if (!current.has(Spec.Name)) await needs.swarm.removeSecret(ID);
}
