import type { Program } from '../programs/program.ts';
import type { ImageSource } from '../swarm/agent.ts';
import type { Timeline } from '../timeline.ts';
import { manifestOf, type SandboxImage } from './image.ts';

/** The images that the registry offers and the nodes hold. */
export class ImageStore implements ImageSource {
  readonly images: SandboxImage[];
  /** Digests that were pulled: they start without a registry. */
  readonly held: Set<string>;
  registryIsUp = true;
  readonly #timeline: Timeline;
  #pullsFailUntil = 0;
  #diskFullUntil = 0;

  constructor(timeline: Timeline, images: readonly SandboxImage[], held: readonly string[] = []) {
    this.#timeline = timeline;
    this.images = [...images];
    this.held = new Set(held);
  }

  failPulls(ms: number): void {
    this.#pullsFailUntil = this.#timeline.now() + ms;
  }

  fillDisk(ms: number): void {
    this.#diskFullUntil = this.#timeline.now() + ms;
  }

  find(reference: string): { program: Program; held: boolean } | { error: string } {
    const found = this.#look(reference);
    const digest = found && manifestOf(found).digest;
    if (found && digest && this.held.has(digest)) return { program: found.program, held: true };
    const reachable = this.registryIsUp && this.#timeline.now() >= this.#pullsFailUntil;
    if (!found || !digest || !reachable) return { error: `No such image: ${withoutTagOfDigest(reference)}` };
    this.held.add(digest);
    return { program: found.program, held: false };
  }

  startError(reference: string): string | undefined {
    if (this.#timeline.now() >= this.#diskFullUntil) return undefined;
    return `failed to create container for ${reference}: write /var/lib/docker/overlay2: no space left on device`;
  }

  describe(reference: string): ReturnType<ImageSource['describe']> {
    const host = /^([^/]*[.:][^/]*|localhost)\//.exec(reference)?.[1] ?? 'registry-1.docker.io';
    const isHere = this.registryIsUp && /^(?:localhost|127\.0\.0\.1|[\w.-]*\.localhost):5000$/.test(host);
    if (!isHere)
      return { status: 500, error: `Get "http://${host}/v2/": dial tcp ${host}: connect: connection refused` };
    const found = this.#look(reference);
    if (!found) return { status: 404, error: 'manifest unknown: manifest unknown' };
    const { digest, manifest } = manifestOf(found);
    const { architecture, os } = found.platform;
    return { digest, size: manifest.length, platform: { architecture, os } };
  }

  #look(reference: string): SandboxImage | undefined {
    const { repository, tag, digest } = parts(reference);
    return this.images.findLast((image) => {
      if (image.repository !== repository) return false;
      return digest === undefined ? image.tag === tag : manifestOf(image).digest === digest;
    });
  }
}

/** `localhost:5000/samples/trust:v1@sha256:…`: the registry's own name does not count here, there is one. */
function parts(reference: string): { repository: string; tag: string; digest: string | undefined } {
  const [name = '', digest] = reference.split('@');
  const path = name.replace(/^(?:[^/]*[.:][^/]*|localhost)\//, '').replace(/^library\//, '');
  const [repository = '', tag = 'latest'] = path.split(':');
  return { repository, tag, digest };
}

/** dockerd names an image that it looked for by digest without the tag. */
function withoutTagOfDigest(reference: string): string {
  return reference.replace(/:[^:/@]+@/, '@');
}
