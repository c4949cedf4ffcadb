import * as z from 'zod';
import type { Clock } from '../../clock.ts';
import { type Certificate, covers, parseCertificate, parseKeyPair } from '../../domain/certificate.ts';
import type { HostName } from '../../domain/host-name.ts';
import { formatImageReference, parseImageReference, pinned } from '../../domain/image-reference.ts';
import { type Platform, parseContact } from '../../domain/platform.ts';
import type { Secret } from '../../domain/secret.ts';
import { ExpectedError } from '../../errors.ts';
import type { RegistryGateway } from '../../registry/gateway.ts';
import { samePlatform } from '../../registry/platform.ts';
import { label } from '../../swarm/labels.ts';
import type { ObservedPlatform } from '../../swarm/observe-platform.ts';
import { pinnedNodeId } from '../../swarm/observe-stack.ts';
import type { TraefikTls } from '../../swarm/traefik-static.ts';
import { noticesOf, type PlatformNotice } from './platform-notices.ts';

/** What is left out stays as it is; on a Swarm that was never prepared it is the default. */
export interface PrepareRequest {
  readonly domain?: HostName;
  /** As a person writes them: `traefik:v3.7`. */
  readonly images?: { readonly traefik?: string; readonly postgres?: string };
  readonly httpPort?: number;
  readonly httpsPort?: number;
  readonly tls?: PrepareTls;
  /** Fixed hosts to lend out, where there is no wildcard DNS. */
  readonly addresses?: readonly HostName[];
  /** dockerd's socket on the node of Traefik. */
  readonly dockerSocket?: string;
  /** Whom visitors of a closed study can ask; empty for nobody. */
  readonly contact?: string;
}

export type PrepareTls =
  | { readonly mode: 'none' }
  /** PEM. */
  | { readonly mode: 'files'; readonly certificate: string; readonly key: Secret }
  | {
      readonly mode: 'acme';
      readonly email: string;
      readonly server?: string;
      readonly eabKid?: string;
      readonly eabKey?: Secret;
    };

/** Everything that is decided before the plan: digests, node, certificate. */
export interface WantedPlatform {
  readonly platform: Omit<Platform, 'preparedAt' | 'interruption'>;
  readonly tls: TraefikTls;
  readonly dockerSocket: string;
  readonly notices: readonly PlatformNotice[];
}

