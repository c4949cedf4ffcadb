import { ExpectedError } from '../errors.ts';

declare const brand: unique symbol;
/** 3 to 24 of a-z, 0-9 and single dashes; the first label of the study's URL. */
export type ExperimentName = string & { readonly [brand]: 'ExperimentName' };

const pattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const reserved: readonly string[] = ['www', 'traefik', 'oforest', 'admin', 'registry', 'api', 'staging'];

export function parseExperimentName(text: string): ExperimentName {
  if (text.length >= 3 && text.length <= 24 && pattern.test(text) && !reserved.includes(text))
    return text as ExperimentName;
  throw new ExpectedError('name-invalid', `reading the name ${JSON.stringify(text.slice(0, 60))}`, {
    why: 'A name has 3 to 24 lower-case letters, digits and single dashes, begins with a letter, and is not reserved.',
    now: 'Nothing was changed.',
    hint: 'Choose another name, for example my-exp.',
  });
}
