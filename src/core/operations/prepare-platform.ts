import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../clock.ts';
import { type Platform, publicNetwork } from '../domain/platform.ts';
import { Secret } from '../domain/secret.ts';
import { ExpectedError } from '../errors.ts';
import { savePlatform } from '../records/platform-record.ts';
import type { RegistryGateway } from '../registry/gateway.ts';
import type { ServiceSpec } from '../swarm/engine-types.ts';
import { freeSubnet } from '../swarm/free-subnet.ts';
import type { RegistryAuth, SwarmGateway } from '../swarm/gateway.ts';
import { dockerLabel, label } from '../swarm/labels.ts';
import { type ObservedPlatform, observePlatform, traefikFileKind } from '../swarm/observe-platform.ts';
import { isAsWanted, platformStack, traefikName, traefikNode, traefikService } from '../swarm/traefik-service.ts';
import { type TraefikFile, traefikFiles } from '../swarm/traefik-static.ts';
import { runTraefik } from './run-traefik.ts';
import {
  decideWanted,
  type PlatformNotice,
  type PrepareRequest,
  socketOf,
  type WantedPlatform,
} from './wanted-platform.ts';

/** One change of a plan: what will be done and why, as data, before anything is done. */
export interface PlatformChange {
  readonly action: 'create' | 'update';
  readonly subject: 'network' | TraefikFile['subject'] | 'traefik' | 'platform';
  readonly name: string;
  readonly because: string;
  /** Whether people in any study would notice: their requests fail for a few seconds. */
  readonly interrupts: boolean;
}

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
 * it was, `port-taken`, `image-pull-failed`, `node-unsuitable`, `version-conflict`, `operation-failed`. Where Traefik does
 * not come up, the earlier one is put back, and a new one removed; cancelling leaves what was made, and the next run goes on.
 */
