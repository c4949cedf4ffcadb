import { describe, expect, it } from 'vitest';
import { type OperationEvent, stepIds } from '../../../../src/core/domain/operation-event.ts';
import { describeChange, describeEvent, describeStep } from '../../../../src/core/operations/review/describe.ts';
import { peopleTold } from '../../../support/builders.ts';

type Given = OperationEvent extends infer Event
  ? Event extends unknown
    ? Omit<Event, 'at' | 'operation'>
    : never
  : never;

/** One of each kind; a kind that is missing here is a compile error. */
const sentences: { [Kind in OperationEvent['kind']]: [Extract<Given, { kind: Kind }>, string][] } = {
  'operation-started': [[{ kind: 'operation-started', verb: 'deploy', stack: 'my-exp' }, 'Running deploy on my-exp.']],
  'step-started': [[{ kind: 'step-started', step: 'update-web' }, 'Starting oTree.']],
  'step-finished': [
    [{ kind: 'step-finished', step: 'store-secrets', outcome: 'changed' }, 'Making its passwords and keys: done.'],
    [{ kind: 'step-finished', step: 'start-database', outcome: 'unchanged' }, 'Starting its database: nothing to do.'],
    [{ kind: 'step-finished', step: 'tidy', outcome: 'skipped' }, 'Tidying up: skipped.'],
  ],
  waiting: [
    [
      { kind: 'waiting', step: 'try-image', on: 'the server to pull the image' },
      'Waiting for the server to pull the image.',
    ],
  ],
  notice: [
    [
      { kind: 'notice', notice: { code: 'page-times-not-kept', why: 'The script failed.' } },
      'Page times since the last export could not be saved: The script failed.',
    ],
    [
      { kind: 'notice', notice: { code: 'admin-login-not-checked', why: 'It runs on another node.' } },
      'The admin login was not checked: It runs on another node.',
    ],
    [
      {
        kind: 'notice',
        notice: { code: 'export-paths-closed', otree: '5.11.5', paths: ['/ExportPageTimes', '/chat_export'] },
      },
      'oTree 5.11.5 leaves /ExportPageTimes and /chat_export open to anyone; they are closed at the entry point.',
    ],
  ],
  guarded: [
    [{ kind: 'guarded', people: peopleTold('Nobody is in a session.') }, 'Nobody is in a session.'],
    [
      { kind: 'guarded', people: peopleTold('1 page is open, not counted as you asked.', { openPages: 1 }) },
      '1 page is open, not counted as you asked.',
    ],
  ],
  'fit-checked': [[{ kind: 'fit-checked', verdict: 'fits', sentences: ['It fits the data.'] }, 'It fits the data.']],
  'backup-made': [
    [
      { kind: 'backup-made', backup: '20270101T090000Z-abcdefghij', bytes: 900, rows: 12 },
      'The backup 20270101T090000Z-abcdefghij holds 12 rows, restored and compared.',
    ],
  ],
  'data-switched': [
    [
      { kind: 'data-switched', archive: 'otree_old_abcdefghij' },
      'The data was switched; what was there is kept as otree_old_abcdefghij.',
    ],
  ],
  'release-recorded': [[{ kind: 'release-recorded', release: 3 }, 'This becomes v3.']],
  serving: [
    [
      { kind: 'serving', release: 3, url: 'https://my-exp.lab.test', path: 'forwarded' },
      'v3 serves at https://my-exp.lab.test.',
    ],
    [
      { kind: 'serving', release: 3, url: 'https://my-exp.lab.test', path: 'public' },
      'v3 serves at https://my-exp.lab.test (asked by its public address).',
    ],
  ],
  settled: [[{ kind: 'settled', release: 3, soakSeconds: 15 }, 'v3 has run for 15 s without a crash.']],
  'operation-finished': [
    [
      { kind: 'operation-finished', result: { stack: 'my-exp', release: 3, state: 'running' } },
      'Done: my-exp runs v3.',
    ],
    [{ kind: 'operation-finished', result: { stack: 'my-exp', release: 3, state: 'stopped' } }, 'my-exp is stopped.'],
    [
      {
        kind: 'operation-finished',
        result: { stack: 'my-exp--staging', release: 3, state: 'running', archive: 'otree_old_abcdefghij' },
      },
      'Done: my-exp--staging runs v3. Its earlier data comes back with: oforest undo my-exp --env staging',
    ],
  ],
  'operation-failed': [
    [
      { kind: 'operation-failed', error: { code: 'image-crashed', what: 'trying v3', why: 'oTree crashed.' } },
      'Failed: oTree crashed.',
    ],
    [{ kind: 'operation-failed', error: { code: 'bug', what: 'x is undefined' } }, 'Failed: x is undefined'],
  ],
};

describe('each event', () => {
  it.each(Object.values(sentences).flat() as [Given, string][])('has one plain sentence: %j', (event, sentence) => {
    const full = { ...event, at: '2027-01-01T09:00:00.000Z', operation: 'operation1' } as OperationEvent;

    expect(describeEvent(full)).toBe(sentence);
  });
});

describe('each step', () => {
  it('has words of its own', () => {
    const words = stepIds.map(describeStep);

    expect(new Set(words).size).toBe(stepIds.length);
    for (const one of words) expect(one).toMatch(/^[A-Z].*[^.]$/);
  });
});

describe('a change', () => {
  it('is told with its reason', () => {
    expect(
      describeChange({ action: 'create', subject: 'db', name: 'my-exp_db', because: 'the study has no database yet' }),
    ).toBe('create the database (my-exp_db): the study has no database yet');
  });

  it('names what it is about in words', () => {
    const change = { action: 'empty', name: 'my-exp', because: 'you asked for it' } as const;

    expect(describeChange({ ...change, subject: 'data' })).toBe('empty the data of my-exp: you asked for it');
    expect(describeChange({ ...change, action: 'restart', subject: 'web', name: 'my-exp_web' })).toBe(
      'restart oTree (my-exp_web): you asked for it',
    );
  });
});
