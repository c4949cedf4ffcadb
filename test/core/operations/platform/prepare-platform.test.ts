import { describe, expect, it } from 'vitest';
import { parseHostName } from '../../../../src/core/domain/host-name.ts';
import { formatImageReference } from '../../../../src/core/domain/image-reference.ts';
import { Secret } from '../../../../src/core/domain/secret.ts';
import {
  applyPlatform,
  type PlatformEvent,
  type PlatformPlan,
  planPlatform,
} from '../../../../src/core/operations/platform/prepare-platform.ts';
import type { PrepareRequest } from '../../../../src/core/operations/platform/wanted-platform.ts';
import { findPlatform } from '../../../../src/core/records/platform-record.ts';
import type { RegistryGateway } from '../../../../src/core/registry/gateway.ts';
import { withClosedRoutes } from '../../../../src/core/swarm/closed-page.ts';
import { fixed, wildcard } from '../../../support/certificates.ts';
import { node, type PlatformSwarm, platformSwarm, stillClock } from '../../../support/platform-swarm.ts';

const { signal } = new AbortController();
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

/** Every tag means the same digest until somebody pushes. */
function registryWith(digests: Record<string, string> = {}): RegistryGateway & { asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    async resolve(reference) {
      const name = formatImageReference(reference);
      asked.push(name);
      const found = Object.entries(digests).find(([part]) => name.includes(part))?.[1] ?? digest('a');
      return { reference: { ...reference, digest: found }, platforms: [{ os: 'linux', architecture: 'amd64' }] };
    },
  };
}

const domain = parseHostName('lab.test');
const ownCertificate = { mode: 'files', certificate: wildcard.certificate, key: new Secret(wildcard.key) } as const;
const first: PrepareRequest = { domain, tls: ownCertificate };

function lab() {
  const swarm = platformSwarm();
  const clock = stillClock();
  const needs = (registry: RegistryGateway = registryWith()) => ({ swarm, registry, clock, signal });
  const plan = (request: PrepareRequest, registry?: RegistryGateway) => planPlatform(request, needs(registry));
  async function apply(made: PlatformPlan) {
    const events: PlatformEvent[] = [];
    const applying = applyPlatform(made, needs());
    for (;;) {
      const next = await applying.next();
      if (next.done) return { events, platform: next.value };
      events.push(next.value);
    }
  }
  const prepare = async (request: PrepareRequest) => apply(await plan(request));
  return { swarm, clock, plan, apply, prepare };
}

const linesOf = ({ changes }: PlatformPlan) =>
  changes.map(
    ({ action, subject, because, interrupts }) => `${interrupts ? '! ' : ''}${action} ${subject}: ${because}`,
  );
const image = (name: string, letter = 'a') => expect.stringMatching(new RegExp(`${name}@${digest(letter)}$`));

function addStudy(swarm: PlatformSwarm, stack: string, host = `${stack}.lab.test`): void {
  const labels = { 'org.oforest.part': 'web', 'org.oforest.stack': stack, 'org.oforest.host': host };
  const [any] = swarm.services;
  if (any) swarm.services.push({ ...any, ID: stack, Spec: { ...any.Spec, Name: `${stack}_web`, Labels: labels } });
}

