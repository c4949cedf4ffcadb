import { readFile } from 'node:fs/promises';
import { ExpectedError } from '../errors.ts';
import type { SshTarget } from './connection.ts';
import {
  fingerprint,
  judgeHostKey,
  type KnownHost,
  keyType,
  knownHostsName,
  knownKeysOf,
  parseKnownHosts,
} from './known-hosts.ts';

/** What the known_hosts files say about a target; files that do not exist say nothing. */
export async function loadKnownKeys(target: SshTarget): Promise<KnownHost[]> {
  const texts = await Promise.all(target.knownHostsFiles.map(readKnownHosts));
  return knownKeysOf(texts.flat(), knownAs(target));
}

/** The failure to report for an offered host key, undefined for a known one: `host-key-unknown`, `host-key-changed`. */
export function hostKeyProblem(
  offered: Buffer,
  { target, knownKeys }: { target: SshTarget; knownKeys: readonly KnownHost[] },
): ExpectedError | undefined {
  const judged = judgeHostKey(knownKeys, offered);
  switch (judged.verdict) {
    case 'known':
      return undefined;
    case 'unknown':
      return unknownHostKey(offered, target, judged.knownTypes);
    case 'changed':
      return changedHostKey(offered, target, judged.known);
    case 'revoked':
      return revokedHostKey(offered, target, judged.known);
  }
}

function unknownHostKey(offered: Buffer, target: SshTarget, knownTypes: readonly string[]): ExpectedError {
  const name = knownHostsName(knownAs(target));
  const file = target.knownHostsFiles[0] ?? '~/.ssh/known_hosts';
  const offeredAs = `${shortType(keyType(offered))} key ${fingerprint(offered)}`;
  return new ExpectedError('host-key-unknown', `checking the host key of ${target.host}`, {
    why:
      knownTypes.length > 0
        ? `It shows the ${offeredAs}; known_hosts has only its ${knownTypes.map(shortType).join(' and ')} key.`
        : `No known_hosts file has a key for ${name}; it shows the ${offeredAs}.`,
    hint: `Compare the fingerprint with the admin of ${target.host}; if it is the same, run: ${learnCommand(offered, target, file)}`,
    details: {
      host: target.host,
      port: target.port,
      fingerprint: fingerprint(offered),
      knownHostsLine: `${name} ${keyType(offered)} ${offered.toString('base64')}`,
      knownHostsFile: file,
    },
  });
}

/** ssh-keyscan does not go through a jump host; ssh does, and shows the fingerprint again. */
function learnCommand(offered: Buffer, target: SshTarget, file: string): string {
  const { host, port, user, jump } = target;
  const portFlag = port === 22 ? '' : ` -p ${port}`;
  if (jump) {
    return `ssh -J ${jump.user}@${jump.host}:${jump.port}${portFlag} -o UserKnownHostsFile=${file} ${user}@${host}`;
  }
  return `ssh-keyscan${portFlag} -t ${keyscanType(keyType(offered))} ${host} >> ${file}`;
}

function changedHostKey(offered: Buffer, target: SshTarget, known: KnownHost): ExpectedError {
  return new ExpectedError('host-key-changed', `checking the host key of ${target.host}`, {
    why: `Its ${shortType(known.type)} key is now ${fingerprint(offered)}; ${known.file}:${known.line} says ${fingerprint(known.key)}. Somebody may be listening in, or the server was set up anew.`,
    hint: `Ask the admin of ${target.host} whether the key was replaced; if so, run: ssh-keygen -R '${knownHostsName(knownAs(target))}' -f ${known.file}`,
    details: {
      host: target.host,
      port: target.port,
      fingerprint: fingerprint(offered),
      knownFingerprint: fingerprint(known.key),
      knownHostsFile: known.file,
      line: known.line,
    },
  });
}

function revokedHostKey(offered: Buffer, target: SshTarget, known: KnownHost): ExpectedError {
  return new ExpectedError('host-key-changed', `checking the host key of ${target.host}`, {
    why: `Its key ${fingerprint(offered)} is marked @revoked in ${known.file}:${known.line}.`,
    hint: `Ask the admin of ${target.host} for a new host key; this one must not be trusted.`,
    details: {
      host: target.host,
      port: target.port,
      fingerprint: fingerprint(offered),
      knownHostsFile: known.file,
      line: known.line,
    },
  });
}

function knownAs({ host, port, hostKeyAlias }: SshTarget): { host: string; port: number } {
  return hostKeyAlias === undefined ? { host, port } : { host: hostKeyAlias, port: 22 };
}

async function readKnownHosts(file: string): Promise<KnownHost[]> {
  try {
    return parseKnownHosts(await readFile(file, 'utf8'), file);
  } catch {
    return []; // as ssh does: no file, no known keys, and so no connection
  }
}

/** `ED25519`, `ECDSA`, `RSA`: as ssh prints it. */
function shortType(type: string): string {
  return keyscanType(type).toUpperCase();
}

function keyscanType(type: string): string {
  return type.startsWith('ecdsa-') ? 'ecdsa' : type.replace(/^ssh-/, '');
}
