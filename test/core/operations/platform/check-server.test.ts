import { describe, expect, it } from 'vitest';
import { parseHostName } from '../../../../src/core/domain/host-name.ts';
import type { Platform } from '../../../../src/core/domain/platform.ts';
import { Secret } from '../../../../src/core/domain/secret.ts';
import type { EntryAnswer, EntryGateway } from '../../../../src/core/entry/gateway.ts';
import { ExpectedError } from '../../../../src/core/errors.ts';
import type { CheckName } from '../../../../src/core/operations/platform/check-result.ts';
import { checkServer } from '../../../../src/core/operations/platform/check-server.ts';
import type { PrepareRequest, PrepareTls } from '../../../../src/core/operations/platform/wanted-platform.ts';
import { loadPlatform, savePlatform } from '../../../../src/core/records/platform-record.ts';
import type { SwarmGateway } from '../../../../src/core/swarm/gateway.ts';
import { faultsByRule } from '../../../../src/sandbox/engine/faults.ts';
import type { Program } from '../../../../src/sandbox/programs/program.ts';
import { traefikProgram } from '../../../../src/sandbox/programs/traefik.ts';
import { wildcard } from '../../../support/certificates.ts';
import { endsWith, openPlatformLab } from '../../../support/platform-lab.ts';

const files = { mode: 'files', certificate: wildcard.certificate, key: new Secret(wildcard.key) } as const;

type Door = (platform: Platform, host: string) => Partial<EntryAnswer>;
/** As Traefik answers: plain requests lead to HTTPS, unknown hosts get 404. */
const usualDoor: Door = ({ tls }, host) =>
  tls.mode === 'none' ? { status: 302, headers: { location: `https://${host}/login` } } : { status: 404 };

async function openLab({
  tls = files,
  door = usualDoor,
  at,
  prepare = {},
  ...options
}: {
  tls?: PrepareTls;
  door?: Door;
  /** What this computer takes the time for; by default it agrees with the server. */
  at?: string;
  prepare?: PrepareRequest;
} & Parameters<typeof openPlatformLab>[0] = {}) {
  const lab = await openPlatformLab(options);
  await lab.prepareWith({ domain: parseHostName('lab.test'), tls, ...prepare });
  const asked: string[] = [];
  const entry = async (platform: Platform): Promise<EntryGateway> => ({
    async request({ host }) {
      asked.push(`${platform.tls.mode === 'none' ? 'http' : 'https'}://${host}`);
      return { status: 200, headers: {}, body: '', path: 'forwarded', ...door(platform, host) };
    },
  });
  const clock = at === undefined ? lab.clock : { ...lab.clock, now: () => new Date(at) };
  const check = async (swarm = lab.swarm) =>
    await checkServer({ name: 'lab', swarm, entry, clock, signal: lab.signal });
  const find = async (name: CheckName, swarm?: SwarmGateway) =>
    (await check(swarm)).checks.find((one) => one.name === name);
  return { ...lab, check, find, asked };
}

/** Three machines, of which the first is the manager. */
const three = ['host-node1', 'host-node2', 'host-node3'].map((hostname) => ({ hostname }));

describe('a server that is well', () => {
  it('says so about each thing that studies stand on', async () => {
    await using lab = await openLab();
    const { check, asked } = lab;

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
    await using lab = await openLab({ tls: { mode: 'none' }, door: () => ({ status: 404 }) });

    const names = (await lab.check()).checks.map(({ name }) => name);
    expect(names).toContain('http');
    expect(names).not.toContain('https');
    expect(names).not.toContain('certificate');
  });

  it('has no certificate to show before the first study, where an authority gives one for each', async () => {
    await using lab = await openLab({ tls: { mode: 'acme', email: 'a@lab.test' } });
    const { find, asked } = lab;

    expect(await find('https')).toMatchObject({ outcome: 'ok' });
    expect(asked).toEqual(['http://check.lab.test']);
  });
});

