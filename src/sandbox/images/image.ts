import { createHash } from 'node:crypto';
import type { Program } from '../programs/program.ts';

/** An image of the sandbox's registry, and what it does when it runs. */
export interface SandboxImage {
  /** `samples/trust-game` */
  readonly repository: string;
  readonly tag: string;
  readonly platform: { os: string; architecture: string };
  readonly program: Program;
}

/** The bytes that a registry serves for an image; their SHA-256 is the digest by which it is pinned. */
export function manifestOf({ repository, tag, platform }: Omit<SandboxImage, 'program'>): {
  manifest: Buffer;
  config: Buffer;
  digest: string;
} {
  const config = Buffer.from(JSON.stringify({ ...platform, config: { Labels: { sandbox: `${repository}:${tag}` } } }));
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        size: config.length,
        digest: digestOf(config),
      },
      layers: [],
    }),
  );
  return { manifest, config, digest: digestOf(manifest) };
}

export function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
