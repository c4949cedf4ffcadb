import { expect, it } from 'vitest';
import { parseHostName } from '../../../../src/core/domain/host-name.ts';
import { Secret } from '../../../../src/core/domain/secret.ts';
import { applyPlatform, planPlatform } from '../../../../src/core/operations/platform/prepare-platform.ts';
import type { PrepareRequest } from '../../../../src/core/operations/platform/wanted-platform.ts';
import { wildcard } from '../../../support/certificates.ts';
import { postgresImage, registryOf, traefikImage } from '../../../support/platform-lab.ts';
import { platformSwarm, stillClock } from '../../../support/platform-swarm.ts';

const first: PrepareRequest = {
  domain: parseHostName('lab.test'),
  tls: { mode: 'files', certificate: wildcard.certificate, key: new Secret(wildcard.key) },
};
const { signal } = new AbortController();

it('is told to start the earlier Traefik once more where Swarm keeps it waiting', async () => {
  const swarm = platformSwarm();
  const needs = { swarm, registry: registryOf([traefikImage, postgresImage]), clock: stillClock(), signal };
  const plan = (request: PrepareRequest) => planPlatform(request, needs);
  const apply = async (made: Awaited<ReturnType<typeof plan>>) => {
    for await (const _event of applyPlatform(made, needs));
  };
  const prepare = async (request: PrepareRequest) => apply(await plan(request));
  await prepare(first);
  const made = await plan({ httpsPort: 8443 });
  swarm.fateOf = (spec) =>
    JSON.stringify(spec).includes('"PublishedPort":8443')
      ? { state: 'failed', err: 'listen tcp4 0.0.0.0:8443: bind: address already in use', strandsNext: true }
      : { state: 'running' };

  await expect(apply(made)).rejects.toMatchObject({ code: 'port-taken', now: 'The earlier Traefik serves again.' });
  expect(swarm.writes.slice(-2)).toEqual(['update-service oforest_traefik', 'update-service oforest_traefik']);
  expect(swarm.tasks.at(-1)?.Status.State).toBe('running');
  expect((await plan({})).changes).toEqual([]);
});
