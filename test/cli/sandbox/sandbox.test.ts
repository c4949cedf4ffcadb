import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { validateAnswer } from '../../support/json-answers.ts';

interface Ran {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The built program, as someone who has just cloned it runs it: no config, no server, no Docker. */
describe('the sandbox on a fresh machine', () => {
  let home = '';
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'oforest-sandbox-'));
  });
  afterAll(async () => {
    await oforest('sandbox', 'stop');
    await rm(home, { recursive: true });
  });

  const oforest = (...words: string[]): Promise<Ran> =>
    new Promise((done) => {
      const env = { PATH: process.env.PATH, HOME: home, XDG_STATE_HOME: join(home, 'state') };
      const program = resolve('dist/oforest.js');
      execFile(process.execPath, [program, ...words], { env, timeout: 60_000 }, (error, stdout, stderr) =>
        done({ exitCode: error ? Number(error.code) : 0, stdout, stderr }),
      );
    });
  const json = async (...words: string[]) => {
    const { stdout, exitCode } = await oforest('--server', 'sandbox', '--json', ...words);
    const value = JSON.parse(stdout);
    expect(validateAnswer(value), stdout).toEqual([]);
    return { exitCode, value };
  };

  it('opens by itself, lists its studies, and says what to try', async () => {
    const { exitCode, stdout, stderr } = await oforest();
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringContaining('The sandbox is open') });
    expect(stdout).toMatch(/^trust-game +running +v2 /m);
    expect(stdout).toMatch(/^trust-game--staging +running +v1 /m);
    expect(stdout).toMatch(/^survey +stopped +v1 /m);
    expect(stdout).toContain('oforest --server sandbox deploy trust-game');
    expect(stdout).toContain('oforest server add lab');
  }, 60_000);

  it('has a past: a failed release, and who did what when', async () => {
    const { value } = await json('releases', 'dictator');
    expect(value.releases).toMatchObject([
      { release: 2, state: 'failed' },
      { release: 1, serving: true },
    ]);
  });

  it('answers at the printed address', async () => {
    const { value } = await json('list');
    const study = value.experiments.find(({ stack }: { stack: string }) => stack === 'trust-game');
    const { status, release, body } = await visit(`${study.url}/login`);
    expect({ status, release }).toEqual({ status: 200, release: 'v2' });
    expect(body).toContain('<form');
  });

  it('keeps the running release when a bad image is deployed', async () => {
    const words = ['deploy', 'trust-game', '--image', 'localhost:5000/samples/broken:missing-package'];
    const { exitCode, value } = await json(...words);
    expect({ exitCode, code: value.error.code }).toEqual({ exitCode: 8, code: 'image-crashed' });
    expect(value.error.now).toContain('v2 serves');
  }, 60_000);

  it('remembers everything when it was closed', async () => {
    const before = (await json('releases', 'trust-game')).value.releases;
    expect((await oforest('sandbox', 'stop')).stdout).toBe('The sandbox is closed.\n');
    expect((await json('releases', 'trust-game')).value.releases).toEqual(before);
    const { value } = await json('status', 'trust-game');
    expect(value).toMatchObject({ state: 'running', release: 2 });
    expect((await visit(`${value.url}/login`)).status).toBe(200);
  }, 60_000);

  it('is one for all who ask at once', async () => {
    await oforest('sandbox', 'stop');
    const lists = await Promise.all([1, 2, 3, 4].map(() => json('list')));
    expect(new Set(lists.map(({ value }) => JSON.stringify(value))).size).toBe(1);
    const { exitCode, stderr } = await oforest('sandbox', 'serve');
    expect({ exitCode, stderr }).toEqual({ exitCode: 5, stderr: expect.stringContaining('oforest sandbox stop') });
  }, 60_000);

  it('is as new after a reset', async () => {
    await oforest('--server', 'sandbox', 'stop', 'dictator');
    expect((await oforest('sandbox', 'reset')).exitCode).toBe(0);
    const { value } = await json('list');
    expect(value).toMatchObject({ ok: true });
    expect(value.experiments.find(({ stack }: { stack: string }) => stack === 'dictator').state).toBe('running');
    expect((await json('releases', 'trust-game')).value.releases).toHaveLength(2);
  }, 60_000);

  it('puts a state aside that it cannot read', async () => {
    await oforest('sandbox', 'stop');
    const file = join(home, 'state/oforest/sandbox/state.json');
    await writeFile(file, (await readFile(file)).subarray(0, 1000));
    expect((await json('list')).value.experiments).toHaveLength(5);
    expect(await readFile(`${file}.unreadable`)).toHaveLength(1000);
  }, 60_000);

  it('is no name for a server of your own', async () => {
    const { exitCode, stderr } = await oforest('server', 'add', 'sandbox', 'swarm.lab.example.edu');
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('built-in') });
  });
});

/** Names below localhost lead here, whatever this machine's resolver says. */
function visit(url: string): Promise<{ status: number; release: string | undefined; body: string }> {
  const { port, host, pathname } = new URL(url);
  return new Promise((resolveVisit, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: pathname, headers: { host } }, async (answer) => {
      let body = '';
      for await (const chunk of answer) body += chunk;
      resolveVisit({ status: answer.statusCode ?? 0, release: answer.headers['x-oforest-release'] as string, body });
    });
    sent.on('error', reject);
    sent.end();
  });
}
