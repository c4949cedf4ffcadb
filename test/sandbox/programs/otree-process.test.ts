import { describe, expect, it } from 'vitest';
import {
  adminLoginScript,
  keepPageTimesScript,
  linksScript,
  webHealthScript,
} from '../../../src/core/swarm/scripts.ts';
import { otreeProgram } from '../../../src/sandbox/programs/otree.ts';
import { startContainer } from './a-container.ts';
import { aStack, ask, secrets, trust } from './a-study.ts';

const healthcheck = (path = '/login', port = '8000') => [
  'CMD',
  '/bin/sh',
  '-c',
  webHealthScript,
  'oforest',
  path,
  port,
];

describe('the start', () => {
  it('connects, creates the tables and listens after a second', () => {
    const { start, timeline, cluster } = aStack();
    const { log, dial } = start();
    timeline.advance(999);
    expect(dial(8000)).toBeUndefined();
    timeline.advance(1);
    expect(dial(8000)).toBeDefined();
    expect(dial(5432)).toBeUndefined();
    expect(
      cluster.connections.map(({ database, role, applicationName }) => [database.name, role, applicationName]),
    ).toEqual([['otree', 'study', 'oforest-web']]);
    expect(Object.keys(cluster.counts('otree'))).toHaveLength(13);
    expect(log.at(-1)).toBe('INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)');
  });

  it('never alters a table that is there', () => {
    const { start, timeline, cluster } = aStack();
    cluster.find('otree').createTable('trust_player', { old: 'text' });
    start();
    timeline.advance(1_000);
    expect([...cluster.find('otree').table('trust_player').columns.keys()]).toEqual(['id', 'old']);
  });

  it('begins a trial with an empty scratch database, and says which oTree it is', () => {
    const { start, timeline, cluster } = aStack();
    cluster.find('otree_trial').createTable('left_over', {});
    cluster.find('otree').createTable('kept', {});
    const DATABASE_ADDRESS = 'trust-game_db:5432/otree_trial';
    const { log } = start(trust, { variables: { OFOREST_TRIAL: '1', DATABASE_ADDRESS } });
    timeline.advance(1_000);
    expect(log[0]).toBe('oforest: otree 6.0.15');
    expect(cluster.counts('otree_trial')).not.toHaveProperty('left_over');
    expect(cluster.counts('otree')).toEqual({ kept: 0 });
  });

  it.each([
    [{ DATABASE_ADDRESS: 'nowhere:5432/otree' }, {}, 'could not translate host name "nowhere" to address'],
    [{ DATABASE_ADDRESS: 'trust-game_db:5432/none' }, {}, 'FATAL:  database "none" does not exist'],
    [{}, { '/run/secrets/DATABASE_PASSWORD': 'old' }, 'FATAL:  password authentication failed for user "study"'],
  ])('fails as psycopg2 does without its database: %o %o', (variables, files, says) => {
    const { start, timeline } = aStack();
    const container = start(trust, { variables, files });
    timeline.advance(1_000);
    expect(container.exitCode).toBe(1);
    expect(container.log[0]).toBe('oforest: the database was not prepared: OperationalError');
    expect(container.log.find((line) => line.startsWith('psycopg2.OperationalError: '))).toContain(says);
  });

  it('goes on where it was when the sandbox was closed', async () => {
    const { start, timeline, cluster } = aStack();
    const before = start();
    timeline.advance(2_000);
    before.kill();
    const container = start(trust, { resumed: true });
    timeline.advance(0);
    expect(container.log).toEqual([]);
    expect(cluster.connections).toHaveLength(1);
    expect((await ask(container, '/login')).status).toBe(200);
    expect(container.running.probe?.(healthcheck())).toMatchObject({ exitCode: 0, afterMs: 20_060 });
  });

  it('runs without our entry script too, with data of its own', async () => {
    const container = startContainer(otreeProgram(trust));
    container.timeline.advance(1_000);
    expect((await ask(container, '/room/lab')).status).toBe(200);
  });
});

describe('an image with a fault', () => {
  it.each([
    ['no-otree', 120, 'oforest: the image has no otree on its path'],
    ['no-settings', 121, 'oforest: there is no settings.py in /srv'],
    ['crash-at-import', 1, 'ValueError: this settings.py does not work'],
    ['missing-package', 1, "ModuleNotFoundError: No module named 'pandas'"],
    ['table-named-pg', 1, 'psycopg2.errors.WrongObjectType: "pg_group" is not a table'],
  ] as const)('%s ends at its start, and its log tells why', (fault, exitCode, says) => {
    const { start, timeline } = aStack();
    const container = start({ ...trust, fault });
    timeline.advance(1_000);
    expect(container.exitCode).toBe(exitCode);
    expect(container.log).toContain(says);
  });

  it('out-of-memory is killed by the kernel', () => {
    const { start, timeline } = aStack();
    const container = start({ ...trust, fault: 'out-of-memory' });
    timeline.advance(1_000);
    expect([container.exitCode, container.running]).toEqual([137, expect.objectContaining({ oomKilled: true })]);
  });

  it('no-shell never starts, and the runtime says why', () => {
    const { exitCode, running } = aStack().start({ ...trust, fault: 'no-shell' });
    expect(exitCode).toBe(127);
    expect(running).toMatchObject({ startError: expect.stringMatching(/exec: "\/bin\/sh".*no such file/) });
  });

  it('crash-late serves for 8 s', () => {
    const { start, timeline } = aStack();
    const container = start({ ...trust, fault: 'crash-late' });
    timeline.advance(7_999);
    expect(container.running.probe?.(healthcheck())).toMatchObject({ exitCode: 0 });
    timeline.advance(1);
    expect([container.exitCode, container.log.at(-1)]).toEqual([1, "KeyError: 'rates'"]);
  });

  it('answers-500 answers 500 to everything, its health check included', async () => {
    const { start, timeline } = aStack();
    const container = start({ ...trust, fault: 'answers-500' });
    timeline.advance(1_000);
    expect((await ask(container, '/login')).status).toBe(500);
    expect(container.running.probe?.(healthcheck())).toMatchObject({ exitCode: 1, stderr: '/login answers 500\n' });
  });

  it('never-healthy runs and never listens', () => {
    const { start, timeline } = aStack();
    const container = start({ ...trust, fault: 'never-healthy' });
    timeline.advance(60_000);
    expect(container.exitCode).toBeUndefined();
    expect(container.running.probe?.(healthcheck())).toMatchObject({
      exitCode: 1,
      stderr: 'no answer on port 8000: [Errno 111] Connection refused\n',
      afterMs: 10_060,
    });
  });
});

