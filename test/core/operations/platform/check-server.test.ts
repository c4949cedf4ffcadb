import { describe, expect, it } from 'vitest';
import { parseHostName } from '../../../../src/core/domain/host-name.ts';
import type { Platform } from '../../../../src/core/domain/platform.ts';
import { Secret } from '../../../../src/core/domain/secret.ts';
import type { EntryAnswer, EntryGateway } from '../../../../src/core/entry/gateway.ts';
import { ExpectedError } from '../../../../src/core/errors.ts';
import type { CheckName } from '../../../../src/core/operations/platform/check-result.ts';
import { checkServer } from '../../../../src/core/operations/platform/check-server.ts';
import { applyPlatform, planPlatform } from '../../../../src/core/operations/platform/prepare-platform.ts';
import { savePlatform } from '../../../../src/core/records/platform-record.ts';
import { wildcard } from '../../../support/certificates.ts';
import { node, platformSwarm, stillClock } from '../../../support/platform-swarm.ts';

const { signal } = new AbortController();
const files = { mode: 'files', certificate: wildcard.certificate, key: new Secret(wildcard.key) } as const;
const registry = {
  resolve: async (reference: object) => ({
    reference: { ...reference, digest: `sha256:${'a'.repeat(64)}` } as never,
    platforms: [],
  }),
};

type Door = (platform: Platform, host: string) => Partial<EntryAnswer>;
/** As Traefik answers: plain requests lead to HTTPS, unknown hosts get 404. */
const usualDoor: Door = ({ tls }, host) =>
  tls.mode === 'none' ? { status: 302, headers: { location: `https://${host}/login` } } : { status: 404 };

async function lab({
  tls = files,
  door = usualDoor,
  at,
}: {
  tls?: typeof files | { mode: 'none' } | { mode: 'acme'; email: string };
  door?: Door;
  at?: string;
} = {}) {
  const swarm = platformSwarm();
  const needs = { swarm, registry, clock: stillClock(), signal };
  const plan = await planPlatform({ domain: parseHostName('lab.test'), tls }, needs);
  for await (const _event of applyPlatform(plan, needs));
  const asked: string[] = [];
  const entry = async (platform: Platform): Promise<EntryGateway> => ({
    async request({ host }) {
      asked.push(`${platform.tls.mode === 'none' ? 'http' : 'https'}://${host}`);
      return { status: 200, headers: {}, body: '', path: 'forwarded', ...door(platform, host) };
    },
  });
  const check = async () => await checkServer({ name: 'lab', swarm, entry, clock: stillClock(at), signal });
  const find = async (name: CheckName) => (await check()).checks.find((one) => one.name === name);
  return { swarm, check, find, asked };
}

describe('a server that is well', () => {
  it('says so about each thing that studies stand on', async () => {
    const { check, asked } = await lab();

    const { outcome, checks } = await check();
    expect(checks.map(({ name, outcome, sentence }) => `${outcome} ${name}: ${sentence}`)).toEqual([
      'ok docker: Docker 20.10.24, asked with API 1.41.',
      "ok clock: Its clock agrees with this computer's.",
      'ok swarm: 1 node, ready.',
      'ok managers: 1 of 1 manager reachable.',
      'ok platform: Prepared on 2027-01-01 for *.lab.test.',
      'ok network: 0 studies; about 3 of 4093 addresses of oforest_public (10.200.0.0/20) in use.',
      'ok traefik: Traefik runs on host-node1, since 2027-01-01 00:00 UTC.',
      'ok closed-page: The page for closed studies runs.',
      'ok http: HTTP on port 80 leads to HTTPS.',
      'ok https: HTTPS on port 443 has a certificate for check.lab.test.',
      'ok certificate: The certificate for *.lab.test is valid until 2126-10-28 (36,459 days).',
    ]);
    expect(outcome).toBe('ok');
    expect(asked).toEqual(['http://check.lab.test', 'https://check.lab.test']);
  });

  it('has one door without TLS', async () => {
    const { check } = await lab({ tls: { mode: 'none' }, door: () => ({ status: 404 }) });

    const names = (await check()).checks.map(({ name }) => name);
    expect(names).toContain('http');
    expect(names).not.toContain('https');
    expect(names).not.toContain('certificate');
  });

  it('has no certificate to show before the first study, where an authority gives one for each', async () => {
    const { find, asked } = await lab({ tls: { mode: 'acme', email: 'a@lab.test' } });

    expect(await find('https')).toMatchObject({ outcome: 'ok' });
    expect(asked).toEqual(['http://check.lab.test']);
  });
});