export interface DecideNeeds {
  readonly registry: RegistryGateway;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

const defaultImages = { traefik: 'traefik:v3.7', postgres: 'postgres:17' };
const defaultDockerSocket = '/var/run/docker.sock';

/** Throws `usage-wrong`, `certificate-invalid`, `prepare-refused`, and what the registry says of the images. */
export async function decideWanted(
  request: PrepareRequest,
  observed: ObservedPlatform,
  needs: DecideNeeds,
): Promise<WantedPlatform> {
  const { platform: was, studies } = observed;
  const domain = request.domain ?? was?.domain;
  if (domain === undefined)
    throw missing('--domain lab.example.edu', 'Studies need a domain to get their addresses under.');
  const addresses = [...new Set<string>(request.addresses ?? was?.addresses ?? [])].sort();
  const tls = decideTls(request.tls, observed, needs.clock.now());
  const ports = {
    httpPort: request.httpPort ?? was?.httpPort ?? 80,
    httpsPort: request.httpsPort ?? was?.httpsPort ?? 443,
  };
  refusePorts(ports, tls);
  refuseOtherDomain(domain, observed);
  if (tls.mode === 'files') refuseUncovered(tls.certificate, { domain, addresses, studies });
  const entryNode = chooseEntryNode(observed);
  const images = await decideImages(request, { ...observed, entryNode }, needs);
  const contact = request.contact === undefined ? was?.contact : parseContact(request.contact);
  const platform = {
    ...{ format: 1 as const, domain, addresses, tls: recordOf(tls), ...ports, entryNode, images },
    ...(contact !== undefined && { contact }),
  };
  return {
    platform,
    tls,
    dockerSocket: request.dockerSocket ?? socketOf(observed) ?? defaultDockerSocket,
    notices: noticesOf({ platform, tls }, observed, needs.clock.now()),
  };
}

function decideTls(given: PrepareTls | undefined, { platform: was }: ObservedPlatform, now: Date): TraefikTls {
  if (given) return givenTls(given, now);
  if (!was)
    throw missing(
      '--tls-cert F --tls-key F, --acme EMAIL or --tls none',
      'Visitors need a way to connect: which certificate, if any?',
    );
  switch (was.tls.mode) {
    case 'none':
      return was.tls;
    case 'files':
      return { mode: 'files', certificate: parseCertificate(was.tls.chain), key: undefined };
    case 'acme':
      if (was.tls.eabKid !== undefined)
        throw missing(
          '--acme, --acme-server, --acme-eab-kid and --acme-eab-key-file',
          'The key of the ACME account was stored so that nobody can read it back; it is needed once more.',
        );
      return was.tls;
  }
}

function givenTls(given: PrepareTls, now: Date): TraefikTls {
  switch (given.mode) {
    case 'none':
      return given;
    case 'files':
      return { mode: 'files', ...parseKeyPair(given, now) };
    case 'acme': {
      const { email, server, eabKid: kid, eabKey: key } = given;
      if ((kid === undefined) !== (key === undefined))
        throw missing(
          '--acme-eab-kid together with --acme-eab-key-file',
          'An external account has both a key id and a key.',
        );
      return { mode: 'acme', email, ...(server && { server }), ...(kid && key && { eab: { kid, key } }) };
    }
  }
}

function recordOf(tls: TraefikTls): Platform['tls'] {
  switch (tls.mode) {
    case 'none':
      return { mode: 'none' };
    case 'files':
      return { mode: 'files', chain: tls.certificate.chain };
    case 'acme': {
      const { email, server, eab } = tls;
      return { mode: 'acme', email, ...(server && { server }), ...(eab && { eabKid: eab.kid }) };
    }
  }
}

function refusePorts({ httpPort, httpsPort }: { httpPort: number; httpsPort: number }, { mode }: TraefikTls): void {
  if (mode === 'none' || httpPort !== httpsPort) return;
  throw new ExpectedError('usage-wrong', 'choosing the ports of the entry point', {
    why: `HTTP and HTTPS cannot both have port ${httpPort}.`,
    now: 'Nothing was changed.',
    hint: 'Give --http-port and --https-port different numbers.',
  });
}

/** Every address that was given out would stop working. */
function refuseOtherDomain(domain: string, { platform: was, studies }: ObservedPlatform): void {
  if (!was || was.domain === domain || studies.length === 0) return;
  const names = studies.map(({ Spec }) => Spec.Labels[label.stack] ?? Spec.Name).sort();
  const count = names.length === 1 ? '1 study has its address' : `${names.length} studies have their addresses`;
  throw new ExpectedError('prepare-refused', `changing the domain from ${was.domain} to ${domain}`, {
    why: `${count} under ${was.domain} (${shortList(names)}).`,
    now: 'Nothing was changed.',
    hint: 'Delete those studies first, or keep the domain.',
    details: { studies: names },
  });
}

/** A certificate that some study's visitors would be warned of. */
function refuseUncovered(
  certificate: Certificate,
  { domain, addresses, studies }: Pick<Platform, 'domain' | 'addresses'> & Pick<ObservedPlatform, 'studies'>,
): void {
  const usual = covers(certificate, `*.${domain}`) || addresses.length === 0 ? [] : addresses;
  const inUse = studies.map(({ Spec }) => Spec.Labels[label.host] ?? '').filter(Boolean);
  const needed = usual.length === 0 && addresses.length === 0 ? [`*.${domain}`] : usual;
  const uncovered = [...new Set([...needed, ...inUse])].filter((host) => !covers(certificate, host));
  if (uncovered.length === 0) return;
  throw new ExpectedError('prepare-refused', 'checking the names of the certificate', {
    why: `It is for ${shortList(certificate.names) || 'no DNS name'}, not for ${shortList(uncovered)}.`,
    now: 'Nothing was changed.',
    hint:
      addresses.length === 0
        ? `Get one for *.${domain}, or name the hosts it does cover: --addresses h1,h2.`
        : 'Get one that covers all of them, or leave those hosts out of --addresses.',
    details: { covers: certificate.names, missing: uncovered },
  });
}

/** Where Traefik runs already, as long as that is a manager that is up; else the manager we talk to. */
function chooseEntryNode({ traefik, platform, nodes, manager }: ObservedPlatform): string {
  const current = (traefik && pinnedNodeId(traefik)) ?? platform?.entryNode;
  const node = nodes.find(({ ID }) => ID === current);
  const isUsable = node?.Status.State === 'ready' && node.Spec.Availability === 'active' && node.ManagerStatus;
  return node && isUsable ? node.ID : manager.Swarm.NodeID;
}

async function decideImages(
  { images = {} }: PrepareRequest,
  { platform: was, nodes, entryNode }: ObservedPlatform & { entryNode: string },
  needs: DecideNeeds,
): Promise<Platform['images']> {
  const node = nodes.find(({ ID }) => ID === entryNode)?.Description.Platform;
  const resolve = async (part: keyof Platform['images']) => {
    const given = images[part];
    if (given === undefined && was) return was.images[part];
    const reference = parseImageReference(given ?? defaultImages[part]);
    const resolved = await needs.registry.resolve(reference, { signal: needs.signal });
    const server = node && { os: node.OS, architecture: node.Architecture };
    if (server && resolved.platforms.length > 0 && !resolved.platforms.some((one) => samePlatform(one, server)))
      throw new ExpectedError('prepare-refused', `choosing the image ${given ?? defaultImages[part]}`, {
        why: `It is built for ${resolved.platforms.map(({ os, architecture }) => `${os}/${architecture}`).join(', ')}; the server is ${server.os}/${server.architecture}.`,
        now: 'Nothing was changed.',
        hint: `Name one for the server with --${part}-image.`,
      });
    return formatImageReference(pinned(reference, resolved.reference.digest ?? ''));
  };
  const [traefik, postgres] = await Promise.all([resolve('traefik'), resolve('postgres')]);
  return { traefik, postgres };
}

const Mounts = z.array(z.object({ Source: z.string(), Target: z.string() })).catch([]);

/** Where the running Traefik looks for dockerd. */
export function socketOf({ traefik }: Pick<ObservedPlatform, 'traefik'>): string | undefined {
  const mounts = Mounts.parse(traefik?.Spec.TaskTemplate.ContainerSpec?.Mounts);
  return mounts.find(({ Target }) => Target === defaultDockerSocket)?.Source;
}

function missing(flag: string, why: string): ExpectedError {
  return new ExpectedError('usage-wrong', 'preparing the server', {
    why,
    now: 'Nothing was changed.',
    hint: `Add ${flag}.`,
  });
}

function shortList(names: readonly string[]): string {
  return names.length <= 4 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