describe('a Swarm that was never prepared', () => {
  it('gets network, files, Traefik, the page for closed studies and record, in this order', async () => {
    const { swarm, plan, apply } = lab();
    const made = await plan(first);

    expect(linesOf(made)).toEqual([
      'create network: Traefik reaches the studies through it; its subnet 10.200.0.0/20 is free',
      'create settings: what Traefik is to do is in this file',
      'create settings: what Traefik is to do is in this file',
      'create certificate: visitors are shown this certificate',
      "create key: the certificate's key, which nobody can read back",
      'create traefik: it leads visitors to the studies',
      'create closed-page: whoever opens the link of a closed study is told that it is closed',
      'create platform: studies get addresses under lab.test',
    ]);
    expect(swarm.writes).toEqual([]);

    const { platform } = await apply(made);
    expect(swarm.writes.map((write) => write.replace(/_[0-9a-f]{12}$/, ''))).toEqual([
      'create-network oforest_public',
      'create-config oforest_settings_traefik',
      'create-config oforest_settings_tls',
      'create-config oforest_tls_cert',
      'create-secret oforest_tls_key',
      'create-service oforest_traefik',
      'create-service oforest_closed',
      'create-config of.platform.1',
    ]);
    expect(platform).toMatchObject({
      domain: 'lab.test',
      addresses: [],
      tls: { mode: 'files', chain: wildcard.certificate },
      httpPort: 80,
      httpsPort: 443,
      entryNode: 'node1',
      images: { traefik: image('traefik:v3.7'), postgres: image('postgres:17') },
    });
    expect(await findPlatform(swarm)).toEqual({ ...platform, number: 1 });
  });

  it('is not guessed at: domain and TLS have to be given', async () => {
    const { plan } = lab();

    await expect(plan({ tls: ownCertificate })).rejects.toMatchObject({
      code: 'usage-wrong',
      hint: expect.stringMatching(/--domain/),
    });
    await expect(plan({ domain })).rejects.toMatchObject({
      code: 'usage-wrong',
      hint: expect.stringMatching(/--tls none/),
    });
  });

  it('gets a subnet that neither a network nor its nodes use', async () => {
    const { swarm, prepare } = lab();
    swarm.networks.push({
      Id: 'n0',
      Name: 'theirs',
      Driver: 'overlay',
      Labels: {},
      IPAM: { Config: [{ Subnet: '10.200.1.0/24' }] },
    });

    await prepare(first);

    expect(swarm.networks.at(-1)).toMatchObject({
      Name: 'oforest_public',
      IPAM: { Config: [{ Subnet: '10.200.16.0/20' }] },
    });
  });

  it('keeps the key of the certificate a secret, in nothing that can be read', async () => {
    const { swarm, plan, apply } = lab();
    const made = await plan(first);
    await apply(made);

    const [secret] = swarm.secrets;
    expect(secret?.value.toString()).toContain('PRIVATE KEY');
    const readable = [made, swarm.services, swarm.configs.map(({ Spec }) => Spec.Data.toString())];
    expect(JSON.stringify(readable)).not.toContain('PRIVATE KEY');
  });
});