describe('a server that is not well', () => {
  it('was never prepared', async () => {
    const swarm = platformSwarm();
    const entry = () => Promise.reject(new Error('nothing to ask'));

    const { outcome, checks } = await checkServer({ name: 'lab', swarm, entry, clock: stillClock(), signal });
    expect(outcome).toBe('failed');
    expect(checks.at(-1)).toMatchObject({ name: 'platform', hint: expect.stringContaining('server prepare') });
  });

  it('has a Swarm that does not answer', async () => {
    const { swarm, check } = await lab();
    swarm.observeManager = () =>
      Promise.reject(new ExpectedError('swarm-inactive', 'asking', { why: 'Swarm mode is off.', hint: 'Run it.' }));

    expect(await check()).toEqual({
      outcome: 'failed',
      checks: [{ name: 'swarm', outcome: 'failed', sentence: 'Swarm mode is off.', hint: 'Run it.' }],
    });
  });

  it('has a clock that is off', async () => {
    const { find } = await lab({ at: '2027-01-01T00:01:30Z' });

    expect(await find('clock')).toMatchObject({
      outcome: 'warning',
      sentence: "Its clock is 90 s behind this computer's.",
    });
  });

  it('has nodes that are away, and managers too few', async () => {
    const { swarm, find } = await lab();
    swarm.nodes.push(
      node('node2', {
        Status: { State: 'down', Addr: '' },
        ManagerStatus: { Leader: false, Addr: '', Reachability: 'unreachable' },
      }),
      node('node3'),
    );

    expect(await find('swarm')).toMatchObject({
      outcome: 'warning',
      sentence: '3 nodes, not all ready and active: host-node2 (down).',
    });
    expect(await find('managers')).toMatchObject({
      outcome: 'warning',
      sentence: '2 of 3 managers reachable; losing one more stops the Swarm.',
    });
  });

  it('has two managers, which is worse than one', async () => {
    const { swarm, find } = await lab();
    swarm.nodes.push(node('node2'));

    expect(await find('managers')).toMatchObject({
      outcome: 'warning',
      hint: expect.stringContaining('third manager'),
    });
  });

  it('has a Traefik that waits for a port', async () => {
    const { swarm, find } = await lab();
    const [task] = swarm.tasks;
    Object.assign(task?.Status ?? {}, { State: 'rejected', Err: 'address already in use' });

    expect(await find('traefik')).toMatchObject({
      outcome: 'failed',
      sentence: 'Traefik does not run on host-node1; its task is rejected: address already in use.',
    });
  });

  it('has no page for closed studies, or one whose image will not do', async () => {
    const { swarm, find } = await lab();
    const [task] = swarm.tasks.filter(({ ServiceID }) => ServiceID === swarm.services[1]?.ID);

    Object.assign(task?.Status ?? {}, { State: 'rejected', Err: 'No such image: postgres:17' });
    expect(await find('closed-page')).toMatchObject({
      outcome: 'warning',
      sentence: 'The page for closed studies does not run; its task is rejected: No such image: postgres:17.',
    });
    Object.assign(task?.Status ?? {}, { State: 'failed', ContainerStatus: { ContainerID: 'c', ExitCode: 123 } });
    expect(await find('closed-page')).toMatchObject({
      sentence: 'The page for closed studies does not run: its image has no perl.',
      hint: expect.stringContaining('--postgres-image'),
    });
    swarm.services.pop();
    expect(await find('closed-page')).toMatchObject({
      outcome: 'warning',
      hint: 'Run `oforest server prepare lab` again.',
    });
  });

  it('has a Docker that its Traefik cannot talk to', async () => {
    const { swarm, find } = await lab();
    swarm.manager = { ...swarm.manager, ServerVersion: '29.1.0' };
    expect(await find('docker')).toMatchObject({ outcome: 'ok' });

    const settings = JSON.parse(String(swarm.configs.at(-1)?.Spec.Data));
    await savePlatform(swarm, {
      ...settings,
      images: { ...settings.images, traefik: 'docker.io/library/traefik:v3.5.4@sha256:a' },
    });
    expect(await find('docker')).toMatchObject({ outcome: 'failed', hint: expect.stringContaining('--traefik-image') });
  });

  it('has a network with hardly an address left', async () => {
    const { swarm, find } = await lab();
    const [network] = swarm.networks;
    Object.assign(network ?? {}, { IPAM: { Config: [{ Subnet: '10.200.0.0/29' }] } });
    for (let added = 2; added <= 3; added += 1) swarm.nodes.push(node(`node${added}`));

    expect(await find('network')).toMatchObject({
      outcome: 'failed',
      sentence: expect.stringContaining('about 5 of 5 addresses'),
    });
  });

  it('has a door that nobody answers, or that does not lead to HTTPS', async () => {
    const shut = new ExpectedError('host-refused', 'connecting to 127.0.0.1:443', { why: 'Nothing listens there.' });
    const { find } = await lab({
      door: ({ tls }) => {
        if (tls.mode === 'none') return { status: 404 };
        throw shut;
      },
    });

    expect(await find('http')).toMatchObject({ outcome: 'warning', sentence: expect.stringContaining('answers 404') });
    expect(await find('https')).toMatchObject({
      outcome: 'failed',
      sentence: 'Connecting to 127.0.0.1:443: Nothing listens there.',
      hint: expect.stringContaining('docker service logs oforest_traefik'),
    });
  });

  it('gets no certificate, and says what the authority objects to', async () => {
    const { swarm, find } = await lab({
      tls: { mode: 'acme', email: 'a@lab.test' },
      door: (platform, host) => {
        if (platform.tls.mode === 'none') return usualDoor(platform, host);
        throw new ExpectedError('certificate-untrusted', `opening https://${host}`, { why: 'It is self-signed.' });
      },
    });
    const [any] = swarm.services;
    const labels = { 'org.oforest.part': 'web', 'org.oforest.host': 'game.lab.test' };
    if (any) swarm.services.push({ ...any, ID: 'study', Spec: { ...any.Spec, Labels: labels } });
    const error =
      'unable to generate a certificate for the domains [game.lab.test]: [game.lab.test: acme: error: 400 :: urn:ietf:params:acme:error:dns :: no A record for game.lab.test, url: x]';
    swarm.serviceLog = async function* () {
      yield { stream: 'stdout', at: '', text: 'not JSON, and of somebody else' };
      yield { stream: 'stdout', at: '', text: JSON.stringify({ level: 'error', providerName: 'oforest.acme', error }) };
    };

    expect(await find('https')).toMatchObject({
      outcome: 'failed',
      sentence: 'The authority gives no certificate for game.lab.test: dns :: no A record for game.lab.test',
      hint: expect.stringContaining('port 80'),
    });
  });

  it('has a certificate that expires, that expired, or that leaves a study out', async () => {
    expect(await (await lab({ at: '2126-10-20T00:00:00Z' })).find('certificate')).toMatchObject({ outcome: 'warning' });
    expect(await (await lab({ at: '2126-11-20T00:00:00Z' })).find('certificate')).toMatchObject({ outcome: 'failed' });

    const { swarm, find, asked } = await lab();
    const [any] = swarm.services;
    const labels = { 'org.oforest.part': 'web', 'org.oforest.host': 'trust.uni.test' };
    if (any) swarm.services.push({ ...any, ID: 'study', Spec: { ...any.Spec, Labels: labels } });
    expect(await find('certificate')).toMatchObject({
      outcome: 'failed',
      sentence: 'The certificate does not cover trust.uni.test.',
    });
    expect(asked).toContain('https://trust.uni.test');
  });
});
