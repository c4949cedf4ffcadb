import tls from 'node:tls';
import { daysLeft, leadsTo } from '../../domain/certificate.ts';
import type { Platform } from '../../domain/platform.ts';
import { label } from '../../swarm/labels.ts';
import type { ObservedPlatform } from '../../swarm/observe-platform.ts';
import type { TraefikTls } from '../../swarm/traefik-static.ts';
import type { WantedPlatform } from './wanted-platform.ts';

/** Something an admin should know before saying yes. */
export interface PlatformNotice {
  readonly code:
    | 'not-encrypted'
    | 'certificate-expires-soon'
    | 'certificate-chain-unknown'
    | 'acme-needs-port-80'
    | 'links-change'
    | 'studies-need-restart';
  readonly sentence: string;
}

const warnDays = 14;

export function noticesOf(
  { platform, tls }: Pick<WantedPlatform, 'platform' | 'tls'>,
  { platform: was, studies }: ObservedPlatform,
  now: Date,
): readonly PlatformNotice[] {
  const notices: PlatformNotice[] = [];
  if (tls.mode === 'none')
    notices.push({
      code: 'not-encrypted',
      sentence: "Without TLS, everything goes over the network in plain text, the password of oTree's admin included.",
    });
  if (tls.mode === 'files') notices.push(...certificateNotices(tls, now));
  if (tls.mode === 'acme' && platform.httpPort !== 80)
    notices.push({
      code: 'acme-needs-port-80',
      sentence: `The certificate authority asks on port 80; something must lead that to port ${platform.httpPort} here.`,
    });
  if (was && studies.length > 0) notices.push(...studyNotices(platform, { was, studies }));
  return notices;
}

/** Its chain is worth a word only when it is new. */
function certificateNotices(
  { certificate, key }: Extract<TraefikTls, { mode: 'files' }>,
  now: Date,
): readonly PlatformNotice[] {
  const notices: PlatformNotice[] = [];
  const days = daysLeft(certificate, now);
  if (days < warnDays)
    notices.push({
      code: 'certificate-expires-soon',
      sentence: `The certificate expires in ${days === 1 ? '1 day' : `${days} days`}.`,
    });
  if (key && !leadsTo([...tls.getCACertificates('default'), ...tls.getCACertificates('system')], certificate))
    notices.push({
      code: 'certificate-chain-unknown',
      sentence:
        'The certificate does not lead to an authority that this computer knows: its own intermediate certificates belong into the same file. Visitors whose browsers do not know the authority are warned.',
    });
  return notices;
}

function studyNotices(
  platform: WantedPlatform['platform'],
  { was, studies }: { was: Platform } & Pick<ObservedPlatform, 'studies'>,
): readonly PlatformNotice[] {
  const notices: PlatformNotice[] = [];
  const names = studies.map(({ Spec }) => Spec.Labels[label.stack] ?? Spec.Name).sort();
  const door = ({ tls: { mode }, httpPort, httpsPort }: WantedPlatform['platform']) =>
    mode === 'none' ? `http:${httpPort}` : `https:${httpsPort}`;
  if (door(platform) !== door(was))
    notices.push({ code: 'links-change', sentence: 'Links that participants already have stop working.' });
  // acme to files is harmless: a resolver that is gone leaves the default certificate.
  if (platform.tls.mode !== was.tls.mode && !(was.tls.mode === 'acme' && platform.tls.mode === 'files'))
    notices.push({
      code: 'studies-need-restart',
      sentence: `Each study is out of reach until \`oforest restart NAME\`: ${names.join(', ')}.`,
    });
  return notices;
}
