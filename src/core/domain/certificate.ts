import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { ExpectedError } from '../errors.ts';
import { Secret } from './secret.ts';

/** A TLS certificate as a web server needs it: its own certificate first, then what leads to a root. */
export interface Certificate {
  /** PEM, certificates only. */
  readonly chain: string;
  /** The names it holds for: `*.lab.example.edu`. */
  readonly names: readonly string[];
  readonly expiresAt: Date;
  /** Tells the key without telling anything about it: the hash of its public half. */
  readonly keyId: string;
}

/** A certificate that was stored earlier. Throws `certificate-invalid`. */
export function parseCertificate(pem: string): Certificate {
  return describe(certificatesIn(pem));
}

/**
 * Certificate and key as given, in one file or two, with the certificate of the key first. The key comes back alone and
 * in PEM. Throws `certificate-invalid`: not PEM, a key with a passphrase, not of each other, expired, not valid yet.
 */
export function parseKeyPair(
  { certificate, key }: { certificate: string; key: Secret },
  now: Date,
): { certificate: Certificate; key: Secret } {
  const privateKey = parsePrivateKey(key);
  const blocks = certificatesIn(certificate);
  const own = blocks.find((block) => block.checkPrivateKey(privateKey));
  if (!own)
    throw invalid('matching the key with the certificate', {
      why: `The key is not the one of the certificate for ${namesOf(blocks[0]).join(', ') || 'no name at all'}.`,
      hint: 'Give the key that belongs to this certificate, or the certificate that belongs to this key.',
    });
  refuseOutOfTime(own, now);
  return {
    certificate: describe([own, ...blocks.filter((block) => block !== own)]),
    key: new Secret(privateKey.export({ type: 'pkcs8', format: 'pem' }) as string),
  };
}

/** Whether browsers accept the certificate for this host; `*.lab.example.edu` asks for the wildcard itself. */
export function covers({ names }: Certificate, host: string): boolean {
  return names.some(
    (name) => name === host || (name.startsWith('*.') && !host.startsWith('*.') && name.slice(1) === afterLabel(host)),
  );
}

/** Whether its chain ends at one of these roots; otherwise some browsers will not trust it. */
export function leadsTo(roots: readonly string[], { chain }: Certificate): boolean {
  const last = certificatesIn(chain).at(-1);
  if (!last) return false;
  return roots.some((pem) => {
    const root = new X509Certificate(pem);
    return root.fingerprint256 === last.fingerprint256 || last.checkIssued(root);
  });
}

export function daysLeft({ expiresAt }: Pick<Certificate, 'expiresAt'>, now: Date): number {
  return Math.floor((expiresAt.getTime() - now.getTime()) / 86_400_000);
}

function afterLabel(host: string): string {
  const dot = host.indexOf('.');
  return dot < 0 ? '' : host.slice(dot);
}

function certificatesIn(pem: string): [X509Certificate, ...X509Certificate[]] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  try {
    const [first, ...others] = blocks.map((block) => new X509Certificate(block));
    if (first) return [first, ...others];
  } catch (cause) {
    throw invalid('reading the certificate', {
      why: 'It is damaged: the text between BEGIN CERTIFICATE and END CERTIFICATE is no certificate.',
      hint: 'Copy the file again, as your certificate authority gave it.',
      cause,
    });
  }
  throw invalid('reading the certificate', {
    why: 'It holds no "BEGIN CERTIFICATE", so it is not in PEM form.',
    hint: 'Convert it: openssl x509 -inform der -in certificate.cer -out certificate.pem.',
  });
}

function parsePrivateKey(key: Secret): KeyObject {
  const [block] =
    key.reveal().match(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*PRIVATE KEY-----/) ?? [];
  if (block === undefined)
    throw invalid('reading the key of the certificate', {
      why: 'It holds no "BEGIN PRIVATE KEY", so it is not a key in PEM form.',
      hint: 'Give the private key that was made together with the request for the certificate.',
    });
  if (/BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(block))
    throw invalid('reading the key of the certificate', {
      why: 'It has a passphrase, and nobody is there to type it when the server starts.',
      hint: 'Take the passphrase off: openssl pkey -in key.pem -out key-plain.pem.',
    });
  try {
    return createPrivateKey(block);
  } catch (cause) {
    throw invalid('reading the key of the certificate', { why: 'It is damaged.', hint: 'Copy the file again.', cause });
  }
}

function refuseOutOfTime(certificate: X509Certificate, now: Date): void {
  const [from, to] = [new Date(certificate.validFrom), new Date(certificate.validTo)];
  if (to <= now)
    throw invalid('checking the certificate', {
      why: `It expired on ${day(to)}.`,
      hint: 'Ask your certificate authority for a new one.',
    });
  if (from > now)
    throw invalid('checking the certificate', {
      why: `It is not valid before ${day(from)}; today is ${day(now)} on this computer.`,
      hint: 'Check the clock of this computer, or wait until then.',
    });
}

function describe(certificates: readonly [X509Certificate, ...X509Certificate[]]): Certificate {
  const [own] = certificates;
  return {
    chain: certificates.map((certificate) => certificate.toString()).join(''),
    names: namesOf(own),
    expiresAt: new Date(own.validTo),
    keyId: createHash('sha256')
      .update(own.publicKey.export({ type: 'spki', format: 'der' }))
      .digest('hex')
      .slice(0, 12),
  };
}

/** Browsers look at these alone, not at the common name. */
function namesOf(certificate: X509Certificate | undefined): readonly string[] {
  const names = certificate?.subjectAltName?.split(', ') ?? [];
  return names.filter((name) => name.startsWith('DNS:')).map((name) => name.slice(4).toLowerCase());
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function invalid(what: string, text: { why: string; hint: string; cause?: unknown }): ExpectedError {
  return new ExpectedError('certificate-invalid', what, { now: 'Nothing was changed.', ...text });
}
