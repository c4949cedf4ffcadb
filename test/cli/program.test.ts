import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { validateAnswer, validateEventLine } from '../support/json-answers.ts';
import { startTinyDockerd } from '../support/tiny-dockerd.ts';
import { openHome } from './type-command.ts';

const twoServers =
  'servers: { lab: { host: swarm.lab.test, user: oforest, port: 2200 }, here: { socket: /run/d.sock } }';

describe('a command line', () => {
  it.each([
    [['deploy']],
    [['list', '--bogus']],
    [['list', '--json=xml']],
    [['server', 'prepare', '--http-port', '70000']],
  ])('that is wrong ends with 2, and says so on stderr as every error: %j', async (words) => {
    await using home = await openHome(twoServers);

    const { exitCode, stdout, stderr } = await home.type(...words);

    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Failed: reading the command line\n {2}Why: .+\n {2}Now: .+\n {2}To do: .+\n$/);
  });

  it('that stops before a command ends with 2, and shows what there is on stderr', async () => {
    await using home = await openHome(twoServers);

    const { exitCode, stdout, stderr } = await home.type('server');

    expect(exitCode).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/^Usage: oforest server /);
  });

  it.each([
    [['rollback', 'my-exp', '--to', 'yesterday'], 'usage-wrong'],
    [['logs', 'my-exp', '--part', 'both'], 'usage-wrong'],
    [['logs', 'my-exp', '--tail', 'many'], 'usage-wrong'],
    [['logs', 'my-exp', '--since', 'monday'], 'usage-wrong'],
    [['stop', 'My Exp'], 'name-invalid'],
    [['stop', 'my-exp', '--env', 'test'], 'name-invalid'],
    [['deploy', 'my-exp'], 'usage-wrong'],
    [['deploy', 'my-exp', '--image', 'x', '--config', '/nonexistent/oforest.yml'], 'file-unreadable'],
    [['address', 'my-exp', 'no host'], 'host-name-invalid'],
    [['variable', 'set', 'my-exp', 'TREATMENT'], 'usage-wrong'],
    [['variable', 'set', 'my-exp', 'PATH=/tmp'], 'variable-invalid'],
    [['secret', 'set', 'my-exp', 'lower'], 'variable-invalid'],
  ])('with a wrong word is refused before anything is asked of the Swarm: %j', async (words, code) => {
    await using home = await openHome();
    await using dockerd = await startTinyDockerd(join(home.path, 'd.sock'));
    await home.type('server', 'add', 'here', '--socket', join(home.path, 'd.sock'));

    const { exitCode, stdout } = await home.type(...words, '--json');

    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
    expect(dockerd.requests.filter(({ url }) => !/_ping|version/.test(url))).toEqual([]);
  });

  it('that is wrong is one JSON object for a script', async () => {
    await using home = await openHome();

    const { exitCode, stdout } = await home.type('deploy', '--json');

    expect(exitCode).toBe(2);
    const answer = JSON.parse(stdout);
    expect(validateAnswer(answer)).toEqual([]);
    expect(answer.error).toEqual({
      code: 'usage-wrong',
      what: 'reading the command line',
      why: "Missing required argument 'experiment'.",
      now: 'Nothing was changed.',
      hint: 'Run `oforest --help`.',
    });
  });

  it('may have --json before the words it does not belong to', async () => {
    await using home = await openHome(twoServers);

    const { exitCode, stdout } = await home.type('--json', 'server', 'list');

    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      ok: true,
      servers: [
        { name: 'lab', current: false, address: 'oforest@swarm.lab.test:2200' },
        { name: 'here', current: false, address: 'unix:///run/d.sock' },
      ],
    });
  });

  it.each([
    [['--json', 'object', 'list'], 'object'],
    [['list', '--json', 'lines'], 'lines'],
    [['server', '--json', 'lines', 'list'], 'lines'],
    [['status', 'my-exp', '--json', 'lines'], 'lines'],
  ])('with the form of JSON as a word of its own says how to write it: %j', async (words, form) => {
    await using home = await openHome(twoServers);

    const { exitCode, stdout } = await home.type(...words);

    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'usage-wrong', hint: `Write --json=${form} as one word.` });
  });

  it('may be about a study that is named as a form of JSON is', async () => {
    await using home = await openHome('servers: { here: { socket: /nonexistent/docker.sock } }');

    const { exitCode, stdout } = await home.type('status', '--json', 'lines');

    expect(exitCode).toBe(6);
    expect(JSON.parse(stdout).error.code).toBe('docker-unreachable');
  });

  it('helps on stdout, and that is no failure', async () => {
    await using home = await openHome();

    const { exitCode, stdout } = await home.type('--help');

    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^Usage: oforest/);
    expect(stdout).toMatch(/^Without a command, in a terminal: a screen/m);
    expect(stdout).toMatch(/^ +list [\s\S]+^ +deploy /m);
    expect(stdout).toMatch(/^ +--json\[=form\] +one JSON object/m);
  });

  it.each([
    ['lits', 'list'],
    ['deplyo', 'deploy'],
  ])('with a command that there is not names the nearest of all: %s', async (word, meant) => {
    await using home = await openHome(twoServers);

    const { exitCode, stderr } = await home.type('--server', 'lab', word);

    expect(exitCode).toBe(2);
    expect(stderr).toContain(`Try \`oforest ${meant}\`.`);
  });
});

