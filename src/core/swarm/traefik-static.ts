import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import type { Certificate } from '../domain/certificate.ts';
import { publicNetwork } from '../domain/platform.ts';
import { Secret } from '../domain/secret.ts';

/** What Traefik's own files depend on. */
export interface TraefikSettings {
  readonly httpsPort: number;
  readonly tls: TraefikTls;
}

export type TraefikTls =
  | { mode: 'none' }
  /** Without a key: the one that is stored already. */
  | { mode: 'files'; certificate: Certificate; key: Secret | undefined }
  | { mode: 'acme'; email: string; server?: string; eab?: { kid: string; key: Secret } };

/** A file of the Traefik container, kept in the Swarm under a name made of its content. */
export interface TraefikFile {
  readonly kind: 'config' | 'secret';
  readonly subject: 'settings' | 'certificate' | 'key';
  readonly name: string;
  /** Absolute for a config; under /run/secrets for a secret. */
  readonly target: string;
  readonly mode: number;
  /** Undefined when only the Swarm has it. */
  readonly content: Buffer | Secret | undefined;
}

const certificateFile = '/etc/traefik/certificate.pem';
const keyFile = 'certificate.key';
const dynamicFile = '/etc/traefik/dynamic.yml';
export const acmeDirectory = '/acme';
/** The resolver that the routers of the studies name. */
const resolver = 'oforest';

/** All files Traefik reads; the first is the one it is started with. */
export function traefikFiles(settings: TraefikSettings): readonly [TraefikFile, ...TraefikFile[]] {
  const { tls } = settings;
  const text = stringify(staticConfig(settings));
  // The key of an external account would be there for everyone to read in a config or in the arguments.
  const main: TraefikFile =
    tls.mode === 'acme' && tls.eab
      ? {
          ...settingsFile('traefik', text),
          kind: 'secret',
          target: 'traefik.yml',
          mode: 0o400,
          content: new Secret(text),
        }
      : { ...settingsFile('traefik', text), target: '/etc/traefik/traefik.yml' };
  if (tls.mode === 'none') return [main];
  const dynamic = { ...settingsFile('tls', stringify(dynamicConfig(tls))), target: dynamicFile };
  return tls.mode === 'files' ? [main, dynamic, ...certificateFiles(tls)] : [main, dynamic];
}

function settingsFile(part: string, text: string): TraefikFile {
  return {
    kind: 'config',
    subject: 'settings',
    name: `oforest_settings_${part}_${hashOf(text)}`,
    target: '',
    mode: 0o444,
    content: Buffer.from(text),
  };
}

function certificateFiles({ certificate, key }: Extract<TraefikTls, { mode: 'files' }>): TraefikFile[] {
  return [
    {
      kind: 'config',
      subject: 'certificate',
      name: `oforest_tls_cert_${hashOf(certificate.chain)}`,
      target: certificateFile,
      mode: 0o444,
      content: Buffer.from(certificate.chain),
    },
    {
      kind: 'secret',
      subject: 'key',
      name: `oforest_tls_key_${certificate.keyId}`,
      target: keyFile,
      mode: 0o400,
      content: key,
    },
  ];
}

function staticConfig({ httpsPort, tls }: TraefikSettings) {
  const lifeCycle = { graceTimeOut: '5s' };
  return {
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: 'INFO', format: 'json' },
    accessLog,
    // No idle connections: what stays open to oTree is a page that somebody holds, and nothing else looks like one.
    serversTransport: { maxIdleConnsPerHost: -1 },
    entryPoints: {
      web: {
        address: ':80',
        transport: { lifeCycle },
        // Not permanent: browsers would keep the port for ever.
        ...(tls.mode !== 'none' && {
          http: { redirections: { entryPoint: { to: `:${httpsPort}`, scheme: 'https', permanent: false } } },
        }),
      },
      ...(tls.mode !== 'none' && { websecure: { address: ':443', transport: { lifeCycle } } }),
    },
    providers: {
      // The gap that visitors see when a study restarts depends on these two (measured: 15 s and 2 s by default).
      providersThrottleDuration: '100ms',
      swarm: {
        endpoint: 'unix:///var/run/docker.sock',
        exposedByDefault: false,
        network: publicNetwork,
        refreshSeconds: '1s',
      },
      ...(tls.mode !== 'none' && { file: { filename: dynamicFile, watch: false } }),
    },
    ...(tls.mode === 'acme' && {
      certificatesResolvers: {
        [resolver]: {
          acme: {
            email: tls.email,
            // Each authority has its own file: Traefik would go on showing the certificates of the last one.
            storage: `${acmeDirectory}/${tls.server ? hashOf(tls.server) : 'acme'}.json`,
            ...(tls.server && { caServer: tls.server }),
            ...(tls.eab && { eab: { kid: tls.eab.kid, hmacEncoded: tls.eab.key.reveal() } }),
            httpChallenge: { entryPoint: 'web' },
          },
        },
      },
    }),
  };
}

/** Only what is named is written: no address of a visitor, no path (participant codes are in it), no header. */
const accessLog = {
  format: 'json',
  fields: {
    defaultMode: 'drop',
    names: Object.fromEntries(
      [
        'StartUTC',
        'Duration',
        'Overhead',
        'DownstreamStatus',
        'DownstreamContentSize',
        'OriginStatus',
        'OriginDuration',
        'RequestHost',
        'RequestMethod',
        'RequestProtocol',
        'RouterName',
        'ServiceName',
        'RetryAttempts',
        'TLSVersion',
        'entryPointName',
      ].map((name) => [name, 'keep']),
    ),
    headers: { defaultMode: 'drop' },
  },
};

function dynamicConfig(tls: Exclude<TraefikTls, { mode: 'none' }>) {
  const defaultCertificate = { certFile: certificateFile, keyFile: `/run/secrets/${keyFile}` };
  return {
    tls: {
      options: { default: { minVersion: 'VersionTLS12' } },
      ...(tls.mode === 'files' && { stores: { default: { defaultCertificate } } }),
    },
  };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
