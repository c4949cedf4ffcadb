import * as z from 'zod';
import { covers, daysLeft, parseCertificate } from '../../domain/certificate.ts';
import { counted } from '../../domain/counted.ts';
import type { Platform } from '../../domain/platform.ts';
import { capital, safeText } from '../../domain/terminal-text.ts';
import type { EntryAnswer } from '../../entry/gateway.ts';
import { ExpectedError } from '../../errors.ts';
import { label } from '../../swarm/labels.ts';
import type { ObservedPlatform } from '../../swarm/observe-platform.ts';
import { traefikName } from '../../swarm/traefik-service.ts';
import { type CheckNeeds, failed, ok, type ServerCheck, warning } from './check-result.ts';

/** What a visitor's browser meets: HTTP that leads to HTTPS, and a certificate it can trust. */
export async function entryChecks(
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

export function certificateChecks(
  platform: Platform,
  { studies }: ObservedPlatform,
  now: Date,
): readonly ServerCheck[] {
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
