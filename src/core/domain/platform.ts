import * as z from 'zod';
import { ExpectedError } from '../errors.ts';
import { Actor } from './actor.ts';
import { safeText } from './terminal-text.ts';

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
  /** Whom visitors of a closed study can ask: plain text. */
  contact: z.string().optional(),
  preparedAt: z.string(),
  /** Who took it upon themselves to disturb people in a session for this, and why. */
  interruption: z.object({ reason: z.string(), actor: Actor }).optional(),
});
export type Platform = z.infer<typeof Platform>;

const maxContactLength = 200;

/** One line of plain text; undefined for none. Throws `usage-wrong`. */
export function parseContact(text: string): string | undefined {
  const contact = text.trim();
  const why =
    [...contact].length > maxContactLength
      ? `It is longer than ${maxContactLength} characters.`
      : (/[\n\t]/.test(contact) || safeText(contact) !== contact) && 'It is not one line of plain text.';
  if (!why) return contact === '' ? undefined : contact;
  throw new ExpectedError('usage-wrong', 'reading the contact', {
    why,
    now: 'Nothing was changed.',
    hint: 'Write it like this: --contact "Lab Office, lab@example.edu".',
  });
}

export const publicNetwork = 'oforest_public';

/** The address people type; a port other than the scheme's own is shown. */
export function urlOf(host: string, platform: Platform): string {
  const [scheme, port, usual] =
    platform.tls.mode === 'none' ? ['http', platform.httpPort, 80] : ['https', platform.httpsPort, 443];
  return `${scheme}://${host}${port === usual ? '' : `:${port}`}`;
}
