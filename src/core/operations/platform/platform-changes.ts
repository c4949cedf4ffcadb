import { isDeepStrictEqual } from 'node:util';
import { type Platform, publicNetwork } from '../../domain/platform.ts';
import { ExpectedError } from '../../errors.ts';
import { closedPageName, closedPageSpec } from '../../swarm/closed-page.ts';
import type { ServiceSpec } from '../../swarm/engine-types.ts';
import { freeSubnet } from '../../swarm/free-subnet.ts';
import { label } from '../../swarm/labels.ts';
import type { ObservedPlatform } from '../../swarm/observe-platform.ts';
import { pinnedNodeId } from '../../swarm/observe-stack.ts';
import { type ClosedRoute, closedRoutesOf, routeTlsOf } from '../../swarm/traefik-labels.ts';
import { isAsWanted, traefikName, traefikService } from '../../swarm/traefik-service.ts';
import { type TraefikFile, traefikFiles } from '../../swarm/traefik-static.ts';
import { socketOf, type WantedPlatform } from './wanted-platform.ts';

/** One change of a plan: what will be done and why, as data, before anything is done. */
export interface PlatformChange {
  readonly action: 'create' | 'update';
  readonly subject: 'network' | TraefikFile['subject'] | 'traefik' | 'closed-page' | 'platform';
  readonly name: string;
  readonly because: string;
  /** Whether people in any study would notice: their requests fail for a few seconds. */
  readonly interrupts: boolean;
}

/** What has to be done to come from what is observed to what is wanted; in the order in which it is done. */
export function changesOf(wanted: WantedPlatform, observed: ObservedPlatform): readonly PlatformChange[] {
  return [
    ...networkChanges(observed),
    ...fileChanges(wanted, observed),
    ...traefikChanges(wanted, observed),
    ...closedPageChanges(wanted, observed),
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

export function subnetFor({ networks, nodes }: Pick<ObservedPlatform, 'networks' | 'nodes'>): string {
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
  const node = traefik && pinnedNodeId(traefik);
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

function closedPageChanges(wanted: WantedPlatform, observed: ObservedPlatform): PlatformChange[] {
  const { closedPage, platform: was } = observed;
  const change = { subject: 'closed-page', name: closedPageName, interrupts: false } as const;
  if (!closedPage) {
    const because = 'whoever opens the link of a closed study is told that it is closed';
    return [{ ...change, action: 'create', because }];
  }
  const spec = closedPageSpecOf(wanted, observed);
  if (isAsWanted(spec, closedPage) && isDeepStrictEqual(traefikLabelsIn(spec), traefikLabelsIn(closedPage.Spec)))
    return [];
  const { images, contact, entryNode, tls } = wanted.platform;
  const image = closedPage.Spec.TaskTemplate.ContainerSpec?.Image;
  const reasons = [
    image !== images.postgres && `its image ${image} becomes ${images.postgres}`,
    was && was.contact !== contact && contactWords(contact),
    pinnedNodeId(closedPage) !== entryNode && `it moves to the node ${entryNode}`,
    was && whyTlsChanges(was.tls, tls),
  ].filter((reason) => typeof reason === 'string');
  const because = reasons.length > 0 ? reasons.join('; ') : 'it is not as this oForest writes it';
  return [{ ...change, action: 'update', because }];
}

function contactWords(contact: string | undefined): string {
  return contact === undefined ? 'it names no contact any more' : `the contact is ${contact}`;
}

function traefikLabelsIn({ Labels }: Pick<ServiceSpec, 'Labels'>): Record<string, string> {
  return Object.fromEntries(Object.entries(Labels).filter(([key]) => key.startsWith('traefik.')));
}

function recordChanges({ platform }: WantedPlatform, { platform: was }: ObservedPlatform): PlatformChange[] {
  const change = { subject: 'platform', name: 'the settings of the platform', interrupts: false } as const;
  if (!was) return [{ ...change, action: 'create', because: `studies get addresses under ${platform.domain}` }];
  const fields = Object.keys(recordWords) as RecordField[];
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
  contact: (_was, { contact }) => contactWords(contact),
  images: (was, wanted) =>
    was.images.postgres === wanted.images.postgres
      ? 'the image of Traefik is another one'
      : `databases made from now on run ${wanted.images.postgres}`,
};

/** Its files by name; the ids of those that are still to be stored are missing, and so is the network's. */
export function specOf({ platform, tls, dockerSocket }: WantedPlatform, observed: ObservedPlatform): ServiceSpec {
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

/** With the addresses it has, or, where it is missing, those of all studies that do not run. */
export function closedPageSpecOf({ platform }: WantedPlatform, observed: ObservedPlatform): ServiceSpec {
  const { closedPage, publicNetwork: network } = observed;
  return closedPageSpec({
    image: platform.images.postgres,
    contact: platform.contact,
    routes: closedPage ? closedRoutesOf(closedPage.Spec.Labels) : routesOfClosed(observed),
    tls: routeTlsOf(platform),
    nodeId: platform.entryNode,
    networkId: network?.Id ?? '',
    forceUpdate: closedPage?.Spec.TaskTemplate.ForceUpdate ?? 0,
  });
}

function routesOfClosed({ studies }: Pick<ObservedPlatform, 'studies'>): readonly ClosedRoute[] {
  return studies
    .filter(({ Spec }) => Spec.Mode.Replicated?.Replicas === 0)
    .flatMap(({ Spec: { Labels } }) => {
      const { [label.stack]: stack, [label.host]: host } = Labels;
      return stack !== undefined && host !== undefined ? [{ stack, host }] : [];
    });
}

export function filesOf({ platform, tls }: WantedPlatform): readonly TraefikFile[] {
  return traefikFiles({ ...platform, tls });
}

function fileIds({ configs, secrets }: Pick<ObservedPlatform, 'configs' | 'secrets'>): Record<string, string> {
  return Object.fromEntries([...configs, ...secrets].map(({ ID, Spec }) => [Spec.Name, ID]));
}

export function keyGone(): ExpectedError {
  return new ExpectedError('usage-wrong', 'looking for the key of the certificate', {
    why: 'The server does not have it any more.',
    now: 'Nothing was changed.',
    hint: 'Give both again: --tls-cert F --tls-key F.',
  });
}
