import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { utils } from 'ssh2';
import { describe, expect, it } from 'vitest';
import {
  fingerprint,
  judgeHostKey,
  knownHostsName,
  knownKeysOf,
  orderHostKeyAlgorithms,
  parseKnownHosts,
} from '../../../src/core/ssh/known-hosts.ts';
import { makeKeyPair } from '../../../src/sandbox/doors/key-pair.ts';

const ed25519 = makeKeyPair().public;
const otherEd25519 = makeKeyPair().public;
const ecdsa = utils.generateKeyPairSync('ecdsa', { bits: 256 }).public;
const blob = (line: string) => Buffer.from(line.split(' ')[1] ?? '', 'base64');

function judge(text: string, host: string, { port = 22, offered = ed25519 } = {}) {
  return judgeHostKey(knownKeysOf(parseKnownHosts(text, 'known_hosts'), { host, port }), blob(offered)).verdict;
}

describe('the lines that speak about a host', () => {
  it.each([
    ['its name', 'swarm.lab', 'swarm.lab', 22, 'known'],
    ['its name in other letters', 'Swarm.LAB', 'swarm.lab', 22, 'known'],
    ['one of several names', 'gate,10.0.0.1,swarm.lab', 'swarm.lab', 22, 'known'],
    ['a pattern', '*.lab', 'swarm.lab', 22, 'known'],
    ['a pattern with one free letter', 'swar?.lab', 'swarm.lab', 22, 'known'],
    ['an exception to a pattern', '*.lab,!swarm.lab', 'swarm.lab', 22, 'unknown'],
    ['an exception in front', '!swarm.lab,*.lab', 'swarm.lab', 22, 'unknown'],
    ['another name', 'swarm.lab', 'swarmXlab', 22, 'unknown'],
    ['a name with a port', '[swarm.lab]:2222', 'swarm.lab', 2222, 'known'],
    ['a name with another port', '[swarm.lab]:2222', 'swarm.lab', 2223, 'unknown'],
    ['a name without the port it needs', 'swarm.lab', 'swarm.lab', 2222, 'unknown'],
    ['a pattern with a port', '[*.lab]:2222', 'swarm.lab', 2222, 'known'],
    ['an IPv6 address', '[::1]:2222', '::1', 2222, 'known'],
  ])('%s', (_case, names, host, port, verdict) => {
    expect(judge(`${names} ${ed25519}`, host, { port })).toBe(verdict);
  });

  it('skips comments, empty lines, broken lines and keys that are not of their type', () => {
    const text = `# swarm.lab ${ed25519}\n\nswarm.lab\nswarm.lab ssh-ed25519 AAAA\nswarm.lab ssh-rsa ${blob(ed25519).toString('base64')}\n`;
    expect(parseKnownHosts(text, 'f')).toEqual([]);
  });

  it('reads lines with tabs, a comment behind the key and DOS line ends', () => {
    expect(judge(`swarm.lab\t${ed25519} root@swarm\r\n`, 'swarm.lab')).toBe('known');
  });
});

it.each([
  ['swarm.lab', 22],
  ['swarm.lab', 2222],
])('knows %s port %i by the hash that ssh-keygen wrote', (host, port) => {
  const folder = mkdtempSync(join(tmpdir(), 'oforest-known-'));
  const file = join(folder, 'known_hosts');
  writeFileSync(file, `${knownHostsName({ host, port })} ${ed25519}\n`);
  execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
  const hashed = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });

  expect(hashed).toMatch(/^\|1\|/);
  expect(judge(hashed, host, { port })).toBe('known');
  expect(judge(hashed, 'other.lab', { port })).toBe('unknown');
});

describe('the verdict', () => {
  it('is "changed" for another key of a known type, with file and line of the old one', () => {
    const known = parseKnownHosts(`# first line\nswarm.lab ${otherEd25519}\n`, '/home/anna/.ssh/known_hosts');
    expect(judgeHostKey(known, blob(ed25519))).toMatchObject({
      verdict: 'changed',
      known: { file: '/home/anna/.ssh/known_hosts', line: 2 },
    });
  });

  it('is "known" when any line has the key: hosts behind one name may have several', () => {
    expect(judge(`swarm.lab ${otherEd25519}\nswarm.lab ${ed25519}`, 'swarm.lab')).toBe('known');
  });

  it('is "unknown" for a type that is not known, and names those that are', () => {
    expect(judgeHostKey(parseKnownHosts(`swarm.lab ${ecdsa}`, 'f'), blob(ed25519))).toEqual({
      verdict: 'unknown',
      knownTypes: ['ecdsa-sha2-nistp256'],
    });
  });

  it('is "revoked" for a revoked key, wherever else it stands', () => {
    expect(judge(`swarm.lab ${ed25519}\n@revoked * ${ed25519}`, 'swarm.lab')).toBe('revoked');
  });

  it('does not take the key of a certificate authority for a host key', () => {
    expect(judge(`@cert-authority *.lab ${ed25519}`, 'swarm.lab')).toBe('unknown');
  });
});

describe('the algorithms to offer', () => {
  const supported = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'rsa-sha2-256'];

  it('begin with those that have a known key', () => {
    expect(orderHostKeyAlgorithms(supported, parseKnownHosts(`a ${ecdsa}`, 'f'))).toEqual([
      'ecdsa-sha2-nistp256',
      'ssh-ed25519',
      'rsa-sha2-512',
      'rsa-sha2-256',
    ]);
  });

  it('take an RSA key for both of its signatures', () => {
    const rsa = utils.generateKeyPairSync('rsa', { bits: 2048 }).public;
    expect(orderHostKeyAlgorithms(supported, parseKnownHosts(`a ${rsa}`, 'f')).slice(0, 2)).toEqual([
      'rsa-sha2-512',
      'rsa-sha2-256',
    ]);
  });

  it('are in their own order for a host that is new', () => {
    expect(orderHostKeyAlgorithms(supported, [])).toEqual(supported);
  });
});

it('prints fingerprints as ssh-keygen does', () => {
  const printed = execFileSync('ssh-keygen', ['-l', '-f', '-'], { input: ed25519, encoding: 'utf8' });
  expect(printed).toContain(` ${fingerprint(blob(ed25519))} `);
});
