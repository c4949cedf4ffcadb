import { describe, expect, it } from 'vitest';
import { parseHostName } from '../../../../src/core/domain/host-name.ts';
import { Secret } from '../../../../src/core/domain/secret.ts';
import { applyPlatform, type PlatformPlan } from '../../../../src/core/operations/platform/prepare-platform.ts';
import type { PrepareRequest } from '../../../../src/core/operations/platform/wanted-platform.ts';
import { findPlatform, loadPlatform } from '../../../../src/core/records/platform-record.ts';
import { withClosedRoutes } from '../../../../src/core/swarm/closed-page.ts';
import type { SwarmGateway } from '../../../../src/core/swarm/gateway.ts';
import { megabytes } from '../../../../src/core/swarm/service-spec.ts';
import { manifestOf, type SandboxImage } from '../../../../src/sandbox/images/image.ts';
import type { Program } from '../../../../src/sandbox/programs/program.ts';
import type { Node } from '../../../../src/sandbox/swarm/objects.ts';
import { aLabelledService } from '../../../support/builders.ts';
import { fixed, wildcard } from '../../../support/certificates.ts';
import {
  cannotStart,
  endsWith,
  openPlatformLab,
  type PlatformLab,
  postgresImage,
  registryOf,
  traefikImage,
} from '../../../support/platform-lab.ts';

const domain = parseHostName('lab.test');
const ownCertificate = { mode: 'files', certificate: wildcard.certificate, key: new Secret(wildcard.key) } as const;
const first: PrepareRequest = { domain, tls: ownCertificate };
const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

const linesOf = ({ changes }: PlatformPlan) =>
  changes.map(
    ({ action, subject, because, interrupts }) => `${interrupts ? '! ' : ''}${action} ${subject}: ${because}`,
  );
const pinned = (image: SandboxImage) =>
  `docker.io/library/${image.repository}:${image.tag}@${manifestOf(image).digest}`;
const named = (found: readonly { Spec: { Name: string } }[]) => found.map(({ Spec }) => Spec.Name);
const page = 'oforest_closed';
const traefik = 'oforest_traefik';
const two = [{ hostname: 'host-node1' }, { hostname: 'host-node2' }];

/** The second node is a manager too, and the one that is asked. */
function askSecond({ sandbox }: PlatformLab): { first: Node; second: Node } {
  const { nodes } = sandbox.model.store;
  const [first, second] = nodes.values();
  if (!first || !second) throw new Error('there are no two nodes');
  second.Spec = { ...second.Spec, Role: 'manager' };
  second.ManagerStatus = { Leader: true, Reachability: 'reachable', Addr: `${second.Status.Addr}:2377` };
  nodes.delete(first.ID);
  nodes.set(first.ID, first);
  return { first, second };
}

const plain = ({ Spec }: { Spec: { Data: string } }) => Buffer.from(Spec.Data, 'base64').toString();
const secretsIn = ({ sandbox }: PlatformLab) => [...sandbox.model.store.secrets.values()].map(plain);
/** What anybody with Docker rights can read. */
const readableIn = ({ sandbox }: PlatformLab) => [
  ...sandbox.model.store.services.values(),
  ...[...sandbox.model.store.configs.values()].map(plain),
];

describe('a Swarm that was never prepared', () => {
  it('gets network, files, Traefik, the page for closed studies and record, in this order', async () => {
    await using lab = await openPlatformLab();
    const { swarm, plan, apply } = lab;
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
    expect(lab.writes()).toBe(0);

    const { platform } = await apply(made);
    const created = lab.happened().filter((event) => event.startsWith('create-'));
    expect(created.map((event) => event.replace(/_[0-9a-f]{12}$/, ''))).toEqual([
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
      entryNode: (await swarm.listNodes())[0]?.ID,
      images: { traefik: pinned(traefikImage), postgres: pinned(postgresImage) },
    });
    expect(await findPlatform(swarm)).toEqual({ ...platform, number: 1 });
  });

  it('is not guessed at: domain and TLS have to be given', async () => {
    await using lab = await openPlatformLab();
    const { plan } = lab;

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
    await using lab = await openPlatformLab();
    const { swarm, prepareWith: prepare } = lab;
    await swarm.createNetwork({ Name: 'theirs', Labels: {}, Internal: false, Subnet: '10.200.1.0/24' });

    await prepare(first);

    expect((await swarm.findNetworks(['oforest_public']))[0]).toMatchObject({
      Driver: 'overlay',
      IPAM: { Config: [{ Subnet: '10.200.16.0/20' }] },
    });
  });

  it('keeps the key of the certificate a secret, in nothing that can be read', async () => {
    await using lab = await openPlatformLab();
    const { plan, apply } = lab;
    const made = await plan(first);
    await apply(made);

    expect(secretsIn(lab)).toEqual([expect.stringContaining('PRIVATE KEY')]);
    expect(JSON.stringify([made, readableIn(lab)])).not.toContain('PRIVATE KEY');
  });
});

