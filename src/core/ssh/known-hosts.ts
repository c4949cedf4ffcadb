import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { matchesPatternList } from './matches-pattern.ts';

/** One usable line of a known_hosts file. `@cert-authority` lines are left out: ssh2 cannot check certificates. */
export interface KnownHost {
  /** The first field as written: patterns, or `|1|salt|hash`. */
  names: string;
  revoked: boolean;
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa` … */
  type: string;
  key: Buffer;
  file: string;
  line: number;
}

export type HostKeyVerdict =
  | { verdict: 'known' }
  | { verdict: 'unknown'; knownTypes: readonly string[] }
  | { verdict: 'changed'; known: KnownHost }
  | { verdict: 'revoked'; known: KnownHost };

/** Lines that OpenSSH would not understand are skipped, as it does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  return text.split('\n').flatMap((raw, index): KnownHost[] => {
    const fields = raw.trim().split(/\s+/);
    const marker = fields[0]?.startsWith('@') ? fields.shift() : undefined;
    const [names, type, base64] = fields;
    if (!names || names.startsWith('#') || !type || !base64) return [];
    if (marker !== undefined && marker !== '@revoked') return [];
    const key = Buffer.from(base64, 'base64');
    if (keyType(key) !== type) return [];
    return [{ names, revoked: marker === '@revoked', type, key, file, line: index + 1 }];
  });
}

/** The lines that speak about this host; `port` 22 is written without brackets. */
export function knownKeysOf(known: readonly KnownHost[], address: { host: string; port: number }): KnownHost[] {
  const name = knownHostsName(address);
  return known.filter(({ names }) => (names.startsWith('|') ? isHashOf(name, names) : matchesNames(name, names)));
}

export function judgeHostKey(keys: readonly KnownHost[], offered: Buffer): HostKeyVerdict {
  const revoked = keys.find((known) => known.revoked && known.key.equals(offered));
  if (revoked) return { verdict: 'revoked', known: revoked };
  const valid = keys.filter((known) => !known.revoked);
  if (valid.some((known) => known.key.equals(offered))) return { verdict: 'known' };
  const changed = valid.find((known) => known.type === keyType(offered));
  if (changed) return { verdict: 'changed', known: changed };
  return { verdict: 'unknown', knownTypes: [...new Set(valid.map((known) => known.type))] };
}

/**
 * The algorithms to offer, those with a known key first: else a host that is known by its ed25519 key alone
 * would be asked for another one and look unknown.
 */
export function orderHostKeyAlgorithms(supported: readonly string[], keys: readonly KnownHost[]): string[] {
  const known = new Set(keys.filter((key) => !key.revoked).map((key) => key.type));
  const isKnown = (algorithm: string) => known.has(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  return [...supported.filter(isKnown), ...supported.filter((algorithm) => !isKnown(algorithm))];
}

/** How known_hosts writes an address: `swarm.lab`, or `[swarm.lab]:2222`. */
export function knownHostsName({ host, port }: { host: string; port: number }): string {
  return port === 22 ? host.toLowerCase() : `[${host.toLowerCase()}]:${port}`;
}

/** `SHA256:…` as ssh-keygen prints it. */
export function fingerprint(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The type that a key in SSH's own encoding begins with; empty if it is none. */
export function keyType(key: Buffer): string {
  if (key.length < 4) return '';
  const length = key.readUInt32BE(0);
  return key.length < 4 + length ? '' : key.toString('latin1', 4, 4 + length);
}

function isHashOf(name: string, hashed: string): boolean {
  const [, version, salt, hash] = hashed.split('|');
  if (version !== '1' || !salt || !hash) return false;
  const wanted = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return wanted.length === actual.length && timingSafeEqual(wanted, actual);
}

function matchesNames(name: string, names: string): boolean {
  return matchesPatternList(name, names.split(','));
}