describe('the health check', () => {
  it('waits for the listener, and leaves one line in the log', () => {
    const { start, timeline } = aStack();
    const { running, log } = start();
    timeline.advance(300);
    expect(running.probe?.(healthcheck())).toMatchObject({ exitCode: 0, afterMs: 710 });
    timeline.advance(710);
    expect(log.at(-1)).toBe('INFO:     oforest-probe:0 - "GET /login HTTP/1.1" 200 OK');
  });

  it('looks again 20 s after it was healthy', () => {
    const { start, timeline } = aStack();
    const { running } = start();
    timeline.advance(2_000);
    running.probe?.(healthcheck());
    expect(running.probe?.(healthcheck())).toMatchObject({ exitCode: 0, afterMs: 20_060 });
  });

  it('accepts any page that is not a failure, and no other port', () => {
    const { start, timeline } = aStack();
    const { running } = start();
    timeline.advance(2_000);
    expect(running.probe?.(healthcheck('/nowhere'))).toMatchObject({ exitCode: 0 });
    expect(running.probe?.(healthcheck('/login', '9000'))).toMatchObject({ exitCode: 1 });
    expect(running.probe?.(['CMD-SHELL', 'curl localhost'])).toMatchObject({ exitCode: 0 });
  });

  it('fails once the connection to the database was lost, although the pages recover', async () => {
    const { start, timeline, cluster } = aStack();
    const container = start();
    timeline.advance(2_000);
    cluster.terminate(() => true);
    const rest = { headers: { 'otree-rest-key': secrets.OTREE_REST_KEY } };
    expect((await ask(container, '/api/rooms', rest)).status).toBe(500);
    expect((await ask(container, '/api/rooms', rest)).status).toBe(200);
    expect(container.running.probe?.(healthcheck())?.stderr).toContain("oTree's timeoutsubprocess has died");
  });
});

describe('SIGTERM', () => {
  it('ends it within half a second, and its connections with it', () => {
    const { start, timeline, cluster } = aStack();
    const container = start();
    timeline.advance(2_000);
    container.running.terminate?.();
    expect(container.dial(8000)).toBeUndefined();
    timeline.advance(500);
    expect(container.exitCode).toBe(0);
    expect(container.log.at(-1)).toBe('INFO:     Finished server process [1]');
    expect(cluster.connections).toEqual([]);
  });

  it('is ignored before the server runs, as process 1 does', () => {
    const { start, timeline } = aStack();
    const container = start();
    timeline.advance(500);
    container.running.terminate?.();
    timeline.advance(2_000);
    expect(container.exitCode).toBeUndefined();
  });
});

describe('our scripts beside it', () => {
  const headers = { 'otree-rest-key': secrets.OTREE_REST_KEY };
  const started = () => {
    const { start, timeline, cluster } = aStack();
    const container = start();
    timeline.advance(1_000);
    return { container, cluster };
  };

  it('admin-login prints the login', async () => {
    const answer = await started().container.running.exec?.(adminLoginScript);
    expect(answer).toEqual({
      exitCode: 0,
      stdout: 'oforest-result {"user":"admin","password":"mellow-moose"}\n',
      stderr: '',
    });
  });

  it('links prints rooms and sessions', async () => {
    const { container } = started();
    await ask(container, '/api/sessions', { headers, json: { session_config_name: 'trust', num_participants: 2 } });
    const { stdout = '' } = (await container.running.exec?.(linksScript)) ?? {};
    expect(JSON.parse(stdout.replace('oforest-result ', ''))).toMatchObject({
      rooms: [{ name: 'lab', url: 'http://127.0.0.1:8000/room/lab', session_code: null }],
      sessions: [{ config_name: 'trust', num_participants: 2 }],
    });
  });

  it('keep-page-times moves them from memory to the database, once', async () => {
    const { container, cluster } = started();
    await ask(container, '/api/sessions', { headers, json: { session_config_name: 'trust', num_participants: 1 } });
    const [participant] = cluster.find('otree').table('otree_participant').rows;
    await ask(container, `/InitializeParticipant/${participant?.code}`);
    expect(cluster.counts('otree').otree_pagetimebatch).toBe(0);
    for (const _again of [1, 2])
      expect(await container.running.exec?.(keepPageTimesScript)).toMatchObject({ exitCode: 0 });
    expect(cluster.counts('otree').otree_pagetimebatch).toBe(1);
  });

  it('fails as Python does while nothing listens', async () => {
    const { exitCode, stderr } = (await aStack().start().running.exec?.(linksScript)) ?? {};
    expect(exitCode).toBe(1);
    expect(stderr).toContain('urllib.error.URLError: <urlopen error [Errno 111] Connection refused>');
  });

  it('has no other programs', async () => {
    expect(await started().container.running.exec?.(['bash'])).toMatchObject({ exitCode: 127 });
  });
});
