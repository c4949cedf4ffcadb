import { describe, expect, it } from 'vitest';
import { ExpectedError } from '../../../../src/core/errors.ts';
import { fenced } from '../../../../src/core/operations/steps/fence.ts';
import type { SwarmGateway } from '../../../../src/core/swarm/gateway.ts';

describe('the Swarm as one run may change it', () => {
  const asked: string[] = [];
  const swarm = new Proxy({} as SwarmGateway, {
    ownKeys: () => [...reads, ...changes],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
    get: (_target, name) => async () => void asked.push(String(name)),
  });
  const lost = new ExpectedError('operation-running', 'holding the lock of trust');
  const run = fenced(swarm, () => Promise.reject(lost)) as unknown as Record<string, () => Promise<unknown>>;

  it.each(changes)('refuses to %s when the lock is lost', async (name) => {
    asked.length = 0;
    await expect(run[name]?.()).rejects.toBe(lost);
    expect(asked).toEqual([]);
  });

  it('still reads', async () => {
    asked.length = 0;
    for (const name of reads) await run[name]?.();
    expect(asked).toEqual(reads);
  });
});

const changes = ['Service', 'Network', 'Secret', 'Config']
  .flatMap((kind) => [`create${kind}`, `remove${kind}`])
  .concat('updateService', 'relabelConfig', 'removeVolume');
const reads = ['listServices', 'listTasks', 'listSecrets', 'listConfigs', 'findConfig'];