describe('a server that is not well', () => {
  it('was never prepared', async () => {
    await using lab = await openPlatformLab();
    const entry = () => Promise.reject(new Error('nothing to ask'));

    const { outcome, checks } = await checkServer({ ...lab, name: 'lab', entry });
    expect(outcome).toBe('failed');
    expect(checks.at(-1)).toMatchObject({ name: 'platform', hint: expect.stringContaining('server prepare') });
  });

  it('has a Swarm that does not answer', async () => {
    await using lab = await openLab();
    const observeManager = () =>
      Promise.reject(new ExpectedError('swarm-inactive', 'asking', { why: 'Swarm mode is off.', hint: 'Run it.' }));

    expect(await lab.check({ ...lab.swarm, observeManager })).toEqual({
      outcome: 'failed',
      checks: [{ name: 'swarm', outcome: 'failed', sentence: 'Swarm mode is off.', hint: 'Run it.' }],
    });
    lab.sandbox.engine.faults = faultsByRule([{ fault: { kind: 'leader-lost', ms: 60_000 }, path: /^\/info$/ }]);
    expect(await lab.check()).toMatchObject({
      outcome: 'failed',
      checks: [{ name: 'swarm', outcome: 'failed', sentence: expect.stringContaining('leader') }],
    });
  });

  it('has a clock that is off', async () => {
    await using lab = await openLab({ at: '2027-01-01T00:01:30Z' });
    lab.sandbox.model.store.shiftClock(Date.UTC(2027, 0, 1) - lab.sandbox.timeline.now());

    expect(await lab.find('clock')).toMatchObject({
      outcome: 'warning',
      sentence: "Its clock is 90 s behind this computer's.",
    });
  });

  it('has nodes that are away, and managers too few', async () => {
    await using lab = await openLab({ nodes: three });
    const [, second, third] = lab.sandbox.model.store.nodes.values();
    Object.assign(second!, {
      Status: { State: 'down', Addr: '' },
      ManagerStatus: { Leader: false, Addr: '', Reachability: 'unreachable' },
    });
    third!.ManagerStatus = { Leader: false, Addr: '192.0.2.12:2377', Reachability: 'reachable' };

    expect(await lab.find('swarm')).toMatchObject({
      outcome: 'warning',
      sentence: '3 nodes, not all ready and active: host-node2 (down).',
    });
    expect(await lab.find('managers')).toMatchObject({
      outcome: 'warning',
      sentence: '2 of 3 managers reachable; losing one more stops the Swarm.',
    });
  });

  it('has two managers, which is worse than one', async () => {
    await using lab = await openLab({ nodes: three.slice(0, 2) });
    const [, second] = lab.sandbox.model.store.nodes.values();
    second!.ManagerStatus = { Leader: false, Addr: '192.0.2.11:2377', Reachability: 'reachable' };

    expect(await lab.find('managers')).toMatchObject({
      outcome: 'warning',
      hint: expect.stringContaining('third manager'),
    });
  });

  it('has a Traefik that waits for a port', async () => {
    await using lab = await openLab();
    await lab.takePort(80);
    lab.crash('oforest_traefik', 1);
    await lab.clock.sleep(1_000, lab.signal);

    expect(await lab.find('traefik')).toMatchObject({
      outcome: 'failed',
      sentence:
        'Traefik does not run on host-node1; its task is pending: no suitable node (host-mode port already in use on 1 node).',
    });
  });

  it('has a Traefik that ends again and again, also in between', async () => {
    await using lab = await openLab();
    lab.crash('oforest_traefik', 1);
    await lab.clock.sleep(1_000, lab.signal);

    expect(await lab.find('traefik')).toMatchObject({
      outcome: 'failed',
      sentence: 'Traefik does not run on host-node1; its task is failed: task: non-zero exit (1).',
    });
  });

  it('has no page for closed studies, or one whose image will not do', async () => {
    await using lab = await openLab();
    lab.sandbox.images.registryIsUp = false;
    lab.sandbox.images.held.clear();
    lab.crash('oforest_closed', 1);
    await lab.clock.sleep(1_000, lab.signal);
    expect(await lab.find('closed-page')).toMatchObject({
      outcome: 'warning',
      sentence: expect.stringMatching(
        /^The page for closed studies does not run; its task is rejected: No such image: .*postgres@sha256:[0-9a-f]{64}\.$/,
      ),
    });

    await lab.remove('oforest_closed');
    expect(await lab.find('closed-page')).toMatchObject({
      outcome: 'warning',
      hint: 'Run `oforest server prepare lab` again.',
    });
  });

  it('has a page for closed studies whose image has no perl', async () => {
    const images = { 'no-perl:1': endsWith(123) };
    await using lab = await openLab({ images, prepare: { images: { postgres: 'no-perl:1' } } });

    expect(lab.sandbox.timeline.now() - Date.UTC(2027, 0, 1), 'preparing does not wait for it').toBeLessThan(30_000);
    expect(await lab.find('closed-page')).toMatchObject({
      sentence: 'The page for closed studies does not run: its image has no perl.',
      hint: expect.stringContaining('--postgres-image'),
    });
  });

  it('has a Docker that its Traefik cannot talk to', async () => {
    await using lab = await openLab();
    const swarm: SwarmGateway = {
      ...lab.swarm,
      observeManager: async () => ({ ...(await lab.swarm.observeManager()), ServerVersion: '29.1.0' }),
    };
    expect(await lab.find('docker', swarm)).toMatchObject({ outcome: 'ok' });

    const settings = await loadPlatform(swarm);
    await savePlatform(swarm, {
      ...settings,
      images: { ...settings.images, traefik: 'docker.io/library/traefik:v3.5.4@sha256:a' },
    });
    expect(await lab.find('docker', swarm)).toMatchObject({
      outcome: 'failed',
      hint: expect.stringContaining('--traefik-image'),
    });
  });

  it('has a network with hardly an address left', async () => {
    await using lab = await openPlatformLab({ nodes: three });
    await lab.swarm.createNetwork({ Name: 'oforest_public', Labels: {}, Internal: false, Subnet: '10.200.0.0/29' });
    await lab.prepareWith({ domain: parseHostName('lab.test'), tls: files });
    const entry = () => Promise.reject(new ExpectedError('host-refused', 'asking'));

    const { checks } = await checkServer({ ...lab, name: 'lab', entry });
    expect(checks.find(({ name }) => name === 'network')).toMatchObject({
      outcome: 'failed',
      sentence: expect.stringContaining('about 5 of 5 addresses'),
    });
  });

  it('has a door that nobody answers, or that does not lead to HTTPS', async () => {
    const shut = new ExpectedError('host-refused', 'connecting to 127.0.0.1:443', { why: 'Nothing listens there.' });
    await using lab = await openLab({
      door: ({ tls }) => {
        if (tls.mode === 'none') return { status: 404 };
        throw shut;
      },
    });

    expect(await lab.find('http')).toMatchObject({
      outcome: 'warning',
      sentence: expect.stringContaining('answers 404'),
    });
    expect(await lab.find('https')).toMatchObject({
      outcome: 'failed',
      sentence: 'Connecting to 127.0.0.1:443: Nothing listens there.',
      hint: expect.stringContaining('docker service logs oforest_traefik'),
    });
  });

  it('gets no certificate, and says what the authority objects to', async () => {
    const error =
      'unable to generate a certificate for the domains [game.lab.test]: [game.lab.test: acme: error: 400 :: urn:ietf:params:acme:error:dns :: no A record for game.lab.test, url: x]';
    const complaining: Program = (container) => {
      container.print('not JSON, and of somebody else');
      container.print(JSON.stringify({ level: 'error', providerName: 'oforest.acme', error }));
      return traefikProgram(container);
    };
    await using lab = await openLab({
      images: { 'traefik:v3.7': complaining },
      tls: { mode: 'acme', email: 'a@lab.test' },
      door: (platform, host) => {
        if (platform.tls.mode === 'none') return usualDoor(platform, host);
        throw new ExpectedError('certificate-untrusted', `opening https://${host}`, { why: 'It is self-signed.' });
      },
    });
    await lab.addStudy('game', { replicas: 1 });

    expect(await lab.find('https')).toMatchObject({
      outcome: 'failed',
      sentence: 'The authority gives no certificate for game.lab.test: dns :: no A record for game.lab.test',
      hint: expect.stringContaining('port 80'),
    });
  });

  it('has a certificate that expires, or that expired', async () => {
    for (const [at, outcome] of [
      ['2126-10-20T00:00:00Z', 'warning'],
      ['2126-11-20T00:00:00Z', 'failed'],
    ] as const) {
      await using lab = await openLab({ at });
      expect(await lab.find('certificate')).toMatchObject({ outcome });
    }
  });

  it('has a certificate that leaves a study out', async () => {
    await using lab = await openLab();
    await lab.addStudy('trust', { host: 'trust.uni.test', replicas: 1 });

    expect(await lab.find('certificate')).toMatchObject({
      outcome: 'failed',
      sentence: 'The certificate does not cover trust.uni.test.',
    });
    expect(lab.asked).toContain('https://trust.uni.test');
  });
});
