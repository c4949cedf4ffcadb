import {
  applyPlatform,
  type Clock,
  checkServer,
  expandHome,
  type PlatformPlan,
  parseHostName,
  planPlatform,
  type Server,
} from '../../../core/index.ts';
import { prepareRequest } from '../../prepare-request.ts';
import type { PrepareAnswers } from '../model/first-run.ts';
import type { PreparePhase } from '../model/screens/prepare.ts';

interface Needs {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** For `~/`. */
  readonly home: string;
}

/** What preparing the server like this would change; the same as `oforest server prepare --plan`. */
export async function planAsked(
  { domain, certificates, email, certificateFile, keyFile, traefikImage, postgresImage }: PrepareAnswers,
  server: Server,
  { clock, signal, home }: Needs,
): Promise<PlatformPlan> {
  const file = (path: string) => expandHome(path, home);
  const ways = {
    acme: { acme: email },
    files: { tlsCert: file(certificateFile), tlsKey: file(keyFile) },
    none: { tls: 'none' },
  } as const;
  const asked = { domain: parseHostName(domain), ...ways[certificates], traefikImage, postgresImage };
  const request = await prepareRequest(asked, server.config);
  return await planPlatform(request, { ...server, clock, signal });
}

/** Makes the changes of the plan, and tells each as it begins; at last, what a visitor would meet. */
export async function* applyAsked(
  plan: PlatformPlan,
  server: Server,
  { clock, signal }: Needs,
): AsyncGenerator<PreparePhase> {
  const applying = applyPlatform(plan, { ...server, clock, signal });
  for (let begun = 0; ; ) {
    const next = await applying.next();
    if (next.done) {
      const { domain, addresses } = next.value;
      const { checks } = await checkServer({ ...server, clock, signal });
      const where = addresses.length > 0 ? addresses.join(', ') : `*.${domain}`;
      yield { kind: 'prepared', where, wrong: checks.filter(({ outcome }) => outcome !== 'ok') };
      return;
    }
    const event = next.value;
    if (event.kind === 'change-started') begun += 1;
    yield { kind: 'applying', plan, begun, ...(event.kind === 'waiting' && { waitsFor: event.on }) };
  }
}
