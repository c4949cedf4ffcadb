import { ExpectedError } from '../errors.ts';

const sizeBits = 20;
/** Private ranges, in the order we prefer: far from where Docker and most labs begin to count. */
const pools = ['10.200.0.0/13', '10.128.0.0/10', '172.24.0.0/13', '192.168.128.0/17'];

/**
 * A /20 (4,094 addresses) that no network uses and no node lives near: a node's address stands for the /16 around it,
 * because the lab's own network is not ours to see.
 */
export function freeSubnet({
  taken,
  nodeAddresses,
}: {
  taken: readonly string[];
  nodeAddresses: readonly string[];
}): string {
  const used = [...taken, ...nodeAddresses.map((address) => `${address}/16`)].flatMap(rangeOf);
  for (const pool of pools.flatMap(rangeOf))
    for (let first = pool.first; first <= pool.last; first += 2 ** (32 - sizeBits)) {
      const last = first + 2 ** (32 - sizeBits) - 1;
      if (!used.some((range) => range.first <= last && first <= range.last))
        return `${formatAddress(first)}/${sizeBits}`;
    }
  throw new ExpectedError('prepare-refused', 'choosing a subnet for the network of the studies', {
    why: 'Every private range that oForest would use is taken on this server.',
    now: 'Nothing was changed.',
    hint: 'Remove networks that nobody uses: docker network prune.',
  });
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** Empty for IPv6, which cannot collide. */
function rangeOf(subnet: string): readonly Range[] {
  const found = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(subnet);
  if (!found) return [];
  const [a = 0, b = 0, c = 0, d = 0, bits = 32] = found.slice(1).map(Number);
  const size = 2 ** (32 - bits);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const first = address - (address % size);
  return [{ first, last: first + size - 1 }];
}

function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((bits) => Math.floor(address / 2 ** bits) % 256).join('.');
}

/** How many tasks and node end points fit; the network itself, its gateway and the broadcast are not for them. */
export function usableAddresses(subnet: string): number {
  const [range] = rangeOf(subnet);
  return range ? range.last - range.first - 2 : 0;
}