describe('an error', () => {
  it('of a server that nobody configured names the ones there are, and ends with 3', async () => {
    await using home = await openHome(twoServers);

    const { exitCode, stderr } = await home.type('list', '--server', 'moon');

    expect(exitCode).toBe(3);
    expect(stderr).toBe(
      `Failed: looking for the server moon
  Why:   There is none of that name; there are lab, here.
  To do: Name one with --server, or choose with \`oforest server use NAME\`.
`,
    );
  });

  it('is the last line for a reader of events, and the one object for a reader of objects', async () => {
    await using home = await openHome(twoServers);

    const asObject = await home.type('list', '--server', 'moon', '--json');
    const asLines = await home.type('list', '--server', 'moon', '--json=lines');

    expect(asObject.exitCode).toBe(3);
    expect(asObject.stderr).toBe('');
    expect(validateAnswer(JSON.parse(asObject.stdout), 'list')).toEqual([]);
    expect(JSON.parse(asObject.stdout)).toMatchObject({ version: 1, ok: false });
    expect(asLines.stdout.trim().split('\n')).toHaveLength(1);
    expect(validateEventLine(JSON.parse(asLines.stdout))).toEqual([]);
    expect(JSON.parse(asLines.stdout)).toMatchObject({ version: 1, kind: 'result', ok: false });
  });

  it('of a config says file, line and key', async () => {
    await using home = await openHome('servers:\n  lab: { hots: swarm.lab.test }\n');

    const { exitCode, stdout } = await home.type('list', '--json');

    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'config-invalid', details: { line: 2 } });
    expect(validateAnswer(JSON.parse(stdout))).toEqual([]);
  });

  it('of a dockerd that does not run ends with 6', async () => {
    await using home = await openHome('servers: { here: { socket: /nonexistent/docker.sock } }');

    const { exitCode, stdout } = await home.type('list', '--json');

    expect(exitCode).toBe(6);
    expect(JSON.parse(stdout).error.code).toBe('docker-unreachable');
    expect(validateAnswer(JSON.parse(stdout))).toEqual([]);
  });
});

describe('server add, use and list', () => {
  it('keep the servers in the config', async () => {
    await using home = await openHome();

    const added = await home.type('server', 'add', 'lab', 'ada@swarm.lab.test', '--port', '2200', '--json');
    await home.type('server', 'add', 'here', '--socket', '/run/docker.sock');
    const used = await home.type('server', 'use', 'lab', '--json');
    const listed = await home.type('server', 'list');

    expect(JSON.parse(added.stdout)).toEqual({ version: 1, ok: true, server: 'lab' });
    expect(validateAnswer(JSON.parse(added.stdout), 'server add')).toEqual([]);
    expect(validateAnswer(JSON.parse(used.stdout), 'server use')).toEqual([]);
    expect(listed.stdout).toBe(
      `   SERVER  ADDRESS
*  lab     ada@swarm.lab.test:2200
   here    unix:///run/docker.sock
`,
    );
  });

  it('print tab separated rows without a header for scripts', async () => {
    await using home = await openHome(twoServers);

    const { stdout } = await home.type('server', 'list', '--plain');

    expect(stdout).toBe('\tlab\toforest@swarm.lab.test:2200\n\there\tunix:///run/d.sock\n');
  });

  it('refuse a server that is both a host and a socket', async () => {
    await using home = await openHome();

    const { exitCode, stdout } = await home.type('server', 'add', 'lab', 'a.test', '--socket', '/run/d.sock', '--json');

    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout).error.code).toBe('usage-wrong');
  });
});
