import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AnsweringCommand } from '../../src/cli/json-schema.ts';
import type { ObservedStack } from '../../src/core/swarm/observe-stack.ts';
import {
  aConfig,
  aRelease,
  aState,
  asService,
  aTask,
  aWebSpec,
  deployed,
  nothingDeployed,
  withImage,
} from '../support/builders.ts';
import { dockerdShowing } from '../support/dockerd-showing.ts';
import { validateAnswer, validateEventLine } from '../support/json-answers.ts';
import { json, type TinyDockerdOptions } from '../support/tiny-dockerd.ts';
import { openHome } from './type-command.ts';

/** A computer whose one server looks like this; what is typed there only looks. */
async function labShowing(observed: ObservedStack, options: Parameters<typeof dockerdShowing>[2] = {}) {
  const home = await openHome();
  const socket = join(home.path, 'd.sock');
  const dockerd = await dockerdShowing(socket, observed, options);
  await home.type('server', 'add', 'here', '--socket', socket);
  return {
    type: home.type,
    // A script that only looks is run by a POST as well.
    writes: () => dockerd.requests.filter(({ method, url }) => method !== 'GET' && !url.endsWith('/exec')),
    async [Symbol.asyncDispose]() {
      await dockerd[Symbol.asyncDispose]();
      await home[Symbol.asyncDispose]();
    },
  };
}

const history = [
  aRelease(3, { state: withImage('c', { imageGiven: 'registry.test/lab/my-exp:v3' }), outcome: 'failed' }),
  aRelease(2, { state: withImage('a'), source: 1 }),
  aRelease(1, { state: withImage('a', { variables: { TREATMENT: 'b' }, secrets: ['API_KEY'] }) }),
];

function studyAtTwo(): ObservedStack {
  const state = aState({ variables: { TREATMENT: 'b', ROUNDS: '3' }, secrets: ['API_KEY'] });
  const spec = aWebSpec(state);
  const web = asService({ ...spec, Labels: { ...spec.Labels, 'org.oforest.release': '2' } });
  const releases = [history[0]!, aRelease(2, { state, source: 1 }), history[2]!];
  const tasks = [aTask(), aTask({ service: 'id-of-my-exp_db' })];
  return deployed(state, {}, { web, releases, tasks });
}

