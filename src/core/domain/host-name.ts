import { ExpectedError } from '../errors.ts';
import type { StackName } from './stack-name.ts';
import { quoteForPeople } from './terminal-text.ts';

declare const brand: unique symbol;
/** A DNS name in lower-case ASCII with two labels or more. It goes into Traefik's rules as it is. */
export type HostName = string & { readonly [brand]: 'HostName' };

const label = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** Throws `host-name-invalid`. */
export function parseHostName(text: string): HostName {
  const reason = reasonAgainst(text);
  if (reason === undefined) return text as HostName;
  throw new ExpectedError('host-name-invalid', `reading the host ${quoteForPeople(text, 80)}`, {
    now: 'Nothing was changed.',
    ...reason,
  });
}

/** Where a study answers unless it has an address of its own. Throws `host-name-invalid` for a domain that is too long. */
export function defaultHost(stack: StackName, domain: HostName): HostName {
  return parseHostName(`${stack}.${domain}`);
}

function reasonAgainst(text: string): { why: string; hint: string } | undefined {
  if (text.length > 253)
    return { why: `A DNS name has at most 253 characters, this has ${text.length}.`, hint: 'Choose a shorter one.' };
  if (/^[a-z]+:\/\//i.test(text) || text.includes('/'))
    return {
      why: 'It is an address, not a host.',
      hint: 'Leave out the scheme and everything from the next slash on.',
    };
  if (/^[^:]*:[0-9]*$/.test(text)) return { why: 'It names a port.', hint: 'Leave out the colon and the port.' };
  if (text.includes('*')) return { why: 'It is a wildcard.', hint: 'Give the one host of this study.' };
  if (text.endsWith('.')) return { why: 'It ends with a dot.', hint: 'Leave out the last dot.' };
  if (/[^\x21-\x7e]/.test(text))
    return { why: 'It holds other letters than ASCII.', hint: 'Write it as DNS does: xn--kln-sna.example.edu.' };
  if (/[A-Z]/.test(text)) return { why: 'It has upper-case letters.', hint: 'Write it in lower case.' };
  return reasonAgainstLabels(text.split('.'));
}

function reasonAgainstLabels(labels: readonly string[]): { why: string; hint: string } | undefined {
  const hint = 'Write it as my-exp.lab.example.edu.';
  if (labels.some((one) => one.length > 63)) return { why: 'Between two dots stand at most 63 characters.', hint };
  if (!labels.every((one) => label.test(one)))
    return { why: 'A DNS name is made of letters, digits, and dashes inside, with single dots between.', hint };
  if (labels.length < 2) return { why: 'It has no dot.', hint };
  if (/^([0-9]+|0x[0-9a-f]*)$/.test(labels.at(-1)!))
    return { why: 'It is an IP address.', hint: 'Give a DNS name that leads to the server.' };
  return undefined;
}
