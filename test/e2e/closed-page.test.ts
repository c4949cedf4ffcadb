import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { parseHostName } from '../../src/core/domain/host-name.ts';
import { Secret } from '../../src/core/domain/secret.ts';
import { parseStackName } from '../../src/core/domain/stack-name.ts';
import { openServer, type Server } from '../../src/core/open-server.ts';
import { checkServer } from '../../src/core/operations/platform/check-server.ts';
import { applyPlatform, planPlatform } from '../../src/core/operations/platform/prepare-platform.ts';
import { hideClosedStep, showClosedStep } from '../../src/core/operations/steps/closed-page-steps.ts';
import { runSteps, type Step } from '../../src/core/operations/steps/step.ts';
import { closedPageName, noPerlExit } from '../../src/core/swarm/closed-page.ts';
import { traefikLabels } from '../../src/core/swarm/traefik-labels.ts';
import { dockerSocket } from './bed/layout.ts';
import { containerOf, type Lab, openLab, runningTasks } from './support/lab.ts';
import { until } from './support/until.ts';

const contact = 'Lab {{Office}} <b>Zoë</b>, lab@example.edu';
const webName = 'closed-e2e_web';

/** The page for closed studies behind the real Traefik, out of the real image. */
describe('a closed study', () => {
  const { signal } = new AbortController();
  const stack = parseStackName('closed-e2e');
  let lab: Lab;
  let server: Server;
  let host: string;
  beforeAll(async () => {
    lab = await openLab();
    host = `${stack}.${lab.bed.domain}`;
    server = await openServer(
      { name: 'lab', server: { socket: dockerSocket } },
      { signal, environment: { home: lab.home, userName: 'anna' } },
    );
    await prepare(contact);
  });
  afterAll(async () => {
    await run(hideClosedStep(needs()));
    await prepare('');
    await server[Symbol.asyncDispose]();
    await lab[Symbol.asyncDispose]();
  });

  async function prepare(text: string): Promise<void> {
    const { images, tls, domain } = lab.bed;
    const [certificate, key] = await Promise.all([readFile(tls.certFile, 'utf8'), readFile(tls.keyFile, 'utf8')]);
    const wanted = {
      domain: parseHostName(domain),
      tls: { mode: 'files', certificate, key: new Secret(key) },
      images: { traefik: images['traefik:3.7'], postgres: images['postgres:15'] },
      contact: text,
    } as const;
    const plan = await planPlatform(wanted, { ...server, clock: systemClock, signal });
    for await (const _event of applyPlatform(plan, { ...server, clock: systemClock, signal }));
  }
  const needs = () => ({ stack, swarm: server.swarm, clock: systemClock, signal });
  const run = async (step: Step) => {
    for await (const _event of runSteps([step], { finished: new Set(), confirm: async () => {} }));
  };
  const status = async (path = '/p/abcdefgh/game/Page/1') => (await lab.get(host, path)).status;
  const container = () => containerOf(lab, closedPageName);

  it('has an address that says so, and whom to ask, without a new task', async () => {
    expect(await status()).toBe(404);
    const [task] = await runningTasks(lab, closedPageName);

    await run(showClosedStep(needs(), host));
    await until('the page answers', async () => (await status()) === 410);
    const { body } = await lab.get(host, '/InitializeParticipant/abcdefgh');
    expect(body).toContain('<h1>This study is closed</h1>');
    expect(body).toContain('Lab {{Office}} &lt;b&gt;Zoë&lt;/b&gt;, lab@example.edu');
    expect(await runningTasks(lab, closedPageName)).toEqual([task]);
    const { checks } = await checkServer({
      name: server.name,
      swarm: server.swarm,
      entry: server.entry,
      clock: systemClock,
      signal,
    });
    expect(checks).toContainEqual(expect.objectContaining({ name: 'closed-page', outcome: 'ok' }));
  });

  it('answers itself as soon as it runs, and its page comes back when it is stopped', async () => {
    const labels = { stack, host, port: 8000, release: 1, tls: 'given', closedPaths: [] } as const;
    const words = Object.entries(traefikLabels(labels)).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
    const serve = ['python3', '-m', 'http.server', '8000', '--directory', '/usr/share'];
    try {
      await lab.docker([
        ...['service', 'create', '-d', '--name', webName, '--network', 'oforest_public', '--endpoint-mode', 'dnsrr'],
        ...[...words, lab.bed.images['study:v1'], ...serve],
      ]);
      await until('the study answers', async () => (await status('/')) === 200);

      await lab.docker(['service', 'scale', '-d', `${webName}=0`]);
      await until('the page answers', async () => (await status('/')) === 410);
    } finally {
      await lab.docker(['service', 'rm', webName]);
    }
  });

  it('answers fifty at once through Traefik, beside visitors that send nothing, and one with a line of 1 MB', async () => {
    await using _slow = await openMany(20, { host: '127.0.0.1', port: 443 });
    const many = await Promise.all(Array.from({ length: 50 }, () => status()));
    expect(new Set(many)).toEqual(new Set([410]));
    expect(await status(`/${'a'.repeat(900_000)}`)).toBe(410);
    expect(await status()).toBe(410);
  });

  describe('asked past Traefik, by another container of the same network', () => {
    let door: Door;
    beforeAll(async () => {
      const inspected = await lab.docker(['network', 'inspect', 'docker_gwbridge', '-f', '{{json .Containers}}']);
      const ends = Object.entries(JSON.parse(inspected)) as [string, { IPv4Address: string }][];
      const id = await container();
      const [, end] = ends.find(([key]) => key.startsWith(id)) ?? [];
      door = { host: end?.IPv4Address.split('/')[0] ?? '', port: 8080 };
    });
    const get = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

    it('answers any method, any path, no HTTP at all, and a line of 1 MB', async () => {
      for (const text of [get, 'BREW /x%00 HTTP/9\n\n', '\r\n\r\nPOST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n'])
        expect(await ask(door, text)).toMatch(
          /^HTTP\/1\.1 410 Gone\r\n.*\r\nConnection: close\r\n\r\n<!DOCTYPE html>/s,
        );
      expect(await ask(door, `GET /${'a'.repeat(1_000_000)} HTTP/1.1\r\n\r\n`)).toMatch(/^HTTP\/1\.1 410 Gone/);
      expect(await ask(door, `\x16\x03\x01${'\0\xff'.repeat(20_000)}`)).toMatch(/^HTTP\/1\.1 410 Gone/);
    });

    it('sends the head alone when only that is asked for, and never lets a cache keep it', async () => {
      const head = await ask(door, 'HEAD / HTTP/1.1\r\nHost: x\r\n\r\n');

      expect(head).toMatch(/\r\nCache-Control: no-store\r\n/);
      expect(head).toMatch(/\r\nContent-Length: \d{3}\r\n/);
      expect(head).not.toMatch(/Retry-After|Set-Cookie/i);
      expect(head.endsWith('\r\n\r\n')).toBe(true);
    });

    it('stays open beside visitors that send nothing or a byte a second, and ends them in the end', async () => {
      await using slow = await openMany(20, door);
      const ends = Promise.all(slow.sockets.map(closing));
      const [dribbling] = slow.sockets;
      const dribble = setInterval(() => dribbling?.write('G'), 1_000);

      expect(await ask(door, get)).toMatch(/^HTTP\/1\.1 410 Gone/);
      const many = await Promise.all(Array.from({ length: 50 }, () => ask(door, get)));
      expect(many.filter((answer) => answer.startsWith('HTTP/1.1 410 Gone'))).toHaveLength(50);
      await ends;
      clearInterval(dribble);
    });

    it('lets the oldest visitors go when more come than it keeps, so that the next one is answered', async () => {
      await using crowd = await openMany(400, door);

      expect(await ask(door, get)).toMatch(/^HTTP\/1\.1 410 Gone/);
      const gone = crowd.sockets.filter(({ closed }) => closed).length;
      expect(gone).toBeGreaterThanOrEqual(400 - 256);
      expect(gone).toBeLessThan(400);
    });

    it('wrote down nobody, stayed one small process, and runs as nobody', async () => {
      const log = await lab.docker(['service', 'logs', '--raw', '--tail', '50', closedPageName]);
      const inside = await lab.docker(['exec', await container(), 'sh', '-c', 'cat /proc/1/status']);

      expect(new Set(log.trim().split('\n'))).toEqual(
        new Set(['oforest: the page for closed studies answers on port 8080']),
      );
      expect(inside).toMatch(/^Uid:\s+65534\s/m);
      expect(inside).toMatch(/^CapEff:\s+0+$/m);
      expect(Number(/^VmHWM:\s+(\d+) kB$/m.exec(inside)?.[1])).toBeLessThan(32 * 1024);
    });
  });

  it('has no page any more once that was taken away', async () => {
    await run(hideClosedStep(needs()));

    await until('Traefik knows no such host', async () => (await status()) === 404);
  });

  it('is told apart from an image without perl', async () => {
    const inspected = await lab.docker(['service', 'inspect', closedPageName]);
    const [{ Spec }] = JSON.parse(inspected);
    const words = Spec.TaskTemplate.ContainerSpec.Command as string[];
    const image = lab.bed.images['study:v1'];
    const out = await lab
      .docker([
        'run',
        '--rm',
        '--network',
        'none',
        '-e',
        'PATH=/nowhere',
        '--entrypoint',
        '/bin/sh',
        image,
        ...words.slice(1),
      ])
      .catch((error: { code: number; stderr: string }) => error);

    expect(out).toMatchObject({ code: noPerlExit, stderr: expect.stringMatching(/^oforest: this image has no perl/) });
  });
});

interface Door {
  readonly host: string;
  readonly port: number;
}

/** All that comes back until the other side ends. */
function ask(door: Door, text: string): Promise<string> {
  return new Promise((done, failed) => {
    const socket = connect(door);
    let answer = '';
    socket.setTimeout(10_000, () => socket.destroy(new Error('no answer within 10 s')));
    socket.on('data', (piece) => {
      answer += piece.toString('latin1');
    });
    socket.once('error', failed);
    socket.once('end', () => done(answer));
    socket.write(text, 'latin1');
  });
}

async function openMany(count: number, door: Door): Promise<AsyncDisposable & { sockets: readonly Socket[] }> {
  const opening = Array.from(
    { length: count },
    () =>
      new Promise<Socket>((done, failed) => {
        const socket = connect(door, () => done(socket)).once('error', failed);
        socket.on('error', () => {});
        socket.resume();
      }),
  );
  const sockets = await Promise.all(opening);
  await pause(200);
  return {
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function closing(socket: Socket): Promise<void> {
  return new Promise((done) => socket.once('close', () => done()));
}
