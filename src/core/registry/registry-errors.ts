import { formatImageReference, type ImageReference } from '../domain/image-reference.ts';
import { ExpectedError } from '../errors.ts';

/** What a failure is about. */
export interface Subject {
  reference: ImageReference;
  /** Whether the config has a login for the registry. */
  hasLogin: boolean;
}

const now = 'Nothing was changed.';
const whatOf = ({ reference }: Subject) => `looking up the image ${formatImageReference(reference)}`;

export function unreachable(
  subject: Subject,
  { why, hint, status, cause }: { why: string; hint?: string; status?: number; cause?: unknown },
): ExpectedError {
  const { registry } = subject.reference;
  return new ExpectedError('registry-unreachable', whatOf(subject), {
    why,
    now,
    hint: hint ?? `Check that ${registry} is up and that the server may reach it, then try again.`,
    details: { registry, ...(status !== undefined && { status }) },
    cause,
  });
}

/** The way to the registry failed: no such host, refused, no answer. The cause knows more. */
export function dialFailed(subject: Subject, { place, cause }: { place: string; cause: unknown }): ExpectedError {
  const more = cause instanceof ExpectedError ? cause.why : undefined;
  return unreachable(subject, { why: `The server cannot connect to ${place}.${more ? ` ${more}` : ''}`, cause });
}

export function certificateUntrusted(
  subject: Subject,
  { place, code, cause }: { place: string; code: string; cause: unknown },
): ExpectedError {
  return unreachable(subject, {
    why: `The certificate of ${place} is not trusted (${code}).`,
    hint: "Check the registry's address; name the file of your own certificate authority in NODE_EXTRA_CA_CERTS.",
    cause,
  });
}

export function answeredWith(subject: Subject, { place, status }: { place: string; status: number }): ExpectedError {
  const { registry } = subject.reference;
  if (status === 429)
    return unreachable(subject, {
      why: `${place} says that it got too many requests (HTTP 429).`,
      hint: subject.hasLogin
        ? 'Wait some minutes, then try again.'
        : `Wait some minutes, or set up a login under registries.${registry} in the config: logins have higher limits.`,
      status,
    });
  return unreachable(subject, {
    why: `${place} answers with HTTP ${status}.`,
    ...(status < 500 && { hint: `Check that an image registry answers at ${registry}.` }),
    status,
  });
}

export function untrustworthy(subject: Subject, why: string): ExpectedError {
  return unreachable(subject, { why, hint: 'Try again; if it happens again, push the image anew.' });
}

const makeToken = 'Make a token that may read the image (in GitLab a deploy token with read_registry)';

/** `refused`: the login itself, or (also without one) this image. */
export function denied(
  subject: Subject,
  { refused, status }: { refused: 'login' | 'image'; status: number },
): ExpectedError {
  const { registry, repository } = subject.reference;
  const key = `registries.${registry}`;
  const text = !subject.hasLogin
    ? {
        why: `${registry} wants a login for ${repository}, or has no such repository; none is configured under ${key} in the config.`,
        hint: `${makeToken} and add it under ${key} in the config; if the image should be public, check its name.`,
      }
    : refused === 'login'
      ? {
          why: `${registry} refuses the login configured under ${key} in the config; its token may have expired.`,
          hint: `${makeToken} and put it into the password file of ${key}.`,
        }
      : {
          why: `The login configured under ${key} in the config may not read ${repository}, or there is no such repository.`,
          hint: `Check the image's name and the token: it needs read_registry for this project and must not have expired.`,
        };
  return new ExpectedError('registry-denied', whatOf(subject), {
    ...text,
    now,
    details: { registry, status, login: subject.hasLogin ? 'configured' : 'none' },
  });
}

export function noSuchRepository(subject: Subject): ExpectedError {
  const { registry, repository } = subject.reference;
  return new ExpectedError('image-not-found', whatOf(subject), {
    why: `${registry} has no repository ${repository}.`,
    now,
    hint: "Check the image's name, and that it was pushed.",
    details: { registry, repository },
  });
}

/** `tags`: the nearest that exist; absent where they could not be read. */
export function noSuchManifest(subject: Subject, tags?: readonly string[]): ExpectedError {
  const { registry, repository, tag, digest } = subject.reference;
  const listed = tags && tags.length > 0 ? tags : undefined;
  return new ExpectedError('image-not-found', whatOf(subject), {
    why: digest
      ? `${registry}/${repository} has no image with that digest; it may have been cleaned up.`
      : `${registry}/${repository} has no tag ${tag}${listed ? `; there is ${inWords(listed)}` : tags ? '; it has no tags' : ''}.`,
    now,
    hint: listed ? 'Name a tag that exists, or push the image.' : 'Push the image, or check its name.',
    details: { registry, repository, ...(tag && { tag }), ...(listed && { tags: listed }) },
  });
}

export function notFound(subject: Subject): ExpectedError {
  const { registry, repository } = subject.reference;
  return new ExpectedError('image-not-found', whatOf(subject), {
    why: `${registry} does not know this image.`,
    now,
    hint: 'Check the registry, the name and the tag of the image, and that it was pushed.',
    details: { registry, repository },
  });
}

export function notAnImage(subject: Subject): ExpectedError {
  const { registry, repository } = subject.reference;
  return new ExpectedError('image-not-found', whatOf(subject), {
    why: 'What is stored under that name is not a container image.',
    now,
    hint: 'Name an image that was built with Docker or a similar tool.',
    details: { registry, repository },
  });
}

function inWords(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