describe('a Swarm that is prepared', () => {
  it('needs nothing when asked for the same again, nor when asked for nothing', async () => {
    const { swarm, plan, prepare } = lab();
    await prepare(first);
    const task = swarm.tasks.at(-1)?.ID;
    const registry = registryWith();

    expect((await plan(first)).changes).toEqual([]);
    expect((await plan({}, registry)).changes).toEqual([]);
    expect(registry.asked).toEqual([]);
    await prepare({});
    expect(swarm.tasks.at(-1)?.ID).toBe(task);
  });

  it('says what changes, and that it interrupts everyone', async () => {
    const { plan, prepare } = lab();
    await prepare(first);

    expect(linesOf(await plan({ httpsPort: 8443 }))).toEqual([
      'create settings: what Traefik is to do is in this file',
      '! update traefik: port 443 becomes 8443',
      'update platform: port 443 becomes 8443',
    ]);
  });

  it('keeps what is left out, and removes the files that nothing uses any more', async () => {
    const { swarm, prepare } = lab();
    await prepare(first);
    await prepare({ httpsPort: 8443 });

    expect(await findPlatform(swarm)).toMatchObject({
      domain: 'lab.test',
      httpPort: 80,
      httpsPort: 8443,
      tls: { mode: 'files' },
    });
    expect(swarm.configs.filter(({ Spec }) => Spec.Name.startsWith('oforest_settings_traefik_'))).toHaveLength(1);
    expect(swarm.secrets).toHaveLength(1);
  });

  it('runs a newer Traefik when one is asked for, not when its tag has moved', async () => {
    const { plan, prepare } = lab();
    await prepare(first);
    const moved = registryWith({ traefik: digest('b') });

    expect((await plan({}, moved)).changes).toEqual([]);
    const [change] = (await plan({ images: { traefik: 'traefik:v3.7' } }, moved)).changes;
    expect(change).toMatchObject({ action: 'update', subject: 'traefik', interrupts: true });
    expect(change?.because).toMatch(/^its image .*@sha256:aaa.* becomes .*@sha256:bbb/);
  });

  it('changes the image of new databases without touching Traefik', async () => {
    const { plan, prepare } = lab();
    await prepare(first);

    const lines = linesOf(await plan({ images: { postgres: 'postgres:18' } }));
    expect(lines).toEqual([
      expect.stringMatching(/^update closed-page: its image .*postgres:17@.* becomes .*postgres:18@/),
      expect.stringMatching(/^update platform: databases made from now on run .*postgres:18@/),
    ]);
  });

  it('is put right when somebody changed Traefik by hand', async () => {
    const { swarm, plan, prepare } = lab();
    await prepare(first);
    const [traefik] = swarm.services;
    Object.assign(traefik?.Spec.TaskTemplate.ContainerSpec ?? {}, { Args: ['--api.insecure=true'] });

    expect(linesOf(await plan({}))).toEqual(['! update traefik: it is not as this oForest writes it']);
    await prepare({});
    expect((await plan({})).changes).toEqual([]);
  });

  it('gets a new certificate with its key, and drops the old one', async () => {
    const { swarm, prepare } = lab();
    await prepare(first);
    const before = swarm.secrets.map(({ Spec }) => Spec.Name);
    const addresses = [parseHostName('one.uni.test'), parseHostName('two.uni.test')];

    const { events } = await prepare({ addresses, tls: { mode: 'files', ...fixed, key: new Secret(fixed.key) } });

    expect(events).toContainEqual({
      kind: 'change-started',
      change: expect.objectContaining({ subject: 'traefik', because: 'the certificate is another one' }),
    });
    expect(swarm.secrets.map(({ Spec }) => Spec.Name)).not.toEqual(before);
    expect(swarm.secrets).toHaveLength(1);
  });

  it('asks for the key again when the server lost it', async () => {
    const { swarm, plan, prepare } = lab();
    await prepare(first);
    swarm.secrets.length = 0;

    await expect(plan({})).rejects.toMatchObject({ code: 'usage-wrong', hint: expect.stringMatching(/--tls-key/) });
    expect((await plan({ tls: ownCertificate })).changes.map(({ subject }) => subject)).toEqual(['key', 'traefik']);
  });

  it('moves Traefik when its node is gone', async () => {
    const { swarm, plan, prepare } = lab();
    await prepare(first);
    swarm.nodes.splice(0, 1, node('node1', { Status: { State: 'down', Addr: '192.0.2.10' } }), node('node2'));
    swarm.manager = { ...swarm.manager, Swarm: { ...swarm.manager.Swarm, NodeID: 'node2' } };

    expect(linesOf(await plan({}))).toEqual([
      '! update traefik: it moves to the node node2',
      'update closed-page: it moves to the node node2',
      'update platform: Traefik is on the node node2',
    ]);
  });

  it('leaves Traefik where it is when another manager is asked', async () => {
    const { swarm, plan, prepare } = lab();
    await prepare(first);
    swarm.nodes.push(node('node2'));
    swarm.manager = { ...swarm.manager, Swarm: { ...swarm.manager.Swarm, NodeID: 'node2' } };

    expect((await plan({})).changes).toEqual([]);
  });
});

