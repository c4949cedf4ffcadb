import { execFile } from 'node:child_process';
import http from 'node:http';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JsonAnswer, type Lab, openLab, runningTasks } from './support/lab.ts';
import { makeBare, publicNetwork as network } from './support/make-bare.ts';

const traefik = 'oforest_traefik';

/** What `server check` and `server prepare` answer besides. */
interface ServerAnswer extends JsonAnswer {
  checks: { name: string; outcome: string }[];
  changes: { subject: string; because: string; interrupts: boolean }[];
  platform: { images: { traefik: string } };
}

/** What all studies share, from a bare Swarm on. */
describe('a server', () => {
  let lab: Lab;
  let images: string[];
  let certificate: string[];
  beforeAll(async () => {
    lab = await openLab();
    images = ['--traefik-image', lab.bed.images['traefik:3.7'], '--postgres-image', lab.bed.images['postgres:15']];
    certificate = ['--tls-cert', lab.bed.tls.certFile, '--tls-key', lab.bed.tls.keyFile];
    await makeBare(lab);
  });
  afterAll(async () => {
    await lab.prepare();
    await lab[Symbol.asyncDispose]();
  });

  const json = async (words: string[]) => {
    const { exitCode, value } = await lab.json(words);
    return { exitCode, value: value as ServerAnswer };
  };
  const prepare = (...words: string[]) => json(['server', 'prepare', 'lab', ...words]);
  const fromNothing = () => prepare('--domain', lab.bed.domain, ...certificate, ...images, '--yes');
  const taskId = async () => (await runningTasks(lab, traefik))[0];

  it('is told apart from one that was prepared', async () => {
    const { exitCode, value } = await json(['server', 'check', 'lab']);

    expect(exitCode).toBe(1);
    expect(value.ok).toBe(false);
    expect(value.checks.at(-1)).toMatchObject({ name: 'platform', outcome: 'failed' });
  });

  it('is only looked at by --plan, and without a yes', async () => {
    const words = ['--domain', lab.bed.domain, ...certificate, ...images];

    const planned = await prepare(...words, '--plan');
    expect([planned.exitCode, planned.value.outcome]).toEqual([0, 'planned']);
    expect(planned.value.changes.map(({ subject }) => subject)).toEqual([
      'network',
      'settings',
      'settings',
      'certificate',
      'key',
      'traefik',
      'closed-page',
      'platform',
    ]);
    const asked = await prepare(...words);
    expect(asked.exitCode).toBe(7);
    expect(asked.value.error).toMatchObject({ code: 'confirmation-missing', hint: expect.stringContaining('--yes') });
    expect(await lab.docker(['network', 'ls', '-q', '--filter', `name=${network}`])).toBe('');
    expect(await lab.docker(['config', 'ls', '-q', '--filter', 'label=org.oforest.kind=traefik'])).toBe('');
  });

  it('is prepared from nothing', async () => {
    const { exitCode, value } = await fromNothing();

    expect([exitCode, value.outcome]).toEqual([0, 'changed']);
    expect(value.platform).toMatchObject({ domain: lab.bed.domain, tls: 'files', httpPort: 80, httpsPort: 443 });
    expect(value.platform.images.traefik).toMatch(/@sha256:[0-9a-f]{64}$/);
    const [made] = JSON.parse(await lab.docker(['network', 'inspect', network]));
    expect(made).toMatchObject({ Driver: 'overlay', Attachable: false });
    expect(made.IPAM.Config[0].Subnet).toMatch(/\/20$/);
    expect(await lab.docker(['stack', 'ls', '--format', '{{.Name}}'])).toContain('oforest');
  });

  it('answers over HTTPS with the certificate, and leads plain requests there', async () => {
    expect(await lab.get(`nobody.${lab.bed.domain}`, '/')).toMatchObject({ status: 404 });

    const plain = await askPlain(`nobody.${lab.bed.domain}`, '/p/abc?x=1');
    expect(plain.status).toBe(302);
    expect(plain.headers.location).toBe(`https://nobody.${lab.bed.domain}/p/abc?x=1`);
  });

  it('is left alone when asked for the same again', async () => {
    const before = [
      await taskId(),
      await lab.docker(['service', 'inspect', traefik, '--format', '{{.Version.Index}}']),
    ];
    const records = await lab.docker(['config', 'ls', '-q']);

    expect((await fromNothing()).value).toMatchObject({ ok: true, outcome: 'unchanged', changes: [] });
    expect((await prepare()).value).toMatchObject({ ok: true, outcome: 'unchanged', changes: [] });
    const after = [await taskId(), await lab.docker(['service', 'inspect', traefik, '--format', '{{.Version.Index}}'])];
    expect(after).toEqual(before);
    expect(await lab.docker(['config', 'ls', '-q'])).toBe(records);
  });

  it('refuses a certificate for other names, and a key of another certificate', async () => {
    const before = await taskId();
    const other = await selfSigned(lab, '*.elsewhere.test');

    const wrongNames = await prepare('--tls-cert', other.cert, '--tls-key', other.key, '--yes');
    expect(wrongNames.exitCode).toBe(5);
    expect(wrongNames.value.error).toMatchObject({
      code: 'prepare-refused',
      details: { covers: ['*.elsewhere.test'] },
    });
    const wrongKey = await prepare('--tls-cert', lab.bed.tls.certFile, '--tls-key', other.key, '--yes');
    expect(wrongKey.exitCode).toBe(2);
    expect(wrongKey.value.error.code).toBe('certificate-invalid');
    expect(await taskId()).toBe(before);
  });

  it('writes down neither who visits nor which page', async () => {
    const host = `privacy.${lab.bed.domain}`;
    await lab.get(host, '/InitializeParticipant/qw3rtz9x?participant_label=anna.meier');
    await askPlain(host, '/p/qw3rtz9x/game/Page/1');

    await expect.poll(() => accessLines(lab, host)).not.toEqual([]);
    const lines = await accessLines(lab, host);
    expect(lines.join('\n')).not.toMatch(/qw3rtz9x|anna|Client|RequestPath|RequestLine|RequestAddr/);
    // No address of anyone, in any field.
    expect(lines.join('\n')).not.toMatch(/\d+\.\d+\.\d+\.\d+/);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ DownstreamStatus: 404, RequestHost: host });
  });

  it('shows no dashboard and no API of Traefik', async () => {
    for (const path of ['/dashboard/', '/api/rawdata', '/api/version', '/ping', '/metrics']) {
      expect((await lab.get(`nobody.${lab.bed.domain}`, path)).status, path).toBe(404);
      expect((await askPlain(`nobody.${lab.bed.domain}`, path)).status, path).toBe(302);
    }
    const ports = await lab.docker(['service', 'inspect', traefik, '--format', '{{json .Endpoint.Spec.Ports}}']);
    expect(JSON.parse(ports).map(({ TargetPort }: { TargetPort: number }) => TargetPort)).toEqual([80, 443]);
  });

  it('reports how it is', async () => {
    const { exitCode, value } = await json(['server', 'check', 'lab']);

    expect([exitCode, value.ok, value.version]).toEqual([0, true, 1]);
    const outcomes = value.checks.map(({ name, outcome }) => `${name} ${outcome}`);
    expect(outcomes.slice(0, -1)).toEqual(
      [
        ...['docker', 'clock', 'swarm', 'managers', 'platform', 'network', 'traefik', 'closed-page', 'http', 'https'],
      ].map((one) => `${one} ok`),
    );
    expect(outcomes.at(-1)).toMatch(/^certificate (ok|warning)$/);
  });

  it('keeps its Traefik when the new port belongs to another program', async () => {
    await using taken = await listen(9443);

    const { exitCode, value } = await prepare('--https-port', String(taken.port), '--yes');
    expect(exitCode).toBe(5);
    expect(value.error).toMatchObject({ code: 'port-taken', now: 'The earlier Traefik serves again.' });
    await expect.poll(async () => (await lab.get(`nobody.${lab.bed.domain}`, '/')).status).toBe(404);
    expect((await prepare('--plan')).value.outcome).toBe('unchanged');
  });

  it('says what a change means, makes it, and takes it back', async () => {
    const planned = await prepare('--https-port', '8443', '--plan');
    expect(planned.value.changes).toContainEqual({
      action: 'update',
      subject: 'traefik',
      name: traefik,
      because: 'port 443 becomes 8443',
      interrupts: true,
    });

    expect((await prepare('--https-port', '8443', '--yes')).value.outcome).toBe('changed');
    expect((await askPlain(`nobody.${lab.bed.domain}`, '/')).headers.location).toBe(
      `https://nobody.${lab.bed.domain}:8443/`,
    );
    expect((await prepare('--https-port', '443', '--yes')).value.outcome).toBe('changed');
    expect(await lab.get(`nobody.${lab.bed.domain}`, '/')).toMatchObject({ status: 404 });
    // Settings that nothing uses are gone; the key is stored once.
    const files = await lab.docker(['config', 'ls', '-q', '--filter', 'label=org.oforest.kind=traefik']);
    expect(files.trim().split('\n')).toHaveLength(3);
    const keys = await lab.docker(['secret', 'ls', '-q', '--filter', 'label=org.oforest.kind=traefik']);
    expect(keys.trim().split('\n')).toHaveLength(1);
  });
});

async function accessLines({ docker }: Lab, host: string): Promise<readonly string[]> {
  const log = await docker(['service', 'logs', '--raw', '--tail', '200', traefik]);
  return log.split('\n').filter((line) => line.includes('"RequestHost"') && line.includes(host));
}

/** One plain request to port 80, as a browser sends it that was given no scheme. */
function askPlain(host: string, path: string): Promise<{ status: number; headers: http.IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port: 80, path, headers: { host }, timeout: 10_000 }, (answer) => {
      answer.resume();
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers });
    });
    request.once('error', reject);
  });
}

async function selfSigned({ home }: Lab, name: string): Promise<{ cert: string; key: string }> {
  const [cert, key] = [join(home, 'other.pem'), join(home, 'other.key')];
  const words = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=other'];
  await promisify(execFile)('openssl', [
    ...words,
    '-addext',
    `subjectAltName=DNS:${name}`,
    '-keyout',
    key,
    '-out',
    cert,
  ]);
  return { cert, key };
}

async function listen(port: number): Promise<AsyncDisposable & { port: number }> {
  const server: Server = createServer().listen(port, '0.0.0.0');
  await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return { port, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}
