import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from './support/until.ts';

/** The sandbox is a server for others too: Debian's docker client with Debian's ssh, as an admin would type them. */
describe('a stock docker client on the sandbox', () => {
  let home = '';
  const env = () => ({ PATH: `${home}:${process.env.PATH}`, HOME: home, XDG_STATE_HOME: home });
  const run = (program: string, words: readonly string[]) =>
    new Promise<string>((done, fail) => {
      execFile(program, [...words], { env: env(), timeout: 60_000 }, (error, stdout, stderr) =>
        error ? fail(new Error(`${program} ${words.join(' ')}: ${stderr || error.message}`)) : done(stdout),
      );
    });
  const oforest = (...words: string[]) => run(process.execPath, [resolve('dist/oforest.js'), ...words]);
  const docker = (...words: string[]) => run('docker', ['-H', 'ssh://oforest-sandbox', ...words]);

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'oforest-docker-'));
    await oforest('--server', 'sandbox', 'list');
    // In place of the Include line in ~/.ssh/config: ssh takes the home directory from the password file.
    const config = join(home, 'oforest/sandbox/ssh_config');
    await writeFile(join(home, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${config} "$@"\n`, { mode: 0o755 });
  });
  afterAll(async () => {
    await oforest('sandbox', 'stop');
    await rm(home, { recursive: true });
  });

  it('lists services, stacks, nodes and configs', async () => {
    expect(await docker('service', 'ls', '--format', '{{.Name}} {{.Replicas}}')).toContain('trust-game_web 1/1\n');
    expect(await docker('stack', 'ls', '--format', '{{.Name}} {{.Services}}')).toContain('trust-game 2\n');
    expect(
      (await docker('stack', 'services', 'trust-game', '--format', '{{.Name}} {{.Replicas}}')).split('\n').sort(),
    ).toEqual(['', 'trust-game_db 1/1', 'trust-game_web 1/1']);
    expect(await docker('node', 'ls', '--format', '{{.Hostname}} {{.Status}} {{.ManagerStatus}}')).toBe(
      'sandbox Ready Leader\n',
    );
    expect(await docker('config', 'ls', '--format', '{{.Name}}')).toContain('of.rel.trust-game.2\n');
  });

  it('shows tasks and logs of a service', async () => {
    const tasks = await docker('service', 'ps', 'trust-game_web', '--format', '{{.Name}} {{.DesiredState}}');
    expect(tasks).toContain('trust-game_web.1 Running\n');
    expect(await docker('service', 'logs', '--tail', '5', 'trust-game_web')).toMatch(
      /^trust-game_web\.1\.\w+@sandbox +\| /m,
    );
  });

  it('deploys a file of two services, and removes them', async () => {
    const file = join(home, 'pair.yml');
    const services = {
      one: { image: 'localhost:5000/alpine:3', command: ['sleep', '1000'] },
      two: {
        image: 'localhost:5000/alpine:3',
        command: ['sh', '-c', 'echo hello; sleep 1000'],
        deploy: { replicas: 2 },
      },
    };
    await writeFile(file, JSON.stringify({ version: '3.8', services }));
    await docker('stack', 'deploy', '--detach=true', '-c', file, 'pair');
    const running = () => docker('stack', 'services', 'pair', '--format', '{{.Name}} {{.Replicas}}');
    await until('both run', async () =>
      /pair_one 1\/1[\s\S]*pair_two 2\/2/.test((await running()).split('\n').sort().join('\n')),
    );
    expect(await docker('service', 'logs', 'pair_two')).toMatch(/^pair_two\.2\.\w+@sandbox +\| hello$/m);
    expect(await docker('stack', 'ps', 'pair', '--format', '{{.Name}} {{.CurrentState}}')).toContain(
      'pair_two.2 Running',
    );
    await docker('stack', 'rm', 'pair');
    expect(await docker('stack', 'ls', '--format', '{{.Name}}')).not.toContain('pair');
  });
});