describe('the page for closed studies', () => {
  const addClosed = (swarm: PlatformSwarm, stack: string) => {
    addStudy(swarm, stack);
    const study = swarm.services.at(-1);
    if (study) study.Spec.Mode = { Replicated: { Replicas: 0 } };
  };
  const pageOf = (swarm: PlatformSwarm) => swarm.services.find(({ Spec }) => Spec.Name === 'oforest_closed');
  const rule = (stack: string) => `traefik.http.routers.${stack}_gone.rule`;

  it('names a contact, which stays until it is taken away', async () => {
    const { swarm, plan, prepare } = lab();
    await prepare(first);
    const contact = 'Lab {{Office}}, lab@example.edu';

    expect(linesOf(await plan({ contact: ` ${contact} ` }))).toEqual([
      `update closed-page: the contact is ${contact}`,
      `update platform: the contact is ${contact}`,
    ]);
    await prepare({ contact });
    expect(pageOf(swarm)?.Spec.TaskTemplate.ContainerSpec?.Env).toEqual([
      'CONTACT=Lab {{"{{"}}Office}}, lab@example.edu',
    ]);
    expect((await plan({})).changes).toEqual([]);
    expect(linesOf(await plan({ contact: '' }))).toEqual([
      'update closed-page: it names no contact any more',
      'update platform: it names no contact any more',
    ]);
    await prepare({ contact: '' });
    expect(await findPlatform(swarm)).not.toHaveProperty('contact');
    await expect(plan({ contact: 'x'.repeat(201) })).rejects.toMatchObject({ code: 'usage-wrong' });
  });

  it('is made with the addresses of studies that were closed before there was such a page', async () => {
    const { swarm, plan, prepare } = lab();
    await prepare(first);
    swarm.services.splice(1, 1);
    addStudy(swarm, 'running');
    addClosed(swarm, 'auction');

    expect((await plan({})).changes.map(({ subject }) => subject)).toEqual(['closed-page']);
    await prepare({});
    expect(pageOf(swarm)?.Spec.Labels).toMatchObject({ [rule('auction')]: 'Host(`auction.lab.test`)' });
    expect(pageOf(swarm)?.Spec.Labels).not.toHaveProperty([rule('running')]);
  });

  it('keeps its addresses, in the form that visitors come in now', async () => {
    const { swarm, plan, prepare } = lab();
    await prepare(first);
    addClosed(swarm, 'auction');
    swarm.services.splice(1, 1);
    await prepare({});

    await prepare({ contact: 'lab@example.edu' });
    expect(pageOf(swarm)?.Spec.Labels).toMatchObject({
      [rule('auction')]: 'Host(`auction.lab.test`)',
      'traefik.http.routers.auction_gone.tls': 'true',
    });
    const { changes } = await plan({ tls: { mode: 'none' } });
    expect(changes).toContainEqual(
      expect.objectContaining({ subject: 'closed-page', because: 'a certificate of your own becomes no TLS' }),
    );
    await prepare({ tls: { mode: 'none' } });
    expect(pageOf(swarm)?.Spec.Labels).toMatchObject({ 'traefik.http.routers.auction_gone.entrypoints': 'web' });
    expect(pageOf(swarm)?.Spec.Labels).not.toHaveProperty(['traefik.http.routers.auction_gone.tls']);
  });

  it('keeps an address that was written while it was changed', async () => {
    const { swarm, prepare } = lab();
    await prepare(first);
    const { updateService } = swarm;
    let isFirst = true;
    swarm.updateService = async (service, spec, options) => {
      const page = pageOf(swarm);
      if (isFirst && page && spec.Name === 'oforest_closed') {
        isFirst = false;
        await updateService(page, withClosedRoutes(page, [{ stack: 'auction', host: 'auction.lab.test' }], 'given'));
      }
      await updateService(service, spec, options);
    };

    await prepare({ contact: 'lab@example.edu' });
    expect(pageOf(swarm)?.Spec.Labels).toMatchObject({ [rule('auction')]: 'Host(`auction.lab.test`)' });
    expect(pageOf(swarm)?.Spec.TaskTemplate.ContainerSpec?.Env).toEqual(['CONTACT=lab@example.edu']);
  });

  it('does not keep the server from being prepared when its image will not do', async () => {
    const { swarm, plan, apply } = lab();
    const made = await plan(first);
    swarm.fateOf = ({ Name }) =>
      Name === 'oforest_closed' ? { state: 'failed', err: 'task: non-zero exit (123)' } : { state: 'running' };

    await apply(made);
    expect(await findPlatform(swarm)).toMatchObject({ domain: 'lab.test' });
    expect((await plan({})).changes).toEqual([]);
  });
});