describe('a Swarm that is prepared', () => {
  it('needs nothing when asked for the same again, nor when asked for nothing', async () => {
    await using lab = await openPlatformLab();
    const { plan, prepareWith: prepare } = lab;
    await prepare(first);
    const tasks = () => [...lab.sandbox.model.store.tasks.keys()];
    const before = tasks();
    const registry = registryOf([traefikImage, postgresImage]);

    expect((await plan(first)).changes).toEqual([]);
    expect((await plan({}, registry)).changes).toEqual([]);
    expect(registry.asked).toEqual([]);
    await prepare({});
    expect(tasks()).toEqual(before);
  });

  it('says what changes, and that it interrupts everyone', async () => {
    await using lab = await openPlatformLab();
    const { plan, prepareWith: prepare } = lab;
    await prepare(first);

    expect(linesOf(await plan({ httpsPort: 8443 }))).toEqual([
      'create settings: what Traefik is to do is in this file',
      '! update traefik: port 443 becomes 8443',
      'update platform: port 443 becomes 8443',
    ]);
  });

  it('keeps what is left out, and removes the files that nothing uses any more', async () => {
    await using lab = await openPlatformLab();
    const { swarm, prepareWith: prepare } = lab;
    await prepare(first);
    await prepare({ httpsPort: 8443 });

    expect(await findPlatform(swarm)).toMatchObject({
      domain: 'lab.test',
      httpPort: 80,
      httpsPort: 8443,
      tls: { mode: 'files' },
    });
    const files = named(await swarm.listConfigs({ label: 'org.oforest.kind', value: 'traefik' }));
    expect(files.filter((name) => name.startsWith('oforest_settings_traefik_'))).toHaveLength(1);
    expect(secretsIn(lab)).toHaveLength(1);
  });

  it('runs a newer Traefik when one is asked for, not when its tag has moved', async () => {
    await using lab = await openPlatformLab();
    const { plan, prepareWith: prepare } = lab;
    await prepare(first);
    const moved = registryOf([postgresImage], { traefik: digest('b') });

    expect((await plan({}, moved)).changes).toEqual([]);
    const [change] = (await plan({ images: { traefik: 'traefik:v3.7' } }, moved)).changes;
    expect(change).toMatchObject({ action: 'update', subject: 'traefik', interrupts: true });
    expect(change?.because).toContain(
      `its image ${pinned(traefikImage)} becomes docker.io/library/traefik:v3.7@${digest('b')}`,
    );
  });

  it('changes the image of new databases without touching Traefik', async () => {
    await using lab = await openPlatformLab();
    const { plan, prepareWith: prepare } = lab;
    await prepare(first);

    const lines = linesOf(await plan({ images: { postgres: 'postgres:18' } }));
    expect(lines).toEqual([
      expect.stringMatching(/^update closed-page: its image .*postgres:17@.* becomes .*postgres:18@/),
      expect.stringMatching(/^update platform: databases made from now on run .*postgres:18@/),
    ]);
  });

  it('is put right when somebody changed Traefik by hand', async () => {
    await using lab = await openPlatformLab();
    const { swarm, plan, prepareWith: prepare } = lab;
    await prepare(first);
    const { Spec } = lab.service(traefik)!;
    const { TaskTemplate } = Spec;
    const ContainerSpec = { ...TaskTemplate.ContainerSpec!, Args: ['--api.insecure=true'] };
    await swarm.updateService(lab.service(traefik)!, { ...Spec, TaskTemplate: { ...TaskTemplate, ContainerSpec } });

    expect(linesOf(await plan({}))).toEqual(['! update traefik: it is not as this oForest writes it']);
    await prepare({});
    expect((await plan({})).changes).toEqual([]);
  });

  it('gets a new certificate with its key, and drops the old one', async () => {
    await using lab = await openPlatformLab();
    const { prepareWith: prepare } = lab;
    await prepare(first);
    const before = secretsIn(lab);
    const addresses = [parseHostName('one.uni.test'), parseHostName('two.uni.test')];

    const { events } = await prepare({ addresses, tls: { mode: 'files', ...fixed, key: new Secret(fixed.key) } });

    expect(events).toContainEqual({
      kind: 'change-started',
      change: expect.objectContaining({ subject: 'traefik', because: 'the certificate is another one' }),
    });
    expect(secretsIn(lab)).not.toEqual(before);
    expect(secretsIn(lab)).toHaveLength(1);
  });

  it('asks for the key again when the server lost it', async () => {
    await using lab = await openPlatformLab();
    const { swarm, plan, prepareWith: prepare } = lab;
    await prepare(first);
    // dockerd keeps a secret as long as a service names it.
    await lab.remove(traefik);
    for (const { ID } of await swarm.listSecrets({ label: 'org.oforest.kind' })) await swarm.removeSecret(ID);

    await expect(plan({})).rejects.toMatchObject({ code: 'usage-wrong', hint: expect.stringMatching(/--tls-key/) });
    expect((await plan({ tls: ownCertificate })).changes.map(({ subject }) => subject)).toEqual(['key', 'traefik']);
  });

  it('moves Traefik when its node is gone', async () => {
    await using lab = await openPlatformLab({ nodes: two });
    await lab.prepareWith(first);
    const { first: gone, second } = askSecond(lab);
    gone.Status.State = 'down';

    expect(linesOf(await lab.plan({}))).toEqual([
      `! update traefik: it moves to the node ${second.ID}`,
      `update closed-page: it moves to the node ${second.ID}`,
      `update platform: Traefik is on the node ${second.ID}`,
    ]);
  });

  it('leaves Traefik where it is when another manager is asked', async () => {
    await using lab = await openPlatformLab({ nodes: two });
    await lab.prepareWith(first);
    askSecond(lab);

    expect((await lab.plan({})).changes).toEqual([]);
  });
});

