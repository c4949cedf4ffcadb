import { ExpectedError } from '../errors.ts';
import { quoteForPeople } from './terminal-text.ts';

declare const brand: unique symbol;
/** 3 to 24 of a-z, 0-9 and single dashes; the first label of the study's URL. */
export type ExperimentName = string & { readonly [brand]: 'ExperimentName' };

const pattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const reserved: readonly string[] = ['www', 'traefik', 'oforest', 'admin', 'registry', 'api', 'staging'];

/** Throws `name-invalid`, with a name that would do where one can be told from the text. */
export function parseExperimentName(text: string): ExperimentName {
  if (isExperimentName(text)) return text;
  const proposal = propose(text);
  throw new ExpectedError('name-invalid', `reading the experiment's name ${quoteForPeople(text)}`, {
    why: reasonAgainst(text),
    now: 'Nothing was changed.',
    hint: proposal === undefined ? 'Choose another name, for example my-exp.' : `Write it as ${proposal}.`,
    ...(proposal !== undefined && { details: { proposal } }),
  });
}

function isExperimentName(text: string): text is ExperimentName {
  return text.length >= 3 && text.length <= 24 && pattern.test(text) && !reserved.includes(text);
}

function reasonAgainst(text: string): string {
  if (reserved.includes(text)) return 'This name belongs to the platform.';
  if (text.length < 3 || text.length > 24) return `A name has 3 to 24 characters, this has ${text.length}.`;
  return 'A name is made of lower-case letters a-z, digits and single dashes, and begins with a letter.';
}

/** `Mein Öko-Spiel 2` → `mein-oko-spiel-2`. */
function propose(text: string): string | undefined {
  const plain = text.slice(0, 200).normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const joined = plain
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .join('-');
  const fromLetter = joined.slice(Math.max(0, joined.search(/[a-z]/)));
  const name = cutAtDash(reserved.includes(fromLetter) ? `${fromLetter}-study` : fromLetter);
  return isExperimentName(name) ? name : undefined;
}

function cutAtDash(name: string): string {
  if (name.length <= 24) return name;
  const cut = name.slice(0, 24);
  const dash = cut.lastIndexOf('-');
  return name[24] === '-' || dash < 12 ? cut.replace(/-$/, '') : cut.slice(0, dash);
}