describe('what would harm studies', () => {
  it('is refused: another domain while any study has an address under it', async () => {
    const { swarm, plan, prepare } = lab();
    await prepare({ domain, tls: { mode: 'none' } });
    const other = { domain: parseHostName('other.test') };
    expect((await plan(other)).changes).toHaveLength(1);
    addStudy(swarm, 'trust-game');
    addStudy(swarm, 'auction');

    await expect(plan(other)).rejects.toMatchObject({
      code: 'prepare-refused',
      why: '2 studies have their addresses under lab.test (auction, trust-game).',
      now: 'Nothing was changed.',
    });
  });

  it('is refused: a certificate for other names', async () => {
    const { swarm, plan } = lab();
    const other = { domain, tls: { mode: 'files', ...fixed, key: new Secret(fixed.key) } } as const;

    await expect(plan(other)).rejects.toMatchObject({
      code: 'prepare-refused',
      why: 'It is for one.uni.test, two.uni.test, not for *.lab.test.',
    });
    const addresses = [parseHostName('two.uni.test'), parseHostName('three.uni.test')];
    await expect(plan({ ...other, addresses })).rejects.toMatchObject({
      why: expect.stringContaining('not for three.uni.test'),
    });
    expect(swarm.writes).toEqual([]);
  });

  it('is refused: a certificate that leaves out the address of a study', async () => {
    const { swarm, plan, prepare } = lab();
    await prepare(first);
    addStudy(swarm, 'trust-game', 'trust.uni.test');

    await expect(plan({ tls: ownCertificate })).rejects.toMatchObject({
      why: expect.stringContaining('not for trust.uni.test'),
    });
  });

  it('is said beforehand: links that stop working, studies that need a restart', async () => {
    const { swarm, plan, prepare } = lab();
    await prepare(first);
    addStudy(swarm, 'trust-game');

    const codes = async (request: PrepareRequest) => (await plan(request)).notices.map(({ code }) => code);
    expect(await codes({ httpPort: 8080 })).toEqual([]);
    expect(await codes({ tls: ownCertificate })).toEqual(['certificate-chain-unknown']);
    expect(await codes({ httpsPort: 8443 })).toEqual(['links-change']);
    expect(await codes({ tls: { mode: 'none' } })).toEqual(['not-encrypted', 'links-change', 'studies-need-restart']);
  });

  it('is refused: both doors on one port, and an image for another machine', async () => {
    const { swarm, plan } = lab();
    await expect(plan({ ...first, httpPort: 443 })).rejects.toMatchObject({ code: 'usage-wrong' });
    swarm.nodes[0] = node('node1', {
      Description: { Hostname: 'pi', Platform: { Architecture: 'aarch64', OS: 'linux' } },
    });

    await expect(plan(first)).rejects.toMatchObject({
      code: 'prepare-refused',
      why: 'It is built for linux/amd64; the server is linux/aarch64.',
    });
  });
});

