import { describe, expect, it } from 'vitest';
import { taskFailure, unhealthy } from '../../../../src/core/operations/steps/task-failure.ts';
import { aContainer, aTask } from '../../../support/builders.ts';

const what = 'trying v2 of my-exp beside the running study';

function failure({
  task = {},
  container,
  log = [],
}: {
  task?: Parameters<typeof aTask>[0];
  container?: Parameters<typeof aContainer>[0];
  log?: readonly string[];
}) {
  return taskFailure({
    what,
    task: aTask({ state: 'failed', ...task }),
    container: container && aContainer(container),
    log,
    memoryLimitBytes: 512 * 1024 * 1024,
  });
}

describe('a task that failed', () => {
  it('because the disk is full', () => {
    expect(failure({ task: { err: 'write /var/lib/docker/x: no space left on device' } })).toMatchObject({
      code: 'disk-full',
      why: 'The disk of the server is full.',
    });
  });

  it.each([
    'No such image: registry.test/lab/my-exp@sha256:aaa',
    'manifest unknown: manifest unknown',
    'pull access denied for lab/my-exp',
    'Head "https://registry.test/v2/…": unauthorized: HTTP Basic: Access denied',
  ])('because the image could not be pulled: %s', (err) => {
    expect(failure({ task: { state: 'rejected', err } })).toMatchObject({
      code: 'image-pull-failed',
      why: `The server could not pull the image: ${err}`,
    });
  });

  it('because the image has no shell', () => {
    const error =
      'OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown';

    expect(failure({ task: { exitCode: 127 }, container: { exitCode: 127, error } })).toMatchObject({
      code: 'image-lacks-shell',
      hint: expect.stringContaining('python:3.12-slim'),
    });
  });

  it.each([
    [120, 'image-lacks-otree', 'The image has no `otree` command on its path.'],
    [121, 'image-lacks-settings', 'There is no settings.py in the work dir of the image.'],
    [122, 'image-work-dir-unreadable', 'The user of the image can neither write to the work dir nor read all of it.'],
  ])('because the entry script ended with %i', (exitCode, code, why) => {
    expect(failure({ task: { exitCode }, container: { exitCode } })).toMatchObject({ code, why });
  });

  it('because of its memory, with the limit it had', () => {
    expect(failure({ task: { exitCode: 137 }, container: { exitCode: 137, outOfMemory: true } })).toMatchObject({
      code: 'memory-exhausted',
      why: 'oTree used more memory than its limit of 512 MB.',
    });
  });

  it('by a kill on a node that nobody can ask: memory is the likely reason', () => {
    expect(failure({ task: { exitCode: 137 } })).toMatchObject({ code: 'memory-exhausted' });
  });

  it.each([0, 137, 143])('because it was stopped for bad health, ending with %i', (exitCode) => {
    const container = { exitCode, health: 'unhealthy', probes: ['', '/login answers 500\n', ''] };

    expect(failure({ task: { exitCode }, container })).toMatchObject({
      code: 'image-unhealthy',
      why: 'oTree started but is not healthy: /login answers 500',
    });
  });

  it('by a crash, which Docker calls unhealthy as well', () => {
    expect(
      failure({
        task: { exitCode: 1 },
        container: { exitCode: 1, health: 'unhealthy' },
        log: [
          'Traceback (most recent call last):',
          '  File "settings.py", line 3',
          "NameError: name 'foo' is not defined",
        ],
      }),
    ).toMatchObject({ code: 'image-crashed', why: "oTree crashed: NameError: name 'foo' is not defined" });
  });

  it('because a package is missing, named as pip names it', () => {
    const missing = (module: string) =>
      failure({ task: { exitCode: 1 }, log: [`ModuleNotFoundError: No module named '${module}'`, 'some last words'] });

    expect(missing('pandas')).toMatchObject({
      code: 'image-crashed',
      why: 'It needs the Python package "pandas", which the image does not have.',
      hint: 'Add pandas to requirements.txt and build the image again.',
    });
    expect(missing('sklearn.linear_model')).toMatchObject({
      hint: 'Add scikit-learn to requirements.txt and build the image again.',
    });
    expect(missing('psycopg2')).toMatchObject({
      hint: 'Add psycopg2-binary to requirements.txt and build the image again.',
    });
  });

  it('because Postgres refuses the name of an app', () => {
    expect(
      failure({ task: { exitCode: 1 }, log: ['psycopg2.errors.WrongObjectType: "pg_group" is not a table'] }),
    ).toMatchObject({
      code: 'image-crashed',
      why: 'Postgres refuses the table "pg_group": names that begin with pg_ are its own.',
      hint: 'Rename the app "pg"; bots pass because they run on SQLite.',
    });
  });

  it('without a word of Python, with what Docker says', () => {
    expect(failure({ task: { exitCode: 2, err: 'task: non-zero exit (2)' } })).toMatchObject({
      code: 'image-crashed',
      why: 'It ended with exit code 2. task: non-zero exit (2)',
    });
    expect(failure({ task: { exitCode: 0 } })).toMatchObject({ code: 'image-crashed', why: 'It ended by itself.' });
  });

  it('is told with what was being done, its log and its exit code', () => {
    expect(failure({ task: { exitCode: 1 }, log: ['one', 'two'] })).toMatchObject({
      message: what,
      log: ['one', 'two'],
      details: { exitCode: 1, task: 'task1' },
    });
  });
});

describe('a task that runs and is not healthy', () => {
  it('is told with the last thing its probe said', () => {
    const container = aContainer({ probes: ['no answer on port 8000: refused', '/login answers 502', '  '] });

    expect(unhealthy({ what, container, log: ['a line'] })).toMatchObject({
      code: 'image-unhealthy',
      why: 'oTree started but is not healthy: /login answers 502',
      log: ['a line'],
    });
  });

  it('may never have answered', () => {
    expect(unhealthy({ what, container: undefined, log: [] })).toMatchObject({
      why: 'oTree started but never answered its health check.',
    });
  });
});
