import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, openLab } from './support/lab.ts';

describe('what goes wrong', () => {
  const host = 'trouble.oforest.test';
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
    await lab.prepare();
    await lab.succeed(['deploy', 'trouble', '--image', lab.bed.images['study:v1']]);
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const failing = async (words: readonly string[], options?: Parameters<Lab['json']>[1]) => {
    const { exitCode, value } = await lab.json(words, options);
    const { code, why, now, hint } = value.error;
    return { exitCode, code, why, now, hint };
  };
  /** The same person with another server in the config. */
  const withServer = async (server: object) => {
    const file = join(lab.home, 'other.yml');
    await writeFile(file, JSON.stringify({ servers: { other: server } }));
    return { environment: { OFOREST_CONFIG: file } };
  };

  it('names an image that is not in the registry, and the tags there are', async () => {
    const { exitCode, code, why, hint } = await failing([
      'deploy',
      'trouble',
      '--image',
      `${lab.bed.registry}/study:v9`,
    ]);
    expect({ exitCode, code }).toEqual({ exitCode: 3, code: 'image-not-found' });
    expect(`${why} ${hint}`).toMatch(/v1/);
    expect(await failing(['deploy', 'trouble', '--image', `${lab.bed.registry}/nothing:v1`])).toMatchObject({
      code: 'image-not-found',
    });
    expect(await failing(['deploy', 'trouble', '--image', '127.0.0.1:5999/study:v1'])).toMatchObject({
      exitCode: 6,
      code: 'registry-unreachable',
    });
  });

  it('names what the server lacks when no node can take the study', async () => {
    const file = join(lab.home, 'large.yml');
    await writeFile(file, 'memory: 900 GB\n');
    const failure = await failing(['deploy', 'trouble', '--image', lab.bed.images['study:v1'], '--config', file]);
    expect(failure).toMatchObject({ exitCode: 8, code: 'node-unsuitable' });
    expect(failure.why).toContain('insufficient resources');
    expect(failure.now).toContain('v1 serves');
    expect(await lab.get(host, '/login')).toMatchObject({ status: 200, release: 'v1' });
  });

  it('says so when another service answers in place of the study', async () => {
    const rule = (key: string, value: string) => ['--label', `traefik.${key}=${value}`];
    await lab.docker([
      ...[
        'service',
        'create',
        '-q',
        '--name',
        'impostor',
        '--endpoint-mode',
        'dnsrr',
        '--network',
        'oforest_public',
        '--no-resolve-image',
      ],
      ...rule('enable', 'true'),
      ...rule('swarm.network', 'oforest_public'),
      ...rule('http.routers.impostor.rule', `Host(\`${host}\`)`),
      ...rule('http.routers.impostor.priority', '5000'),
      ...rule('http.routers.impostor.entrypoints', 'websecure'),
      ...rule('http.routers.impostor.tls', 'true'),
      ...rule('http.routers.impostor.middlewares', 'impostor'),
      ...rule('http.middlewares.impostor.headers.customresponseheaders.X-OForest-Release', 'v77'),
      ...rule('http.services.impostor.loadbalancer.server.port', '8000'),
      ...[lab.bed.images['study:v1'], 'python3', '-m', 'http.server', '8000'],
    ]);
    try {
      const failure = await failing(['deploy', 'trouble', '--image', lab.bed.images['study:v2']]);
      expect(failure).toMatchObject({ exitCode: 8, code: 'wrong-release-answers' });
      expect(failure.why).toContain('v77');
      expect(failure.now).toContain('could not be proven');
    } finally {
      await lab.docker(['service', 'rm', 'impostor']);
    }
  });

  it('says so when Traefik routes nothing, and has the old release running again', async () => {
    await lab.docker(['service', 'scale', 'oforest_traefik=0']);
    try {
      const failure = await failing(['deploy', 'trouble', '--image', lab.bed.images['study:v2']]);
      expect(failure).toMatchObject({ exitCode: 8, code: 'route-missing' });
      expect(failure.why).toContain('Nothing answers at the entry point');
      expect(failure.hint).toContain('oforest server check');
      const image = await lab.docker([
        'service',
        'inspect',
        'trouble_web',
        '--format',
        '{{.Spec.TaskTemplate.ContainerSpec.Image}}',
      ]);
      expect(image).toContain('study:v1');
    } finally {
      await lab.docker(['service', 'scale', 'oforest_traefik=1']);
    }
    expect((await lab.json(['restart', 'trouble'])).value).toMatchObject({ ok: true, state: 'running' });
  });

  it('refuses names that are taken or reserved', async () => {
    await lab.docker([
      'service',
      'create',
      '-q',
      '-d',
      '--name',
      'foreign_web',
      '--replicas',
      '0',
      '--no-resolve-image',
      '--label',
      'com.docker.stack.namespace=foreign',
      lab.bed.images['study:v1'],
    ]);
    try {
      expect(await failing(['deploy', 'foreign', '--image', lab.bed.images['study:v1']])).toMatchObject({
        exitCode: 5,
        code: 'name-taken',
      });
    } finally {
      await lab.docker(['service', 'rm', 'foreign_web']);
    }
    expect(await failing(['deploy', 'www', '--image', lab.bed.images['study:v1']])).toMatchObject({
      exitCode: 2,
      code: 'name-invalid',
    });
    expect(await failing(['status', 'nobody-here'])).toMatchObject({ exitCode: 3, code: 'experiment-not-found' });
    expect(await failing(['rollback', 'trouble', '--to', 'v99'])).toMatchObject({
      exitCode: 3,
      code: 'release-not-found',
    });
    expect(await failing(['watch', 'abcdefghij'])).toMatchObject({ exitCode: 3, code: 'operation-not-found' });
  });

  it('tells a server that cannot be reached, or does not let us in, by its own cause', async () => {
    const { host: address, port, user, identityFile, knownHostsFile } = lab.bed.ssh;
    const good = { host: address, port, user, identityFile, knownHostsFile };
    const list = async (server: object) => failing(['list'], await withServer(server));
    expect(await list({ ...good, host: 'no-such-host.invalid' })).toMatchObject({ exitCode: 6, code: 'host-unknown' });
    expect(await list({ ...good, port: 1 })).toMatchObject({ exitCode: 6, code: 'host-refused' });
    expect(await list({ ...good, user: 'not-there' })).toMatchObject({ exitCode: 4, code: 'key-refused' });
    expect(await list({ ...good, user: lab.bed.users.noDocker })).toMatchObject({ exitCode: 4, code: 'docker-denied' });
    expect(await list({ ...good, identityFile: lab.bed.lockedKey.identityFile })).toMatchObject({
      exitCode: 4,
      code: 'key-locked',
    });
    expect(await list({ ...good, knownHostsFile: '/dev/null' })).toMatchObject({
      exitCode: 4,
      code: 'host-key-unknown',
    });
    expect(await list({ socket: '/nowhere/docker.sock' })).toMatchObject({ exitCode: 6, code: 'docker-unreachable' });
    for (const server of [{ ...good, port: lab.bed.sshNoForwarding.port }, { socket: lab.bed.dockerSocket }])
      expect((await lab.json(['list'], await withServer(server))).exitCode).toBe(0);
  });

  it('looks into a container through the door of its own node, where the config names one', async () => {
    const { host: address, port, user, identityFile, knownHostsFile } = lab.bed.ssh;
    const nodeId = (await lab.docker(['node', 'ls', '-q'])).trim();
    const through = (door: object) =>
      withServer({
        host: address,
        port,
        user,
        identityFile,
        knownHostsFile,
        nodes: { [nodeId]: { host: address, ...door } },
      });
    const open = await through({ port: lab.bed.sshNoForwarding.port });
    expect((await lab.json(['admin', 'trouble'], open)).value).toMatchObject({ user: 'admin' });
    const closed = await through({ port, user: lab.bed.users.noDocker });
    expect(await failing(['admin', 'trouble'], closed)).toMatchObject({ exitCode: 4, code: 'docker-denied' });
  });

  it('reads through a door that forwards nothing', async () => {
    const { host: address, user, identityFile, knownHostsFile } = lab.bed.ssh;
    const port = lab.bed.sshNoForwarding.port;
    const options = await withServer({ host: address, port, user, identityFile, knownHostsFile });
    expect((await lab.json(['status', 'trouble'], options)).value).toMatchObject({ ok: true, state: 'running' });
    expect((await lab.json(['admin', 'trouble'], options)).value).toMatchObject({ user: 'admin' });
  });
});
