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

export interface Manifest {
  readonly manifest: Buffer;
  readonly config: Buffer;
  readonly digest: string;
  readonly configDigest: string;
}

/** Images never change, and every look at a task or a tag asks for their digests. */
const manifests = new WeakMap<SandboxImage, Manifest>();

/** The bytes that a registry serves for an image; their SHA-256 is the digest by which it is pinned. */
export function manifestOf(image: SandboxImage): Manifest {
  const known = manifests.get(image) ?? makeManifest(image);
  manifests.set(image, known);
  return known;
}

function makeManifest({ repository, tag, platform }: SandboxImage): Manifest {
  const config = Buffer.from(JSON.stringify({ ...platform, config: { Labels: { sandbox: `${repository}:${tag}` } } }));
  const configDigest = digestOf(config);
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: {
        mediaType: 'application/vnd.docker.container.image.v1+json',
        size: config.length,
        digest: configDigest,
      },
      layers: [],
    }),
  );
  return { manifest, config, digest: digestOf(manifest), configDigest };
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
