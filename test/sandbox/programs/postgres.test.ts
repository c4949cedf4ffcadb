import { describe, expect, it } from 'vitest';
import { databaseHealthScript, databaseInitScript } from '../../../src/core/swarm/scripts.ts';
import { postgresProgram } from '../../../src/sandbox/programs/postgres.ts';
import { startContainer } from './a-container.ts';

const initScript = '/docker-entrypoint-initdb.d/10-oforest.sh';
const ours = {
  variables: {
    POSTGRES_USER: 'postgres',
    POSTGRES_DB: 'postgres',
    POSTGRES_PASSWORD_FILE: '/run/secrets/POSTGRES_PASSWORD',
    PGDATA: '/var/lib/postgresql/data/pgdata',
  },
  files: {
    '/run/secrets/POSTGRES_PASSWORD': 'root',
    '/run/secrets/DATABASE_PASSWORD': 'secret',
    [initScript]: databaseInitScript,
  },
  volumes: { '/var/lib/postgresql/data': 'trust-game_db' },
};
const healthcheck = ['CMD', '/bin/sh', '-c', databaseHealthScript];
const asStudy = { database: 'otree', role: 'study', password: 'secret' };
const start = (around: Parameters<typeof startContainer>[1] = {}) =>
  startContainer(postgresProgram, { ...ours, clusters: new Map(), ...around });

describe('the first start', () => {
  it('makes the role and the databases of the study, and then is ready', () => {
    const { running, timeline, log } = start();
    timeline.advance(1_199);
    expect(running.probe?.(healthcheck)).toMatchObject({ exitCode: 2 });
    expect(running.postgres).toBeUndefined();
    timeline.advance(1);
    expect(running.probe?.(healthcheck)).toMatchObject({ exitCode: 0, afterMs: 40 });
    const cluster = running.postgres;
    expect(cluster?.databases.map(({ name, owner }) => [name, owner])).toEqual([
      ['template0', 'postgres'],
      ['template1', 'postgres'],
      ['postgres', 'postgres'],
      ['otree', 'study'],
      ['otree_trial', 'study'],
    ]);
    expect(cluster?.connect(asStudy).isOpen).toBe(true);
    expect(() => cluster?.connect({ ...asStudy, database: 'postgres' })).toThrow('permission denied');
    expect(log.at(-1)).toBe('2027-01-04 09:00:01.200 UTC [1] LOG:  database system is ready to accept connections');
  });

  it.each([
    [{ POSTGRES_USER: 'postgres' }, 'Error: Database is uninitialized and superuser password is not specified.'],
    [{ POSTGRES_PASSWORD_FILE: '/run/secrets/NONE' }, '/run/secrets/NONE: No such file or directory'],
    [{ POSTGRES_PASSWORD: 'a', POSTGRES_PASSWORD_FILE: '/run/secrets/POSTGRES_PASSWORD' }, '(but are exclusive)'],
  ])('needs one password: %o', (variables, says) => {
    const { log, exitCode } = start({ variables });
    expect(exitCode).toBe(1);
    expect(log.join('\n')).toContain(says);
  });

  it('ends where the init script finds no password for the study', () => {
    const { '/run/secrets/DATABASE_PASSWORD': _, ...files } = ours.files;
    const container = start({ files });
    container.timeline.advance(1_200);
    expect(container.exitCode).toBe(3);
    expect(container.log).toContain('cat: /run/secrets/DATABASE_PASSWORD: No such file or directory');
  });
});

describe('a later start', () => {
  it('serves what stands on the volume, with the password of the first', () => {
    const clusters = new Map();
    const first = start({ clusters });
    first.timeline.advance(2_000);
    first.running.postgres?.find('otree').createTable('otree_session', {}).insert({});
    first.kill();
    const files = { ...ours.files, '/run/secrets/DATABASE_PASSWORD': 'another' };
    const second = start({ clusters, files });
    second.timeline.advance(400);
    expect(second.running.postgres?.counts('otree')).toEqual({ otree_session: 1 });
    expect(() => second.running.postgres?.connect({ ...asStudy, password: 'another' })).toThrow(
      'password authentication failed for user "study"',
    );
    expect(second.log).toContain(
      'PostgreSQL Database directory appears to contain a database; Skipping initialization',
    );
  });

  it('is no start for a container that ran before the sandbox was closed', () => {
    const clusters = new Map();
    start({ clusters }).timeline.advance(2_000);
    const resumed = start({ clusters, resumed: true });
    expect(resumed.running.postgres?.database('otree')).toBeDefined();
    expect(resumed.log).toEqual([]);
  });
});

it('looks again after 20 s once it was healthy, as our script does', () => {
  const { running, timeline } = start();
  timeline.advance(2_000);
  running.probe?.(healthcheck);
  expect(running.probe?.(healthcheck)).toMatchObject({ exitCode: 0, afterMs: 20_040 });
});

it('ends within 0.2 s of SIGTERM, and its connections at once', () => {
  const container = start();
  container.timeline.advance(2_000);
  let isLost = false;
  container.running.postgres?.connect({
    ...asStudy,
    onLost: () => {
      isLost = true;
    },
  });
  container.running.terminate?.();
  expect([isLost, container.running.postgres, container.exitCode]).toEqual([true, undefined, undefined]);
  container.timeline.advance(200);
  expect(container.exitCode).toBe(0);
  expect(container.log.at(-1)).toContain('database system is shut down');
});

it('runs other words as the shell of the image', () => {
  const { log, exitCode } = start({ words: ['/bin/sh', '-c', 'echo beside; exit 7'] });
  expect([log, exitCode]).toEqual([['beside'], 7]);
});
