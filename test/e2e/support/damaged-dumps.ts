import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { jobScripts } from '../../../src/core/database/scripts/job-scripts.ts';
import type { APostgres } from './a-postgres.ts';

/** A dump with the manifest that was written beside it. */
export interface Backup {
  readonly dump: Buffer;
  readonly manifest: Readonly<Record<string, unknown>>;
}

export interface Damaged {
  readonly id: string;
  readonly kind: string;
  /** What must be said of it. */
  readonly error: string;
}

type Random = () => number;
type Damage = (
  backup: Backup,
  other: Backup,
  random: Random,
) => { dump: Buffer; manifest: Backup['manifest'] | string };

/** The first ones are found without a restore; for the last three the hash has been made to fit. */
const damages: Readonly<Record<string, readonly [error: string, damage: Damage]>> = {
  truncated: ['backup-damaged', ({ dump, manifest }, _, random) => ({ dump: truncated(dump, random), manifest })],
  flipped: ['backup-damaged', ({ dump, manifest }, _, random) => ({ dump: flipped(dump, 0, random), manifest })],
  'cut short and filled up': [
    'backup-damaged',
    ({ dump, manifest }, _, random) => {
      const rest = truncated(dump, random);
      return { dump: Buffer.concat([rest, Buffer.alloc(dump.length - rest.length)]), manifest };
    },
  ],
  "another's dump": ['backup-damaged', ({ manifest }, other) => ({ dump: other.dump, manifest })],
  'of another study': [
    'backup-foreign',
    ({ dump, manifest }) => ({ dump, manifest: { ...manifest, stack: 'dictator' } }),
  ],
  'with the manifest of another': [
    'backup-foreign',
    ({ dump, manifest }, other) => ({ dump, manifest: { ...manifest, id: other.manifest.id } }),
  ],
  'of a newer format': ['backup-too-new', ({ dump, manifest }) => ({ dump, manifest: { ...manifest, format: 2 } })],
  'of a newer Postgres': [
    'backup-too-new',
    ({ dump, manifest }) => ({ dump, manifest: { ...manifest, postgres: '99.1' } }),
  ],
  'with half a manifest': [
    'backup-damaged',
    ({ dump, manifest }, _, random) => {
      const text = JSON.stringify(manifest);
      return { dump, manifest: text.slice(0, 1 + Math.floor(random() * (text.length - 2))) };
    },
  ],
  'truncated, with its own hash': [
    'verify-failed',
    ({ dump, manifest }, _, random) => rehashed(truncated(dump, random), manifest),
  ],
  // Beyond the first half there are rows only: what a flip in the list of contents does may well be nothing.
  'flipped, with its own hash': [
    'verify-failed',
    ({ dump, manifest }, _, random) => rehashed(flipped(dump, dump.length / 2, random), manifest),
  ],
  "another's dump, with its hash": ['verify-failed', ({ manifest }, other) => rehashed(other.dump, manifest)],
};

/** How often each kind comes, of a hundred: a restore takes a hundred times as long as a hash. */
const order = Object.keys(damages).flatMap((kind) =>
  Array<string>(kind.endsWith('hash') ? 4 : kind.includes('dump') ? 8 : 10).fill(kind),
);

/** Writes so many damaged backups as partial ones into the folder; the same seed gives the same ones. */
export async function writeDamaged(
  [backup, other]: readonly [Backup, Backup],
  { folder, count, seed }: { folder: string; count: number; seed: number },
): Promise<readonly Damaged[]> {
  const random = randomFrom(seed);
  const written: Damaged[] = [];
  for (let index = 0; index < count; index += 1) {
    const id = `damaged-${index}`;
    const kind = order[Math.floor((index * order.length) / count)] ?? 'truncated';
    const [error, damage] = damages[kind] ?? [];
    if (!error || !damage) throw new Error(`no damage of the kind ${kind}`);
    const { dump, manifest } = damage({ dump: backup.dump, manifest: { ...backup.manifest, id } }, other, random);
    await writeFile(join(folder, `${id}.dump.partial`), dump);
    const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
    await writeFile(join(folder, `${id}.json.partial`), text);
    written.push({ id, kind, error });
  }
  return written;
}

const perContainer = 50;

/** What `verify` says of each, by id. Many share a container: to start one takes longer than to find the damage. */
export async function verifyEach(
  pg: APostgres,
  damaged: readonly Damaged[],
): Promise<ReadonlyMap<string, string | undefined>> {
  const each = 'for id; do printf "%s " "$id"; BACKUP="$id" sh -c "$SCRIPT" oforest | tail -n 1; done';
  const told = new Map<string, string | undefined>();
  for (let from = 0; from < damaged.length; from += perContainer) {
    const variables = { SCRIPT: jobScripts.verify };
    const words = pg.jobWords(
      `${pg.container}-verifies-${from}`,
      { operation: 'damaged001', step: 'verify' },
      variables,
    );
    const ids = damaged.slice(from, from + perContainer).map(({ id }) => id);
    for (const line of (await pg.docker([...words, '-c', each, 'oforest', ...ids])).trim().split('\n')) {
      const [, id = '', json = '{}'] = /^(\S+) oforest-result (.*)$/.exec(line) ?? [];
      told.set(id, JSON.parse(json).error);
    }
  }
  return told;
}

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

const rehashed = (dump: Buffer, manifest: Backup['manifest']) => ({
  dump,
  manifest: { ...manifest, bytes: dump.length, sha256: sha256(dump) },
});

const truncated = (dump: Buffer, random: Random) => dump.subarray(0, Math.floor(random() * dump.length));

function flipped(dump: Buffer, from: number, random: Random): Buffer {
  const copy = Buffer.from(dump);
  const at = Math.floor(from + random() * (dump.length - from));
  copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8));
  return copy;
}

/** mulberry32 */
function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