describe('the page for closed studies', () => {
  const rule = (stack: string) => `traefik.http.routers.${stack}_gone.rule`;

  it('names a contact, which stays until it is taken away', async () => {
    await using lab = await openPlatformLab();
    const { swarm, plan, prepareWith: prepare } = lab;
    await prepare(first);
    const contact = 'Lab {{Office}}, lab@example.edu';

    expect(linesOf(await plan({ contact: ` ${contact} ` }))).toEqual([
      `update closed-page: the contact is ${contact}`,
      `update platform: the contact is ${contact}`,
    ]);
    await prepare({ contact });
    expect(lab.service(page)?.Spec.TaskTemplate.ContainerSpec?.Env).toEqual([
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
    await using lab = await openPlatformLab();
    const { plan, prepareWith: prepare } = lab;
    await prepare(first);
    await lab.remove(page);
    await lab.addStudy('running', { replicas: 1 });
    await lab.addStudy('auction');

    expect((await plan({})).changes.map(({ subject }) => subject)).toEqual(['closed-page']);
    await prepare({});
    expect(lab.service(page)?.Spec.Labels).toMatchObject({ [rule('auction')]: 'Host(`auction.lab.test`)' });
    expect(lab.service(page)?.Spec.Labels).not.toHaveProperty([rule('running')]);
  });

  it('keeps its addresses, in the form that visitors come in now', async () => {
    await using lab = await openPlatformLab();
    const { plan, prepareWith: prepare } = lab;
    await prepare(first);
    await lab.addStudy('auction');
    await lab.remove(page);
    await prepare({});

    await prepare({ contact: 'lab@example.edu' });
    expect(lab.service(page)?.Spec.Labels).toMatchObject({
      [rule('auction')]: 'Host(`auction.lab.test`)',
      'traefik.http.routers.auction_gone.tls': 'true',
    });
    const { changes } = await plan({ tls: { mode: 'none' } });
    expect(changes).toContainEqual(
      expect.objectContaining({ subject: 'closed-page', because: 'a certificate of your own becomes no TLS' }),
    );
    await prepare({ tls: { mode: 'none' } });
    expect(lab.service(page)?.Spec.Labels).toMatchObject({ 'traefik.http.routers.auction_gone.entrypoints': 'web' });
    expect(lab.service(page)?.Spec.Labels).not.toHaveProperty(['traefik.http.routers.auction_gone.tls']);
  });

  it('keeps an address that was written while it was changed', async () => {
    await using lab = await openPlatformLab();
    await lab.prepareWith(first);
    let isFirst = true;
    const swarm: SwarmGateway = {
      ...lab.swarm,
      async updateService(service, spec, options) {
        const found = lab.service(page);
        if (isFirst && found && spec.Name === page) {
          isFirst = false;
          const theirs = withClosedRoutes(found, [{ stack: 'auction', host: 'auction.lab.test' }], 'given');
          await lab.swarm.updateService(found, theirs);
        }
        await lab.swarm.updateService(service, spec, options);
      },
    };

    await lab.prepareWith({ contact: 'lab@example.edu' }, swarm);
    expect(isFirst).toBe(false);
    expect(lab.service(page)?.Spec.Labels).toMatchObject({ [rule('auction')]: 'Host(`auction.lab.test`)' });
    expect(lab.service(page)?.Spec.TaskTemplate.ContainerSpec?.Env).toEqual(['CONTACT=lab@example.edu']);
  });

  it('does not keep the server from being prepared when its image will not do', async () => {
    await using lab = await openPlatformLab({ images: { 'postgres:17': endsWith(123) } });
    const { timeline } = lab.sandbox;
    const begun = timeline.now();
    await lab.prepareWith(first);

    expect(timeline.now() - begun).toBeLessThan(15_000);
    expect(await findPlatform(lab.swarm)).toMatchObject({ domain: 'lab.test' });
    expect((await lab.plan({})).changes).toEqual([]);
  });
});

describe('what would harm studies', () => {
  it('is refused: another domain while any study has an address under it', async () => {
    await using lab = await openPlatformLab();
    const { plan, prepareWith: prepare } = lab;
    await prepare({ domain, tls: { mode: 'none' } });
    const other = { domain: parseHostName('other.test') };
    expect((await plan(other)).changes).toHaveLength(1);
    await lab.addStudy('trust-game', { replicas: 1 });
    await lab.addStudy('auction', { replicas: 1 });

    await expect(plan(other)).rejects.toMatchObject({
      code: 'prepare-refused',
      why: '2 studies have their addresses under lab.test (auction, trust-game).',
      now: 'Nothing was changed.',
    });
  });

  it('is refused: a certificate for other names', async () => {
    await using lab = await openPlatformLab();
    const { plan } = lab;
    const other = { domain, tls: { mode: 'files', ...fixed, key: new Secret(fixed.key) } } as const;

    await expect(plan(other)).rejects.toMatchObject({
      code: 'prepare-refused',
      why: 'It is for one.uni.test, two.uni.test, not for *.lab.test.',
    });
    const addresses = [parseHostName('two.uni.test'), parseHostName('three.uni.test')];
    await expect(plan({ ...other, addresses })).rejects.toMatchObject({
      why: expect.stringContaining('not for three.uni.test'),
    });
    expect(lab.writes()).toBe(0);
  });

  it('is refused: a certificate that leaves out the address of a study', async () => {
    await using lab = await openPlatformLab();
    const { plan, prepareWith: prepare } = lab;
    await prepare(first);
    await lab.addStudy('trust-game', { host: 'trust.uni.test', replicas: 1 });

    await expect(plan({ tls: ownCertificate })).rejects.toMatchObject({
      why: expect.stringContaining('not for trust.uni.test'),
    });
  });

  it('is said beforehand: links that stop working, studies that need a restart', async () => {
    await using lab = await openPlatformLab();
    const { plan, prepareWith: prepare } = lab;
    await prepare(first);
    await lab.addStudy('trust-game', { replicas: 1 });

    const codes = async (request: PrepareRequest) => (await plan(request)).notices.map(({ code }) => code);
    expect(await codes({ httpPort: 8080 })).toEqual([]);
    expect(await codes({ tls: ownCertificate })).toEqual(['certificate-chain-unknown']);
    expect(await codes({ httpsPort: 8443 })).toEqual(['links-change']);
    expect(await codes({ tls: { mode: 'none' } })).toEqual(['not-encrypted', 'links-change', 'studies-need-restart']);
  });

  it('is refused: both doors on one port, and an image for another machine', async () => {
    await using lab = await openPlatformLab();
    const { plan } = lab;
    await expect(plan({ ...first, httpPort: 443 })).rejects.toMatchObject({ code: 'usage-wrong' });
    const [pi] = lab.sandbox.model.store.nodes.values();
    pi!.Description.Platform = { Architecture: 'aarch64', OS: 'linux' };

    await expect(plan(first)).rejects.toMatchObject({
      code: 'prepare-refused',
      why: 'It is built for linux/amd64; the server is linux/aarch64.',
    });
  });
});

describe('a Traefik that does not come up', () => {
  const portTaken = (port: number) =>
    `driver failed programming external connectivity on endpoint x: Error starting userland proxy: listen tcp4 0.0.0.0:${port}: bind: address already in use`;
  const stateOf = (lab: PlatformLab) => lab.sandbox.model.runningTask(traefik)?.task.Status.State;

  it('is taken away again when there was none before', async () => {
    await using lab = await openPlatformLab({ images: { 'blocked:1': cannotStart(portTaken(80)) } });
    const { timeline } = lab.sandbox;
    const made = await lab.plan({ ...first, images: { traefik: 'blocked:1' } });
    const begun = timeline.now();

    await expect(lab.apply(made)).rejects.toMatchObject({
      code: 'port-taken',
      why: 'Port 80 is used by another program or service on that node.',
      now: 'Traefik was removed again; nothing answers yet.',
    });
    expect(timeline.now() - begun).toBeLessThan(15_000);
    expect(named([...lab.sandbox.model.store.services.values()])).toEqual([]);
    expect(await findPlatform(lab.swarm)).toBeUndefined();

    const again = await lab.plan(first);
    expect(again.changes.map(({ subject }) => subject)).toEqual(['traefik', 'closed-page', 'platform']);
    await lab.apply(again);
    expect(stateOf(lab)).toBe('running');
  });

  it.each<[code: string, what: string, request: PrepareRequest, arrange?: (lab: PlatformLab) => Promise<void>]>([
    ['port-taken', 'another program has the port', { images: { traefik: 'blocked:1' } }],
    ['port-taken', 'another service has the port', { httpsPort: 8443 }, (lab) => lab.takePort(8443)],
    ['node-unsuitable', 'the node has too little memory for it', { httpsPort: 8443 }, leaveLittleMemory],
    ['image-pull-failed', 'no registry has the image', { images: { traefik: 'nowhere:1' } }],
    ['operation-failed', 'it ends at once', { images: { traefik: 'crashes:1' } }],
    ['operation-failed', 'the node has no such socket', { dockerSocket: '/srv/docker.sock' }],
  ])('gives way to the earlier one: %s, because %s', async (code, _what, request, arrange) => {
    const images = { 'blocked:1': cannotStart(portTaken(443)), 'crashes:1': endsWith(1) };
    await using lab = await openPlatformLab({ images });
    await lab.prepareWith(first);
    await arrange?.(lab);
    const made = await lab.plan(request);
    const before = lab.service(traefik)?.Spec;

    await expect(lab.apply(made)).rejects.toMatchObject({ code, now: 'The earlier Traefik serves again.' });
    expect(lab.service(traefik)?.Spec).toEqual(before);
    expect(stateOf(lab)).toBe('running');
    const { httpsPort, images: kept } = await loadPlatform(lab.swarm);
    expect({ httpsPort, traefik: kept.traefik }).toEqual({ httpsPort: 443, traefik: pinned(traefikImage) });
  });
});

/** A Traefik of an earlier oForest asked for less, and others have taken what there is beside it. */
async function leaveLittleMemory({ swarm, service, clock, signal }: PlatformLab): Promise<void> {
  const found = service(traefik)!;
  const { Spec } = found;
  const Resources = { Reservations: { MemoryBytes: megabytes(16) } };
  await swarm.updateService(found, { ...Spec, TaskTemplate: { ...Spec.TaskTemplate, Resources } });
  await clock.sleep(30_000, signal);
  const other = aLabelledService('other', {}, { replicas: 1 });
  const Reservations = { MemoryBytes: megabytes(8 * 1024 - 16 - 8 - 40) };
  await swarm.createService({ ...other, TaskTemplate: { ...other.TaskTemplate, Resources: { Reservations } } });
  await clock.sleep(5_000, signal);
}

it('is told to start the earlier Traefik once more where Swarm keeps it waiting', async () => {
  const blocked: Program = (container) => {
    // In this moment another service takes the port as well: what Swarm starts in its place is never placed.
    lab.sandbox.model.createService({ ...aLabelledService('other', {}, { replicas: 1, port: 8443 }) });
    return cannotStart('listen tcp4 0.0.0.0:8443: bind: address already in use')(container);
  };
  await using lab = await openPlatformLab({ images: { 'blocked:1': blocked } });
  await lab.prepareWith(first);
  const made = await lab.plan({ httpsPort: 8443, images: { traefik: 'blocked:1' } });
  const { timeline, engine } = lab.sandbox;
  const begun = timeline.now();

  await expect(lab.apply(made)).rejects.toMatchObject({
    code: 'port-taken',
    now: 'The earlier Traefik serves again.',
  });
  expect(timeline.now() - begun, 'it would run by itself after a minute').toBeLessThan(30_000);
  const update = `/services/${lab.service(traefik)?.ID}/update`;
  const writes = engine.calls.filter((call) => call.writes).map(({ path }) => path);
  expect(writes.slice(-2)).toEqual([update, update]);
  expect(lab.sandbox.model.runningTask(traefik)?.task.Status.State).toBe('running');
  expect((await lab.plan({})).changes).toEqual([]);
});

it('goes back to settings that ran before, whose last task has ended', async () => {
  await using lab = await openPlatformLab();
  const { swarm, clock, signal, plan, prepareWith: prepare } = lab;
  await prepare(first);
  const stopped = applyPlatform(await plan({ httpsPort: 8443 }), { swarm, clock, signal });
  for await (const event of stopped)
    if (event.kind === 'change-finished' && event.change.subject === 'traefik')
      await stopped.return(undefined as never);

  await prepare({ httpsPort: 443 });
  expect(lab.service(traefik)?.Spec.EndpointSpec).toMatchObject({ Ports: [{}, { PublishedPort: 443 }] });
  expect((await plan({})).changes).toEqual([]);
});

it('refuses a plan that the Swarm has outrun', async () => {
  await using lab = await openPlatformLab();
  const { plan, apply, prepareWith: prepare } = lab;
  const made = await plan(first);
  await prepare(first);
  const writes = lab.writes();

  await expect(apply(made)).rejects.toMatchObject({ code: 'plan-changed' });
  expect(lab.writes()).toBe(writes);
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
    await using lab = await openPlatformLab();
    const { prepareWith: prepare } = lab;
    const { platform } = await prepare({ domain, tls: account });

    expect(secretsIn(lab)[0]).toContain('hmac-key');
    expect(JSON.stringify([platform, readableIn(lab)])).not.toContain('hmac-key');
    expect(platform.tls).toEqual({ mode: 'acme', email: 'a@lab.test', server: 'https://ca.test/dir', eabKid: 'kid-1' });
  });

  it('is asked for again, because nobody can read the key back', async () => {
    await using lab = await openPlatformLab();
    const { plan, prepareWith: prepare } = lab;
    await prepare({ domain, tls: account });

    await expect(plan({ httpPort: 8080 })).rejects.toMatchObject({
      code: 'usage-wrong',
      hint: expect.stringMatching(/--acme-eab-key-file/),
    });
    expect((await plan({ tls: account })).changes).toEqual([]);
  });

  it('needs both its id and its key', async () => {
    await using lab = await openPlatformLab();
    const { plan } = lab;
    const half = { mode: 'acme', email: 'a@lab.test', eabKid: 'kid-1' } as const;

    await expect(plan({ domain, tls: half })).rejects.toMatchObject({ code: 'usage-wrong' });
  });
});
