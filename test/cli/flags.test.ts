import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startTinyDockerd } from '../support/tiny-dockerd.ts';
import { openHome } from './type-command.ts';

/** What a command line that contradicts itself is told; the test fails when the Swarm is asked for anything before. */
async function told(words: readonly string[]) {
  await using home = await openHome();
  await using dockerd = await startTinyDockerd(join(home.path, 'd.sock'));
  await home.type('server', 'add', 'here', '--socket', join(home.path, 'd.sock'));

  const { exitCode, stdout, stderr } = await home.type(...words);

  expect(stdout).toBe('');
  expect(dockerd.requests).toEqual([]);
  const [, why, hint] =
    /^Failed: .+\n {2}Why: {3}(.+)\n {2}Now: {3}Nothing was changed\.\n {2}To do: (.+)\n$/.exec(stderr) ?? [];
  return { exitCode, why, hint };
}

describe('two flags that contradict each other', () => {
  const deployOld = ['deploy', 'my-exp', '--release', 'v3'];
  const later = ['variable', 'set', 'my-exp', 'A=1', '--later'];
  const socket = ['server', 'add', 'far', '--socket', '/run/d.sock'];

  it.each([
    [[...deployOld, '--image', 'new:v4'], '--release', '--image'],
    [[...deployOld, '--config', 'oforest.yml'], '--release', '--config'],
    [[...deployOld, '--add-columns'], '--release', '--add-columns'],
    [[...deployOld, '--address', 'a.test'], '--release', '--address'],
    [['stop', 'my-exp', '--after-session', '--interrupt', 'fire'], '--interrupt', '--after-session'],
    [['restore', 'my-exp', '--backup', 'b1', '--from', 'x.dump'], '--from', '--backup'],
    [[...later, '--plan'], '--later', '--plan'],
    [[...later, '--detach'], '--later', '--detach'],
    [[...later, '--wait'], '--later', '--wait'],
    [[...later, '--after-session'], '--later', '--after-session'],
    [[...later, '--interrupt', 'fire'], '--later', '--interrupt'],
    [[...later, '--ignore-open-pages'], '--later', '--ignore-open-pages'],
    [[...socket, '--port', '22'], '--socket', '--port'],
    [[...socket, '--user', 'ada'], '--socket', '--user'],
    [[...socket, '--identity-file', 'key'], '--socket', '--identity-file'],
    [[...socket, '--known-hosts-file', 'hosts'], '--socket', '--known-hosts-file'],
    [[...socket, '--docker-socket', '/run/d.sock'], '--socket', '--docker-socket'],
    [['list', '--quiet', '--verbose'], '--verbose', '--quiet'],
  ])('are refused, and both are named: %j', async (words, one, other) => {
    const { exitCode, why, hint } = await told(words);

    expect(exitCode).toBe(2);
    expect(why).toMatch(new RegExp(`^Option '${one}\\b.*' cannot be used with option '${other}\\b.*'\\.$`));
    expect(hint).toBe('Leave out one of the two.');
  });

  it('are refused for a script as well', async () => {
    await using home = await openHome();

    const { exitCode, stdout } = await home.type('server', 'list', '--json', '--plain');

    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'usage-wrong',
      why: "Option '--plain' cannot be used with option '--json[=form]'.",
    });
  });
});

describe('an argument and a flag that contradict each other', () => {
  it.each([
    [['address', 'my-exp', 'a.test', '--default'], 'HOST and --default'],
    [['server', 'check', 'lab', '--server', 'here'], 'NAME and --server'],
    [['server', 'prepare', 'lab', '--server', 'here'], 'NAME and --server'],
  ])('are refused, and both are named: %j', async (words, both) => {
    expect(await told(words)).toEqual({
      exitCode: 2,
      why: `${both} exclude each other.`,
      hint: `Leave out one of ${both}.`,
    });
  });
});

describe('a flag without what it is about', () => {
  const ofAReview = ['--plan', '--detach', '--wait', '--after-session', '--interrupt=fire', '--ignore-open-pages'];

  it.each([
    ...ofAReview.map((flag): [string[], string, string] => [['address', 'my-exp', flag], flag, 'HOST or --default']),
    ...ofAReview.map((flag): [string[], string, string] => [['admin', 'my-exp', flag], flag, '--new-password']),
    [['backups', 'my-exp', '--backup', 'b1'], '--backup', '--download'],
    [['activity', '--env', 'staging'], '--env', 'EXPERIMENT'],
    [['book', '--env', 'staging'], '--env', 'EXPERIMENT'],
  ])('is refused, and both are named: %j', async (words, flag, missing) => {
    const alone = flag.replace(/=.*/, '');

    expect(await told(words)).toEqual({
      exitCode: 2,
      why: `${alone} does nothing without ${missing}.`,
      hint: `Add ${missing}, or leave out ${alone}.`,
    });
  });

  it('is no matter where its value is the one it has anyway', async () => {
    await using home = await openHome('servers: { here: { socket: /nonexistent/docker.sock } }');

    expect((await home.type('activity', '--json')).exitCode).toBe(6);
  });
});
