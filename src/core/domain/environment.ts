import { createHash } from 'node:crypto';
import { ExpectedError } from '../errors.ts';
import { quoteForPeople } from './terminal-text.ts';

declare const brand: unique symbol;
/** `production`, `staging` or `review-<branch>`. */
export type EnvironmentName = string & { readonly [brand]: 'EnvironmentName' };

const review = /^review-[A-Za-z0-9][A-Za-z0-9._/#+@-]*$/;
/** What `withHash` makes, and therefore no branch may keep as it is. */
const looksHashed = /^[a-z0-9-]{1,3}-[a-z0-9]{6}$/;

/** Throws `name-invalid`. */
export function parseEnvironment(text: string): EnvironmentName {
  if (text === 'production' || text === 'staging' || (text.length <= 200 && review.test(text)))
    return text as EnvironmentName;
  throw new ExpectedError('name-invalid', `reading the environment ${quoteForPeople(text)}`, {
    why: 'Environments are production, staging and review-<branch>.',
    now: 'Nothing was changed.',
    hint: 'Choose one of them with --env.',
  });
}

/**
 * What follows the experiment in the stack's name: at most 12 characters, none for production. A short plain branch is
 * kept (`r-fix-3`); any other is cut and gets a hash (`r-fea-1k9x0q`), so that no two branches share a stack.
 */
export function environmentSuffix(environment: EnvironmentName): string | undefined {
  if (environment === 'production') return undefined;
  if (environment === 'staging') return 'staging';
  const branch = environment.slice('review-'.length);
  const slug = branch
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/-$/, '');
  return slug === branch && slug.length <= 10 && !looksHashed.test(slug) ? `r-${slug}` : `r-${withHash(slug, branch)}`;
}

function withHash(slug: string, branch: string): string {
  const number = createHash('sha256').update(branch).digest().readUIntBE(0, 6);
  const hash = number.toString(36).padStart(6, '0').slice(-6);
  return `${slug.slice(0, 3).replace(/-$/, '')}-${hash}`;
}
