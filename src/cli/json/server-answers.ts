import * as z from 'zod';
import type { PlatformChange, PlatformNotice, ServerCheck } from '../../core/index.ts';
import { answer, type Json, serverName } from './schema-parts.ts';

export const platformChange = z
  .strictObject({
    action: z.enum(['create', 'update']),
    subject: z.enum(['network', 'settings', 'certificate', 'key', 'traefik', 'closed-page', 'platform']),
    name: z.string(),
    because: z.string(),
    interrupts: z.boolean().describe('Whether people in any study would notice.'),
  })
  .meta({ id: 'platform-change', description: 'One change of `server prepare`.' }) satisfies z.ZodType<
  Json<PlatformChange>
>;

const platformNotices = z.array(
  z.strictObject({
    code: z.enum([
      'not-encrypted',
      'certificate-expires-soon',
      'certificate-chain-unknown',
      'acme-needs-port-80',
      'links-change',
      'studies-need-restart',
    ]),
    sentence: z.string(),
  }) satisfies z.ZodType<Json<PlatformNotice>>,
);

const check = z
  .strictObject({
    name: z.enum([
      'docker',
      'clock',
      'swarm',
      'managers',
      'platform',
      'network',
      'traefik',
      'closed-page',
      'http',
      'https',
      'certificate',
    ]),
    outcome: z.enum(['ok', 'warning', 'failed']),
    sentence: z.string(),
    hint: z.string().optional(),
  })
  .meta({ id: 'check', description: 'One thing that `server check` looked at.' }) satisfies z.ZodType<
  Json<ServerCheck>
>;

export const namedServer = answer('named-server', 'server add, server use', { server: serverName });
export const servers = answer('servers', 'server list', {
  servers: z.array(z.strictObject({ name: z.string(), current: z.boolean(), address: z.string() })),
});
export const serverCheck = answer(
  'server-check',
  'server check: ok is false, and the exit code 1, when a check failed',
  {
    ok: z.boolean(),
    server: serverName,
    outcome: z.enum(['ok', 'warning', 'failed']).describe('The worst of all.'),
    checks: z.array(check),
  },
);
export const preparePlan = answer('prepare-plan', 'server prepare with --plan, and whenever there is nothing to do', {
  server: serverName,
  outcome: z.enum(['planned', 'unchanged']),
  changes: z.array(platformChange),
  notices: platformNotices,
});
export const prepared = answer('prepared', 'server prepare', {
  server: serverName,
  outcome: z.literal('changed'),
  changes: z.array(platformChange),
  notices: platformNotices,
  platform: z.strictObject({
    domain: z.string(),
    addresses: z.array(z.string()),
    tls: z.enum(['none', 'files', 'acme']),
    httpPort: z.int(),
    httpsPort: z.int(),
    contact: z.string().optional().describe('Whom participants may ask, as a closed study shows it.'),
    entryNode: z.string(),
    images: z.strictObject({ traefik: z.string(), postgres: z.string() }),
  }),
  checks: z.array(check),
});
export const sandboxOpen = answer('sandbox-open', 'sandbox serve, once it lets people in', {
  server: serverName,
  ssh: z.strictObject({ host: z.string(), port: z.int(), sshConfig: z.string() }),
});
export const sandboxStopped = answer('sandbox-stopped', 'sandbox stop', { stopped: z.boolean() });
export const sandboxReset = answer('sandbox-reset', 'sandbox reset', { reset: z.literal(true) });
