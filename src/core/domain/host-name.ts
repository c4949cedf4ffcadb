import { ExpectedError } from '../errors.ts';
import type { StackName } from './stack-name.ts';

declare const brand: unique symbol;
export type HostName = string & { readonly [brand]: 'HostName' };

export function parseHostName(text: string): HostName {
  const labels = text.split('.');
  if (
    text.length <= 253 &&
    labels.length >= 2 &&
    labels.every((one) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(one)) &&
    !/^[0-9]+$/.test(labels.at(-1) ?? '')
  )
    return text as HostName;
  throw new ExpectedError('host-name-invalid', `reading the host ${JSON.stringify(text.slice(0, 80))}`, {
    why: 'It is not a DNS name in lower case.',
    hint: 'Write it as my-exp.lab.example.edu.',
  });
}

export function defaultHost(stack: StackName, domain: HostName): HostName {
  return parseHostName(`${stack}.${domain}`);
}