describe('a Traefik that does not come up', () => {
  const portTaken =
    'driver failed programming external connectivity on endpoint x: Error starting userland proxy: listen tcp4 0.0.0.0:80: bind: address already in use';

  it('is taken away again when there was none before', async () => {
    const { swarm, plan, apply } = lab();
    const made = await plan(first);
    swarm.fateOf = () => ({ state: 'failed', err: portTaken });

    await expect(apply(made)).rejects.toMatchObject({
      code: 'port-taken',
      why: 'Port 80 is used by another program or service on that node.',
      now: 'Traefik was removed again; nothing answers yet.',
    });
    expect(swarm.services).toEqual([]);
    expect(await findPlatform(swarm)).toBeUndefined();

    swarm.fateOf = () => ({ state: 'running' });
    const again = await plan(first);
    expect(again.changes.map(({ subject }) => subject)).toEqual(['traefik', 'closed-page', 'platform']);
    await apply(again);
  });

  it.each([
    ['port-taken', { state: 'rejected', err: portTaken }],
    ['port-taken', { state: 'pending', err: 'no suitable node (host-mode port already in use on 1 node)' }],
    ['node-unsuitable', { state: 'pending', err: 'no suitable node (insufficient resources on 1 node)' }],
    ['image-pull-failed', { state: 'rejected', err: 'No such image: traefik:v3.7@sha256:aaa' }],
    ['operation-failed', { state: 'failed', err: 'task: non-zero exit (1)' }],
    [
      'operation-failed',
      { state: 'rejected', err: 'invalid mount config for type "bind": bind source path does not exist: /x' },
    ],
  ] as const)('gives way to the earlier one: %s', async (code, fate) => {
    const { swarm, plan, apply, prepare } = lab();
    await prepare(first);
    const made = await plan({ httpsPort: 8443 });
    const before = swarm.services[0]?.Spec;
    swarm.fateOf = (spec) => (JSON.stringify(spec).includes('"PublishedPort":8443') ? fate : { state: 'running' });

    await expect(apply(made)).rejects.toMatchObject({ code, now: 'The earlier Traefik serves again.' });
    expect(swarm.services[0]?.Spec).toEqual(before);
    expect(swarm.tasks.at(-1)?.Status.State).toBe('running');
    expect(await findPlatform(swarm)).toMatchObject({ httpsPort: 443 });
  });
});

it('is told to start the earlier Traefik once more where Swarm keeps it waiting', async () => {
  const { swarm, plan, apply, prepare } = lab();
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

it('goes back to settings that ran before, whose last task has ended', async () => {
  const { swarm, clock, plan, prepare } = lab();
  await prepare(first);
  const stopped = applyPlatform(await plan({ httpsPort: 8443 }), { swarm, clock, signal });
  for await (const event of stopped)
    if (event.kind === 'change-finished' && event.change.subject === 'traefik')
      await stopped.return(undefined as never);

  await prepare({ httpsPort: 443 });
  expect(swarm.services[0]?.Spec.EndpointSpec).toMatchObject({ Ports: [{}, { PublishedPort: 443 }] });
  expect((await plan({})).changes).toEqual([]);
});

it('refuses a plan that the Swarm has outrun', async () => {
  const { swarm, plan, apply, prepare } = lab();
  const made = await plan(first);
  await prepare(first);
  const writes = swarm.writes.length;

  await expect(apply(made)).rejects.toMatchObject({ code: 'plan-changed' });
  expect(swarm.writes).toHaveLength(writes);
});

describe('an external account of an ACME authority', () => {
  const account = {
    mode: 'acme',
    email: 'a@lab.test',
    server: 'https://ca.test/dir',
    eabKid: 'kid-1',
    eabKey: new Secret('hmac-key'),
  } as const;

  it('keeps its key in a secret and nowhere else', async () => {
    const { swarm, prepare } = lab();
    const { platform } = await prepare({ domain, tls: account });

    expect(swarm.secrets[0]?.value.toString()).toContain('hmac-key');
    const readable = [platform, swarm.services, swarm.configs.map(({ Spec }) => Spec.Data.toString())];
    expect(JSON.stringify(readable)).not.toContain('hmac-key');
    expect(platform.tls).toEqual({ mode: 'acme', email: 'a@lab.test', server: 'https://ca.test/dir', eabKid: 'kid-1' });
  });

  it('is asked for again, because nobody can read the key back', async () => {
    const { plan, prepare } = lab();
    await prepare({ domain, tls: account });

    await expect(plan({ httpPort: 8080 })).rejects.toMatchObject({
      code: 'usage-wrong',
      hint: expect.stringMatching(/--acme-eab-key-file/),
    });
    expect((await plan({ tls: account })).changes).toEqual([]);
  });

  it('needs both its id and its key', async () => {
    const { plan } = lab();
    const half = { mode: 'acme', email: 'a@lab.test', eabKid: 'kid-1' } as const;

    await expect(plan({ domain, tls: half })).rejects.toMatchObject({ code: 'usage-wrong' });
  });
});
