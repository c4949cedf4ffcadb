import { createHash } from 'node:crypto';
import { ExpectedError } from '../errors.ts';

declare const brand: unique symbol;
export type EnvironmentName = string & { readonly [brand]: 'EnvironmentName' };

export function parseEnvironment(text: string): EnvironmentName {
  if (text === 'production' || text === 'staging' || /^review-[\x21-\x7e]{1,200}$/.test(text))
    return text as EnvironmentName;
  throw new ExpectedError('name-invalid', `reading the environment ${JSON.stringify(text.slice(0, 60))}`, {
    why: 'Environments are production, staging and review-<branch>.',
    hint: 'Choose one of them with --env.',
  });
}

export function environmentSuffix(environment: EnvironmentName): string | undefined {
  if (environment === 'production') return undefined;
  if (environment === 'staging') return 'staging';
  const branch = environment.slice('review-'.length);
  const slug = branch
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  if (slug === branch && slug.length <= 10) return `r-${slug}`;
  const hash = createHash('sha256').update(branch).digest('hex').slice(0, 4);
  return `r-${slug.slice(0, 5).replace(/-$/, '')}-${hash}`;
}
