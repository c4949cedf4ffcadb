import { ExpectedError } from '../errors.ts';

export interface ImageReference {
  registry: string;
  repository: string;
  tag?: string;
  digest?: string;
}

export function parseImageReference(text: string): ImageReference {
  const match =
    /^((?:[a-z0-9.-]+(?::[0-9]+)?)\/)?([a-z0-9._/-]+)(?::([\w.-]{1,128}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(text);
  if (!match)
    throw new ExpectedError('image-reference-invalid', `reading the image ${JSON.stringify(text.slice(0, 100))}`);
  const [, registry, repository = '', tag, digest] = match;
  return {
    registry: registry ? registry.slice(0, -1) : 'docker.io',
    repository,
    tag: tag ?? (digest ? undefined : 'latest'),
    digest,
  };
}

export function formatImageReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}

export function pinned(reference: ImageReference, digest: string): ImageReference {
  return { ...reference, digest };
}