describe('what a command that looks answers', () => {
  it.each<[AnsweringCommand, string[]]>([
    ['', []],
    ['list', ['list']],
    ['status', ['status', 'my-exp']],
    ['releases', ['releases', 'my-exp']],
    ['open', ['open', 'my-exp']],
    ['address', ['address', 'my-exp']],
    ['variable list', ['variable', 'list', 'my-exp']],
    ['secret list', ['secret', 'list', 'my-exp']],
    ['rollback', ['rollback', 'my-exp', '--to', 'v1', '--plan']],
    ['deploy', ['deploy', 'my-exp', '--release', 'v1', '--plan']],
    ['stop', ['stop', 'my-exp', '--plan']],
    ['start', ['start', 'my-exp']],
    ['restart', ['restart', 'my-exp', '--plan']],
    ['address', ['address', 'my-exp', 'games.uni.test', '--plan']],
    ['variable set', ['variable', 'set', 'my-exp', 'TREATMENT=c', '--plan']],
    ['variable unset', ['variable', 'unset', 'my-exp', 'TREATMENT', '--plan']],
    ['secret unset', ['secret', 'unset', 'my-exp', 'API_KEY', '--plan']],
    ['admin', ['admin', 'my-exp', '--new-password', '--plan']],
  ])('%s: is one object as published, alone or as the last line, and nothing is written', async (command, words) => {
    await using lab = await labShowing(studyAtTwo());

    const asObject = await lab.type(...words, '--json');
    const asLines = await lab.type(...words, '--json=lines');

    expect({ exitCode: asObject.exitCode, stderr: asObject.stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(validateAnswer(JSON.parse(asObject.stdout), command)).toEqual([]);
    expect(asLines.exitCode).toBe(0);
    expect(validateEventLine(JSON.parse(asLines.stdout))).toEqual([]);
    expect(lab.writes()).toEqual([]);
  });
});

describe('oforest list', () => {
  it('shows every study with state, release, age and address', async () => {
    const staging = asService(aWebSpec(aState({ environment: 'staging', host: 'my-exp--staging.lab.test' })), {
      ID: 'staging',
      UpdateStatus: { State: 'updating', Message: '' },
    });
    Object.assign(staging.Spec.Labels, { 'org.oforest.stack': 'my-exp--staging' });
    await using lab = await labShowing(deployed(aState(), { replicas: 0 }), { others: [staging] });

    const { stdout } = await lab.type('list', '--plain');

    const rows = stdout.trim().split('\n');
    expect(rows.map((row) => row.split('\t').toSpliced(3, 1))).toEqual([
      ['my-exp', 'stopped', 'v1', 'https://my-exp.lab.test'],
      ['my-exp--staging', 'updating', 'v1', 'https://my-exp--staging.lab.test'],
    ]);
  });

  it('says how to begin when there are none', async () => {
    await using lab = await labShowing(nothingDeployed());

    expect((await lab.type('list')).stdout).toBe(
      'No studies on here yet. Deploy one: oforest deploy my-exp --image REFERENCE\n',
    );
  });
});

describe('oforest status', () => {
  const status = async (observed: ObservedStack) => {
    await using lab = await labShowing(observed);
    return (await lab.type('status', 'my-exp')).stdout.replace(/for \d+ d/g, 'for a while');
  };

  it('shows what runs, and names variables and secrets without their values', async () => {
    expect(await status(studyAtTwo())).toBe(`my-exp is running.
  Address    https://my-exp.lab.test
  Release    v2  registry.test/lab/my-exp:v1
  People     Whether people are in a session cannot be read: Its container runs on the node node1, which this connection cannot look into.
  oTree      running for a while on host-of-node1
  Database   running for a while on host-of-node1
  Variables  ROUNDS, TREATMENT
  Secrets    API_KEY
`);
  });

  it('says what Swarm says of a task that fails', async () => {
    const tasks = [aTask({ state: 'pending', err: 'no suitable node' })];

    expect(await status(deployed(aState(), {}, { tasks }))).toContain(
      'my-exp is failing.\n  Address   https://my-exp.lab.test\n',
    );
    expect(await status(deployed(aState(), {}, { tasks }))).toContain('(no suitable node)');
  });

  it('names who is at work, and how to watch', async () => {
    const lock = aConfig('of.lock.my-exp', {
      'org.oforest.kind': 'lock',
      'org.oforest.stack': 'my-exp',
      'org.oforest.operation': 'k3f9x2m7qa',
      'org.oforest.verb': 'deploy',
      'org.oforest.actor': JSON.stringify({ via: 'ssh', sshUser: 'bea', host: 'lab-pc' }),
    });

    expect(await status(deployed(aState(), {}, { lock }))).toContain(
      'Now       bea@lab-pc (SSH, not verified) runs deploy (oforest watch k3f9x2m7qa)',
    );
  });

  it('of a study that was never deployed ends with 3', async () => {
    await using lab = await labShowing(nothingDeployed());

    const { exitCode, stderr } = await lab.type('status', 'my-exp');

    expect(exitCode).toBe(3);
    expect(stderr).toBe(`Failed: looking for my-exp
  Why:   There is no study of that name on this server.
  To do: Run \`oforest list\` to see the names there are.
`);
  });
});

describe('oforest releases', () => {
  it('shows what served, what failed, and where a rollback came from', async () => {
    await using lab = await labShowing(studyAtTwo());

    const { stdout } = await lab.type('releases', 'my-exp', '--plain');

    const rows = stdout.trim().split('\n');
    expect(rows.map((row) => row.split('\t').toSpliced(2, 1).slice(0, 5))).toEqual([
      ['v3', 'failed', 'cccccccccccc', 'registry.test/lab/my-exp:v3', 'ada@laptop (SSH, not verified)'],
      ['v2', 'serving', 'aaaaaaaaaaaa', 'registry.test/lab/my-exp:v1 (as v1)', 'ada@laptop (SSH, not verified)'],
      ['v1', 'proven', 'aaaaaaaaaaaa', 'registry.test/lab/my-exp:v1', 'ada@laptop (SSH, not verified)'],
    ]);
  });
});

describe('oforest logs', () => {
  const frame = (text: string) => {
    const payload = Buffer.from(text);
    const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, payload.length]);
    return Buffer.concat([header, payload]);
  };
  const answers: TinyDockerdOptions['answers'] = {
    'GET /services/id-of-my-exp_web/logs': (_request, response) =>
      response.end(
        Buffer.concat([
          frame('2027-01-01T09:00:00.1Z INFO:     oforest-probe:0 - "GET /login HTTP/1.1" 200 OK\n'),
          frame(
            '2027-01-01T09:00:01.2Z INFO:     192.0.2.7:51234 - "GET /p/4f6x2k9a/intro/Welcome/1 HTTP/1.1" 200 OK\n',
          ),
        ]),
      ),
  };

  it('leaves out our own probes and masks what leads to a participant', async () => {
    await using lab = await labShowing(deployed(), { answers });

    expect((await lab.type('logs', 'my-exp')).stdout).toBe(
      'INFO:     ‹address› - "GET /p/‹participant›/intro/Welcome/1 HTTP/1.1" 200 OK\n',
    );
  });

  it('is one object a line for scripts', async () => {
    await using lab = await labShowing(deployed(), { answers });

    const { stdout } = await lab.type('logs', 'my-exp', '--json=lines');

    expect(stdout.trim().split('\n')).toHaveLength(1);
    expect(validateEventLine(JSON.parse(stdout))).toEqual([]);
    expect(JSON.parse(stdout)).toMatchObject({ kind: 'log', stream: 'stdout', at: '2027-01-01T09:00:01.2Z' });
  });
});

describe('without a terminal', () => {
  it('a question ends with 7, names the flag and writes nothing', async () => {
    await using lab = await labShowing(studyAtTwo());

    const { exitCode, stdout } = await lab.type('admin', 'my-exp', '--new-password', '--json');

    expect(exitCode).toBe(7);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'confirmation-missing', hint: 'Add --yes to confirm.' });
    expect(validateAnswer(JSON.parse(stdout), 'admin')).toEqual([]);
    expect(lab.writes()).toEqual([]);
  });
});

describe('a Swarm that was never prepared', () => {
  it('ends with 4 and the command to type', async () => {
    await using lab = await labShowing(nothingDeployed(), {
      answers: { 'GET /configs': (_request, response) => json(response, []) },
    });

    const { exitCode, stdout } = await lab.type('list', '--json');

    expect(exitCode).toBe(4);
    expect(JSON.parse(stdout).error).toMatchObject({
      code: 'platform-missing',
      hint: expect.stringContaining('oforest server prepare'),
    });
  });
});
