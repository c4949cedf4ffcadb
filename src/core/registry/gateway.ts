import type { ImageReference } from '../domain/image-reference.ts';

/** As registries name it: `linux`, `arm64`, `v8`. Machines say `aarch64`; compare with `samePlatform`. */
export interface ImagePlatform {
  os: string;
  architecture: string;
  variant?: string;
}

export interface ResolvedImage {
  /** What was asked for, with the digest of its manifest or index: what a service is pinned to. */
  reference: ImageReference;
  /** What the image is built for; empty only for an index that does not say. */
  platforms: readonly ImagePlatform[];
}

/** What we ask of image registries. Reads only, so nothing has to be undone. */
export interface RegistryGateway {
  /**
   * What a reference stands for now. Throws `image-not-found` (with the nearest tags, where they may be read),
   * `registry-denied`, `registry-unreachable` (also for answers that cannot be trusted or do not come) and
   * `cancelled`. Leaves no connection behind, however it ends.
   */
  resolve(reference: ImageReference, options: { signal: AbortSignal }): Promise<ResolvedImage>;
}
