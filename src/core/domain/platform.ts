import * as z from 'zod';

/** The settings of one Swarm that everyone shares: the record `of.platform.<n>`, newest n wins. */
export const Platform = z.object({
  format: z.literal(1),
  domain: z.string(),
  /** Hosts the platform lends out where there is no wildcard DNS. */
  addresses: z.array(z.string()),
  tls: z.discriminatedUnion('mode', [
    z.object({ mode: z.literal('none') }),
    /** `chain` is the certificate with its chain, PEM: what our own proof trusts beside the system's store. */
    z.object({ mode: z.literal('files'), chain: z.string() }),
    z.object({
      mode: z.literal('acme'),
      email: z.string(),
      server: z.string().optional(),
      eabKid: z.string().optional(),
    }),
  ]),
  httpPort: z.number().int(),
  httpsPort: z.number().int(),
  /** Node id where Traefik runs. */
  entryNode: z.string(),
  images: z.object({ traefik: z.string(), postgres: z.string() }),
  preparedAt: z.string(),
});
export type Platform = z.infer<typeof Platform>;

export const publicNetwork = 'oforest_public';

/** The address people type; a port other than the scheme's own is shown. */
export function urlOf(host: string, platform: Platform): string {
  const [scheme, port, usual] =
    platform.tls.mode === 'none' ? ['http', platform.httpPort, 80] : ['https', platform.httpsPort, 443];
  return `${scheme}://${host}${port === usual ? '' : `:${port}`}`;
}
