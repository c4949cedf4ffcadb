import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { ImagePlatform } from './gateway.ts';

/** What we can read: images of Docker and OCI, and lists of them. */
export const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Words from elsewhere that may reach a terminal. */
const Word = z.string().regex(/^[\w.-]{1,64}$/);
const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const Platform = z.object({ os: Word, architecture: Word, variant: Word.optional().catch(undefined) });

const IndexEntry = z.object({ platform: Platform.optional().catch(undefined) });
const Index = z.object({
  manifests: z.array(IndexEntry),
  config: z.undefined().optional(),
  layers: z.undefined().optional(),
});
const SingleManifest = z.object({ config: z.object({ digest: Digest }), manifests: z.undefined().optional() });

/** Either the platforms themselves, or the blob that names the one. */
export type ManifestContent = { platforms: readonly ImagePlatform[] } | { configDigest: string };

/** `undefined` for what is neither; also for what claims to be both, which different readers would read differently. */
export function parseManifest(json: unknown): ManifestContent | undefined {
  const { data: index } = Index.safeParse(json);
  if (index) return { platforms: index.manifests.flatMap(({ platform }) => platform ?? []).filter(isRunnable) };
  const { data: single } = SingleManifest.safeParse(json);
  return single && { configDigest: single.config.digest };
}

/** `undefined` where the blob is not the config of an image. */
export function parseImageConfig(json: unknown): ImagePlatform | undefined {
  return Platform.safeParse(json).data;
}

/** Builders store attestations beside the images, as `unknown/unknown`. */
function isRunnable({ os, architecture }: ImagePlatform): boolean {
  return os !== 'unknown' || architecture !== 'unknown';
}

export function digestOf(body: Buffer): string {
  return `sha256:${createHash('sha256').update(body).digest('hex')}`;
}
