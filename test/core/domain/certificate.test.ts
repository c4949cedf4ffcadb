import { createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { covers, daysLeft, leadsTo, parseCertificate, parseKeyPair } from '../../../src/core/domain/certificate.ts';
import { Secret } from '../../../src/core/domain/secret.ts';
import { authority, fixed, wildcard } from '../../support/certificates.ts';

const today = new Date('2027-01-01T00:00:00Z');
const pair = (certificate: string, key: string, now = today) =>
  parseKeyPair({ certificate, key: new Secret(key) }, now);
const failureOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('a certificate and its key', () => {
  it('are read from two files', () => {
    const { certificate, key } = pair(wildcard.certificate, wildcard.key);

    expect(certificate.names).toEqual(['*.lab.test']);
    expect(certificate.expiresAt.toISOString()).toBe('2126-10-28T06:22:11.000Z');
    expect(createPrivateKey(key.reveal()).type).toBe('private');
  });

  it('are read from one file that holds both, and the key stays out of the chain', () => {
    const both = `${wildcard.key}${wildcard.certificate}${authority}`;
    const { certificate, key } = pair(both, both);

    expect(certificate.chain).toBe(`${wildcard.certificate}${authority}`);
    expect(key.reveal()).not.toContain('CERTIFICATE');
  });

  it('come with the certificate of the key first, because a web server takes the first', () => {
    const { certificate } = pair(`${authority}${wildcard.certificate}`, wildcard.key);

    expect(certificate.chain).toBe(`${wildcard.certificate}${authority}`);
  });

  it.each([
    ['a key of another certificate', wildcard.certificate, fixed.key, 'The key is not the one of the certificate'],
    ['no PEM', 'MIIBizCC', wildcard.key, 'no "BEGIN CERTIFICATE"'],
    ['a damaged certificate', wildcard.certificate.replace(/MII.{40}/, 'MIIgarbage'), wildcard.key, 'damaged'],
    ['a file without a key', wildcard.certificate, wildcard.certificate, 'no "BEGIN PRIVATE KEY"'],
    [
      'a key with a passphrase',
      wildcard.certificate,
      '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIH\n-----END ENCRYPTED PRIVATE KEY-----\n',
      'It has a passphrase',
    ],
  ])('are refused: %s', (_case, certificate, key, why) => {
    const error = failureOf(() => pair(certificate, key));

    expect(error).toMatchObject({ code: 'certificate-invalid', why: expect.stringContaining(why) });
    expect(JSON.stringify(error)).not.toContain('PRIVATE KEY-----\\n');
  });

  it('are refused once expired, and before they are valid', () => {
    const at = (day: string) => failureOf(() => pair(wildcard.certificate, wildcard.key, new Date(day)));

    expect(at('2126-10-29')).toMatchObject({ why: 'It expired on 2126-10-28.' });
    expect(at('2026-11-20')).toMatchObject({ why: expect.stringContaining('not valid before 2026-11-21') });
  });
});

describe('the names of a certificate', () => {
  const { certificate } = pair(wildcard.certificate, wildcard.key);

  it('cover one label for a star, and no more', () => {
    expect(covers(certificate, '*.lab.test')).toBe(true);
    expect(covers(certificate, 'my-exp.lab.test')).toBe(true);
    expect(covers(certificate, 'a.my-exp.lab.test')).toBe(false);
    expect(covers(certificate, 'lab.test')).toBe(false);
    expect(covers(certificate, '*.other.test')).toBe(false);
  });

  it('cover fixed hosts, and no wildcard', () => {
    const hosts = parseCertificate(fixed.certificate);

    expect(covers(hosts, 'two.uni.test')).toBe(true);
    expect(covers(hosts, '*.uni.test')).toBe(false);
  });
});

it('a chain leads to the authority that issued its last certificate', () => {
  const alone = parseCertificate(wildcard.certificate);
  const whole = parseCertificate(`${wildcard.certificate}${authority}`);

  expect(leadsTo([authority], alone)).toBe(true);
  expect(leadsTo([authority], whole)).toBe(true);
  expect(leadsTo([fixed.certificate], alone)).toBe(false);
});

it('days are counted down to the last full one', () => {
  const certificate = { expiresAt: new Date('2027-01-15T12:00:00Z') };

  expect(daysLeft(certificate, today)).toBe(14);
  expect(daysLeft(certificate, new Date('2027-01-16T00:00:00Z'))).toBe(-1);
});