export async function* applyPlatform(
  plan: PlatformPlan,
  needs: ApplyNeeds,
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
  const platform = { ...wanted.platform, preparedAt: clock.now().toISOString() };
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

function changesOf(wanted: WantedPlatform, observed: ObservedPlatform): readonly PlatformChange[] {
  return [
    ...networkChanges(observed),
    ...fileChanges(wanted, observed),
    ...traefikChanges(wanted, observed),
    ...recordChanges(wanted, observed),
  ];
}

function networkChanges({ publicNetwork: network, networks, nodes }: ObservedPlatform): PlatformChange[] {
  if (network && network.Driver !== 'overlay')
    throw new ExpectedError('prepare-refused', `looking at the network ${publicNetwork}`, {
      why: `A ${network.Driver} network of that name exists; the studies need an overlay.`,
      now: 'Nothing was changed.',
      hint: `Remove it: docker network rm ${publicNetwork}.`,
    });
  if (network) return [];
  const because = `Traefik reaches the studies through it; its subnet ${subnetFor({ networks, nodes })} is free`;
  return [{ action: 'create', subject: 'network', name: publicNetwork, because, interrupts: false }];
}

function subnetFor({ networks, nodes }: Pick<ObservedPlatform, 'networks' | 'nodes'>): string {
  return freeSubnet({
    taken: networks.flatMap(({ IPAM }) => (IPAM?.Config ?? []).flatMap(({ Subnet }) => Subnet ?? [])),
    nodeAddresses: nodes.map(({ Status }) => Status.Addr),
  });
}

const fileReasons: Readonly<Record<TraefikFile['subject'], string>> = {
  settings: 'what Traefik is to do is in this file',
  certificate: 'visitors are shown this certificate',
  key: "the certificate's key, which nobody can read back",
};

function fileChanges(wanted: WantedPlatform, observed: ObservedPlatform): PlatformChange[] {
  const stored = fileIds(observed);
  return filesOf(wanted)
    .filter(({ name }) => stored[name] === undefined)
    .map(({ subject, name, content }) => {
      if (content === undefined) throw keyGone();
      return { action: 'create', subject, name, because: fileReasons[subject], interrupts: false };
    });
}

function traefikChanges(wanted: WantedPlatform, observed: ObservedPlatform): PlatformChange[] {
  const { traefik } = observed;
  const change = { subject: 'traefik', name: traefikName } as const;
  if (!traefik)
    return [{ ...change, action: 'create', because: 'it leads visitors to the studies', interrupts: false }];
  if (isAsWanted(specOf(wanted, observed), traefik)) return [];
  return [{ ...change, action: 'update', because: whyTraefikChanges(wanted, observed), interrupts: true }];
}

function whyTraefikChanges(
  { platform, dockerSocket }: WantedPlatform,
  { traefik, platform: was }: ObservedPlatform,
): string {
  const image = traefik?.Spec.TaskTemplate.ContainerSpec?.Image;
  const node = traefik && traefikNode(traefik);
  const reasons = [
    image !== platform.images.traefik && `its image ${image} becomes ${platform.images.traefik}`,
    node !== platform.entryNode && `it moves to the node ${platform.entryNode}`,
    socketOf({ traefik }) !== dockerSocket && `it reaches dockerd at ${dockerSocket}`,
    was && was.httpPort !== platform.httpPort && `port ${was.httpPort} becomes ${platform.httpPort}`,
    was && was.httpsPort !== platform.httpsPort && `port ${was.httpsPort} becomes ${platform.httpsPort}`,
    was && whyTlsChanges(was.tls, platform.tls),
  ].filter((reason) => typeof reason === 'string');
  return reasons.length > 0 ? reasons.join('; ') : 'it is not as this oForest writes it';
}

const tlsWords = { none: 'no TLS', files: 'a certificate of your own', acme: 'certificates by ACME' } as const;

function whyTlsChanges(was: Platform['tls'], wanted: Platform['tls']): string | undefined {
  if (isDeepStrictEqual(was, wanted)) return undefined;
  if (was.mode !== wanted.mode) return `${tlsWords[was.mode]} becomes ${tlsWords[wanted.mode]}`;
  return wanted.mode === 'files' ? 'the certificate is another one' : 'the ACME account is another one';
}

function recordChanges({ platform }: WantedPlatform, { platform: was }: ObservedPlatform): PlatformChange[] {
  const change = { subject: 'platform', name: 'the settings of the platform', interrupts: false } as const;
  if (!was) return [{ ...change, action: 'create', because: `studies get addresses under ${platform.domain}` }];
  const fields = Object.keys(platform) as (keyof typeof platform)[];
  const changed = fields.filter((field) => !isDeepStrictEqual(was[field], platform[field]));
  if (changed.length === 0) return [];
  return [
    { ...change, action: 'update', because: changed.map((field) => recordWords[field](was, platform)).join('; ') },
  ];
}

type RecordField = keyof WantedPlatform['platform'];
type RecordWords = (was: WantedPlatform['platform'], wanted: WantedPlatform['platform']) => string;

const recordWords: Readonly<Record<RecordField, RecordWords>> = {
  format: () => 'the format is newer',
  domain: (was, wanted) => `the domain ${was.domain} becomes ${wanted.domain}`,
  addresses: (_was, { addresses }) => `the addresses to lend out are ${addresses.join(', ') || 'none'}`,
  tls: (was, wanted) => whyTlsChanges(was.tls, wanted.tls) ?? '',
  httpPort: (was, wanted) => `port ${was.httpPort} becomes ${wanted.httpPort}`,
  httpsPort: (was, wanted) => `port ${was.httpsPort} becomes ${wanted.httpsPort}`,
  entryNode: (_was, { entryNode }) => `Traefik is on the node ${entryNode}`,
  images: (was, wanted) =>
    was.images.postgres === wanted.images.postgres
      ? 'the image of Traefik is another one'
      : `databases made from now on run ${wanted.images.postgres}`,
};

/** Its files by name; the ids of those that are still to be stored are missing, and so is the network's. */
function specOf({ platform, tls, dockerSocket }: WantedPlatform, observed: ObservedPlatform): ServiceSpec {
  return traefikService({
    image: platform.images.traefik,
    settings: { ...platform, tls },
    files: traefikFiles({ ...platform, tls }),
    nodeId: platform.entryNode,
    networkId: observed.publicNetwork?.Id ?? '',
    fileIds: fileIds(observed),
    dockerSocket,
    forceUpdate: observed.traefik?.Spec.TaskTemplate.ForceUpdate ?? 0,
  });
}

function filesOf({ platform, tls }: WantedPlatform): readonly TraefikFile[] {
  return traefikFiles({ ...platform, tls });
}

function fileIds({ configs, secrets }: Pick<ObservedPlatform, 'configs' | 'secrets'>): Record<string, string> {
  return Object.fromEntries([...configs, ...secrets].map(({ ID, Spec }) => [Spec.Name, ID]));
}

function keyGone(): ExpectedError {
  return new ExpectedError('usage-wrong', 'looking for the key of the certificate', {
    why: 'The server does not have it any more.',
    now: 'Nothing was changed.',
    hint: 'Give both again: --tls-cert F --tls-key F.',
  });
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

/** Earlier settings, certificates and keys, once nothing uses them. */
async function removeOldFiles(wanted: WantedPlatform, needs: ApplyNeeds): Promise<void> {
  const current = new Set(filesOf(wanted).map(({ name }) => name));
  const { configs, secrets } = await observePlatform(needs);
  for (const { ID, Spec } of configs) if (!current.has(Spec.Name)) await needs.swarm.removeConfig(ID);
  for (const { ID, Spec } of secrets) if (!current.has(Spec.Name)) await needs.swarm.removeSecret(ID);
}
