import tls from 'node:tls';
import { parse } from 'yaml';
import * as z from 'zod';
import type { Container } from '../programs/program.ts';
import type { SchemeRedirect } from './middleware.ts';

export interface EntryPoint {
  readonly name: string;
  readonly port: number;
  readonly secure: boolean;
  /** Where every visitor is sent instead. */
  readonly redirect: SchemeRedirect | undefined;
}

export interface TraefikConfig {
  readonly entryPoints: readonly EntryPoint[];
  /** Undefined without the provider `swarm`. */
  readonly refreshMs: number | undefined;
  readonly throttleMs: number;
  /** What the secure entry points show; undefined while there is none. */
  readonly certificate: tls.SecureContext | undefined;
}

const StaticConfig = z.object({
  entryPoints: z
    .record(
      z.string(),
      z.object({
        address: z.string().default(':80'),
        http: z
          .object({
            redirections: z
              .object({
                entryPoint: z.object({
                  to: z.string(),
                  scheme: z.string().default('https'),
                  permanent: z.boolean().default(true),
                }),
              })
              .optional(),
          })
          .optional(),
      }),
    )
    .default({}),
  providers: z
    .object({
      providersThrottleDuration: z.string().optional(),
      swarm: z.object({ refreshSeconds: z.string().default('15s') }).optional(),
      file: z.object({ filename: z.string() }).optional(),
    })
    .default({}),
});

const CertificateFiles = z.object({ certFile: z.string(), keyFile: z.string() });
const DynamicConfig = z.object({
  tls: z
    .object({
      certificates: z.array(CertificateFiles).default([]),
      stores: z.object({ default: z.object({ defaultCertificate: CertificateFiles }).optional() }).optional(),
    })
    .optional(),
});

/** Traefik's own files, as far as oForest writes them. Throws for what Traefik would not start with. */
export function traefikConfig(container: Container): TraefikConfig {
  const { words, files } = container;
  const named = words.map((word) => /^--configFile=(.*)$/i.exec(word)?.[1]).find(Boolean);
  const place = [named, '/etc/traefik/traefik.yml', '/run/secrets/traefik.yml'].find((path) => path && files.has(path));
  const { entryPoints, providers } = StaticConfig.parse(parsedFile(files.get(place ?? '')));
  return {
    entryPoints: Object.entries(entryPoints).map(([name, { address, http }]) => {
      const port = Number(address.split(':').at(-1));
      const target = http?.redirections?.entryPoint;
      const addressOf = (to: string) => (to.startsWith(':') ? to : (entryPoints[to]?.address ?? ''));
      return {
        name,
        port,
        secure: port === 443,
        redirect: target && {
          scheme: target.scheme,
          port: addressOf(target.to).split(':').at(-1),
          permanent: target.permanent,
        },
      };
    }),
    refreshMs: providers.swarm && milliseconds(providers.swarm.refreshSeconds),
    throttleMs: milliseconds(providers.providersThrottleDuration ?? '2s'),
    certificate: certificateOf(container, providers.file?.filename),
  };
}

function parsedFile(file: Buffer | undefined): unknown {
  return (file && (parse(file.toString('utf8')) as unknown)) ?? {};
}

/** Go's durations of one part; a plain number means seconds. */
function milliseconds(duration: string): number {
  const [, count = '', unit = 's'] = /^([\d.]+)(ms|s|m)?$/.exec(duration) ?? [];
  if (count === '') throw new Error(`time: invalid duration ${JSON.stringify(duration)}`);
  return Number(count) * { ms: 1, s: 1_000, m: 60_000 }[unit as 'ms' | 's' | 'm'];
}

/** Traefik goes on without a certificate that it cannot use. */
function certificateOf({ files, print }: Container, dynamicFile = ''): tls.SecureContext | undefined {
  const settings = DynamicConfig.parse(parsedFile(files.get(dynamicFile))).tls;
  const given = settings?.stores?.default?.defaultCertificate ?? settings?.certificates[0];
  if (!given) return undefined;
  try {
    for (const path of [given.certFile, given.keyFile])
      if (!files.has(path)) throw new Error(`open ${path}: no such file or directory`);
    return tls.createSecureContext({ cert: files.get(given.certFile), key: files.get(given.keyFile) });
  } catch (error) {
    print(
      JSON.stringify({
        level: 'error',
        error: (error as Error).message,
        message: 'Error while creating certificate store',
      }),
    );
    return undefined;
  }
}
