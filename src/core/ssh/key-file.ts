import { readFile, stat } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2'; // Node sees no named exports in it
import type { AskPassphrase } from './connection.ts';

/** A key that can be offered: its public half is known, its private half may still be locked. */
export interface RingKey {
  /** A file's path, or `agent (comment)`. */
  label: string;
  publicKey: ParsedKey;
  sign: (data: Buffer, hash: string | undefined) => Promise<Buffer>;
}

/** A key file that was not offered, and why. */
export interface SkippedFile {
  file: string;
  because: 'missing' | 'unreadable' | 'open-to-others' | 'locked' | 'not-a-key';
}

const maxPassphraseTries = 3;

interface FileNeeds {
  ofAgent: readonly RingKey[];
  skipped: SkippedFile[];
  askPassphrase: AskPassphrase | undefined;
}

/**
 * The key of a file, to be offered; undefined where it cannot be, with the reason added to `skipped`.
 * A file that others can read is not used, as ssh does. A key that the agent holds is left to the agent.
 */
export async function loadKeyFile(file: string, needs: FileNeeds): Promise<RingKey | undefined> {
  const skip = (because: SkippedFile['because']) => void needs.skipped.push({ file, because });
  const text = await readKeyFile(file);
  const publicKey = (text && publicHalf(text)) ?? parseKey((await readKeyFile(`${file}.pub`)) ?? '');
  const inAgent = publicKey && needs.ofAgent.find((key) => key.publicKey.equals(publicKey));
  if (inAgent) return { ...inAgent, label: file };

  if (text === undefined) return skip((await modeOf(file)) === undefined ? 'missing' : 'unreadable');
  const mode = await modeOf(file);
  if (mode?.ofUs && (mode.bits & 0o077) !== 0) return skip('open-to-others');
  const key = parseKey(text);
  if (key?.isPrivateKey())
    return { label: file, publicKey: key, sign: async (data, hash) => signWith(key, data, hash) };
  if (!isEncrypted(text)) return skip('not-a-key');

  const unlock = async () => {
    const unlocked = await askToUnlock(file, text, needs.askPassphrase);
    if (!unlocked) skip('locked');
    return unlocked;
  };
  if (publicKey) {
    let unlocked: Promise<ParsedKey | undefined> | undefined;
    const sign = async (data: Buffer, hash: string | undefined) => {
      unlocked ??= unlock();
      const privateKey = await unlocked;
      if (!privateKey) throw new Error(`${file} stayed locked`);
      return signWith(privateKey, data, hash);
    };
    return { label: file, publicKey, sign };
  }
  const unlocked = await unlock(); // an old format that hides the public half as well
  return unlocked && { label: file, publicKey: unlocked, sign: async (data, hash) => signWith(unlocked, data, hash) };
}

async function askToUnlock(file: string, text: string, ask: AskPassphrase | undefined): Promise<ParsedKey | undefined> {
  for (let tries = 0; tries < maxPassphraseTries; tries += 1) {
    const passphrase = await ask?.(file);
    if (passphrase === undefined) return undefined;
    const key = parseKey(text, passphrase.reveal());
    if (key?.isPrivateKey()) return key;
  }
  return undefined;
}

function signWith(key: ParsedKey, data: Buffer, hash: string | undefined): Buffer {
  const signature: Buffer | Error = key.sign(data, hash);
  if (signature instanceof Error) throw signature;
  return signature;
}

/** Undefined for what ssh2 cannot read, or not without its passphrase. */
export function parseKey(text: string | Buffer | ParsedKey, passphrase?: string): ParsedKey | undefined {
  const parsed: unknown = ssh2.utils.parseKey(text, passphrase);
  const key = Array.isArray(parsed) ? parsed[0] : parsed; // an OpenSSH file could hold several keys; it never does
  return key instanceof Error ? undefined : (key as ParsedKey);
}

const opensshKey = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]+?)-----END/;
const opensshMagic = 'openssh-key-v1\0';

/** The public half, which OpenSSH's format keeps in the clear; undefined for other formats. */
function publicHalf(text: string): ParsedKey | undefined {
  const fields = opensshFields(text);
  return fields ? parseKey(fields.publicKey) : parseKey(text);
}

function isEncrypted(text: string): boolean {
  const fields = opensshFields(text);
  return fields
    ? fields.cipher !== 'none'
    : /^Proc-Type: 4,ENCRYPTED/m.test(text) || /^Encryption: (?!none)/m.test(text);
}

function opensshFields(text: string): { cipher: string; publicKey: Buffer } | undefined {
  const body = Buffer.from(opensshKey.exec(text)?.[1] ?? '', 'base64');
  if (body.toString('latin1', 0, opensshMagic.length) !== opensshMagic) return undefined;
  let at = opensshMagic.length;
  const next = () => {
    const start = at + 4;
    at = start + body.readUInt32BE(at);
    return body.subarray(start, at);
  };
  try {
    const cipher = next().toString('latin1');
    next(); // the name of the key derivation …
    next(); // … and its options
    at += 4; // the number of keys
    return { cipher, publicKey: next() };
  } catch {
    return undefined; // cut off
  }
}

async function readKeyFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    return undefined;
  }
}

async function modeOf(file: string): Promise<{ bits: number; ofUs: boolean } | undefined> {
  try {
    const { mode, uid } = await stat(file);
    return { bits: mode, ofUs: uid === process.getuid?.() };
  } catch {
    return undefined;
  }
}

export function idOf({ publicKey }: RingKey): string {
  return publicKey.getPublicSSH().toString('base64');
}
