import { ExpectedError } from '../errors.ts';
import { quoteForPeople } from './terminal-text.ts';

/** An image, spelled out as Docker understands it: `python` is `docker.io/library/python:latest`. */
export interface ImageReference {
  /** `docker.io`, `registry.example.edu:5050` */
  registry: string;
  /** `library/python` */
  repository: string;
  tag?: string;
  /** `sha256:` and 64 hex digits. */
  digest?: string;
}

const hostPattern = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;
const componentPattern = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;

/** Throws `image-reference-invalid`. Without tag and digest the tag is `latest`. */
export function parseImageReference(text: string): ImageReference {
  if (text.length > 500) throw invalid(text, 'It is too long.');
  if (/[^\x21-\x7e]/.test(text)) throw invalid(text, 'It holds a space or letters other than ASCII.');
  const { name, tag, digest } = split(text);
  const { registry, path } = splitRegistry(name, text);
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  checkRepository(repository, text);
  if (`${registry}/${repository}`.length > 255)
    throw invalid(text, 'Registry and repository have over 255 characters.');
  if (tag !== undefined && !/^\w[\w.-]{0,127}$/.test(tag)) throw invalid(text, 'What follows the colon is no tag.');
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(digest))
    throw invalid(text, 'What follows the @ is no digest: sha256: and 64 hex digits.');
  const shownTag = tag ?? (digest === undefined ? 'latest' : undefined);
  return { registry, repository, ...(shownTag && { tag: shownTag }), ...(digest && { digest }) };
}

/** The inverse of `parseImageReference`, nothing left out. */
export function formatImageReference({ registry, repository, tag, digest }: ImageReference): string {
  return `${registry}/${repository}${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}

export function pinned(reference: ImageReference, digest: string): ImageReference {
  return { ...reference, digest };
}

/** A colon after the last slash begins a tag; one before it, a port. */
function split(text: string): { name: string; tag?: string; digest?: string } {
  const at = text.indexOf('@');
  const tagged = at < 0 ? text : text.slice(0, at);
  const colon = tagged.indexOf(':', tagged.lastIndexOf('/') + 1);
  return {
    name: colon < 0 ? tagged : tagged.slice(0, colon),
    ...(colon >= 0 && { tag: tagged.slice(colon + 1) }),
    ...(at >= 0 && { digest: text.slice(at + 1) }),
  };
}

/** Docker's rule: the first part is a registry when it has a dot or a colon, or is `localhost`. */
function splitRegistry(name: string, text: string): { registry: string; path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  if (!/[.:]/.test(first) && first !== 'localhost') return { registry: 'docker.io', path: name };
  const [host = '', port, more] = first.toLowerCase().split(':', 3);
  const isPort = port === undefined || (/^[1-9][0-9]{0,4}$/.test(port) && Number(port) <= 65_535);
  if (!hostPattern.test(host) || host.length > 253 || !isPort || more !== undefined)
    throw invalid(text, 'What stands before the first slash is no registry: a host, and perhaps a port.');
  const registry = port === undefined ? host : `${host}:${port}`;
  return { registry: registry === 'index.docker.io' ? 'docker.io' : registry, path: name.slice(slash + 1) };
}

function checkRepository(repository: string, text: string): void {
  if (/[A-Z]/.test(repository)) throw invalid(text, 'Repositories are written in lower case.');
  if (!repository.split('/').every((component) => componentPattern.test(component)))
    throw invalid(text, 'A repository is made of lower-case letters and digits, with . _ - / between them.');
  if (/^(library\/)?[0-9a-f]{64}$/.test(repository))
    throw invalid(text, 'It is the id of an image, which means something on one machine only.');
}

function invalid(text: string, why: string): ExpectedError {
  return new ExpectedError('image-reference-invalid', `reading the image ${quoteForPeople(text, 100)}`, {
    why,
    now: 'Nothing was changed.',
    hint: 'Write it as registry.example.edu/group/my-exp:tag.',
  });
}
