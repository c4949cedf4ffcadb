import { describe, expect, it } from 'vitest';
import { choicesIn, type ProgressScreen } from '../../../../../src/cli/tui/model/screens/progress.ts';
import { type TuiState, topScreen } from '../../../../../src/cli/tui/model/state.ts';
import {
  type Activity,
  type ErrorFacts,
  ExpectedError,
  errorFacts,
  type OperationEvent,
  Secret,
} from '../../../../../src/core/index.ts';
import { anActivity, aRunning } from '../../support/activities.ts';
import { aStudy, aTuiState } from '../../support/states.ts';
import { textOf } from '../../support/text-of.ts';
import { effectsOf, type Walk, walkFrom } from '../../support/walk.ts';
import { lastReview, reviewed } from '../../support/walk-reviews.ts';

const study = aStudy({ experiment: 'trust-game' });
const list = () => walkFrom(aTuiState({ studies: [study] }));
const started = (walk: Walk) => {
  const { serial } = effectsOf(walk, 'start').at(-1) ?? { serial: 0 };
  return walk.hear({ kind: 'started', serial, operation: 'op7f3', where: 'keeper' });
};
const stopping = () => started(reviewed(list().press('t')).press('Enter'));
const deploying = () => started(reviewed(list().press('d', 'Enter')).press('Enter'));
const told = (walk: Walk, ...events: readonly Omit<OperationEvent, 'at' | 'operation'>[]) => {
  const { serial } = effectsOf(walk, 'follow').at(-1) ?? { serial: 0 };
  return walk.hear(
    ...events.map((event, index) => {
      const at = new Date(Date.parse('2026-11-20T14:02:00Z') + index * 2_000).toISOString();
      return { kind: 'event', serial, event: { ...event, at, operation: 'op7f3' } as OperationEvent } as const;
    }),
  );
};
const failed = (walk: Walk, error: Partial<ErrorFacts> = {}) =>
  told(walk, { kind: 'operation-failed', error: { code: 'image-crashed', what: 'starting v4', ...error } } as never);
const shown = (walk: Walk) => textOf(walk.state).join('\n');
const choicesOn = ({ state }: Walk) => choicesIn(state, topScreen(state) as ProgressScreen).map(({ label }) => label);

describe('an operation that runs', () => {
  it('shows its steps with their times, and what the last one waits for', () => {
    const walk = told(
      stopping(),
      { kind: 'operation-started', verb: 'stop', stack: 'trust-game' } as never,
      { kind: 'step-started', step: 'guard' } as never,
      { kind: 'step-finished', step: 'guard', outcome: 'changed' } as never,
      { kind: 'step-started', step: 'stop-web' } as never,
      { kind: 'waiting', step: 'stop-web', on: 'its pages to end' } as never,
    );

    expect(shown(walk)).toMatch(/✔ Looking for people in a session +0:02/);
    expect(shown(walk)).toMatch(/↻ Stopping oTree +0:05\n +Waiting for its pages to end/);
    expect(shown(walk)).toContain('You can leave: the keeper on the server runs it.');
  });

  it('shows what is to come, as far as there is room', () => {
    const steps = ['guard', 'keep-page-times', 'show-closed', 'stop-web', 'tidy'];
    const begun = told(
      stopping(),
      { kind: 'operation-started', verb: 'stop', stack: 'trust-game', steps } as never,
      { kind: 'step-started', step: 'guard' } as never,
    );

    expect(shown(begun)).toMatch(
      /↻ Looking for people .*\n +· Saving the page times *\n +· Saying at its address .*\n +· Stopping oTree *\n +· Tidying up/,
    );
    const long = { kind: 'operation-started', verb: 'stop', stack: 'trust-game', steps: [...steps, ...steps] };
    const small = told(stopping(), long as never).hear({
      kind: 'resized',
      size: { columns: 40, rows: 8 },
    } as never);
    expect(textOf(small.state).filter((text) => /^ · |steps more$/.test(text))).toEqual([
      ' · Looking for people in a session',
      ' · Saving the page times',
      ' · Saying at its address that it is …',
      ' · Stopping oTree',
      '   and 6 steps more',
    ]);
    expect(
      shown(told(begun, { kind: 'operation-failed', error: { code: 'cancelled', what: 'x' } } as never)),
    ).not.toContain('· ');
  });

  it('says how long the last one took that went well, once it has begun itself', () => {
    const took = (seconds: number, more: Partial<Activity>) =>
      anActivity({
        startedAt: '2026-11-20T13:00:00.000Z',
        endedAt: new Date(Date.parse('2026-11-20T13:00:00Z') + seconds * 1_000).toISOString(),
        ...more,
      });
    const activity = [
      took(5, { verb: 'deploy' }),
      took(6, { verb: 'stop', stack: 'other' }),
      took(7, { verb: 'stop', state: 'failed' }),
      took(65, { verb: 'stop' }),
    ];
    const before = walkFrom({ ...stopping().state, activity }, stopping().effects);

    expect(shown(before)).not.toContain('took');
    expect(shown(told(before, { kind: 'step-started', step: 'guard' } as never))).toMatch(
      / The last stop took 1:05, this one has run for \d+:\d\d\.\n/,
    );
  });

  it('offers no logs once the study is deleted: it has none', () => {
    const deleted = walkFrom({ ...stopping().state, studies: [{ ...study, state: 'deleted' }] });

    expect(shown(stopping())).toContain('l logs');
    expect(shown(deleted)).not.toContain('l logs');
    expect(topScreen(deleted.press('l').state).name).toBe('progress');
  });

  it('goes on after Esc, and can be watched again from the menu', () => {
    const busy = { operation: 'op7f3', verb: 'stop', by: 'ada' };
    const left = stopping().press('Esc');
    expect(effectsOf(left, 'cancel')).toEqual([]);

    const again = walkFrom(aTuiState({ studies: [{ ...study, busy }] })).press('Enter', 'w');
    expect(topScreen(again.state)).toMatchObject({ name: 'progress', operation: 'op7f3' });
    expect(effectsOf(again, 'follow')).toHaveLength(1);
  });

  it('holds nobody up once its end was seen, before the next comparison', () => {
    const busy = { operation: 'op7f3', verb: 'stop', by: 'ada' };
    const other = { ...aStudy({ experiment: 'other' }), busy: { ...busy, operation: 'op8a1' } };
    const watching = walkFrom(aTuiState({ studies: [{ ...study, busy }, other] })).press('Enter', 'w');

    const ended = told(watching, { kind: 'step-started', step: 'guard' } as never);
    expect(ended.state.studies?.map(({ busy }) => busy?.operation)).toEqual(['op7f3', 'op8a1']);
    expect(failed(watching).state.studies?.map(({ busy }) => busy?.operation)).toEqual([undefined, 'op8a1']);
  });

  it('is asked to stop by x and Enter, and only while it runs', () => {
    expect(effectsOf(stopping().press('x'), 'cancel')).toEqual([]);
    expect(effectsOf(stopping().press('x', 'Down', 'Enter'), 'cancel')).toEqual([]);
    expect(effectsOf(stopping().press('x', 'Enter'), 'cancel')).toEqual([{ kind: 'cancel', operation: 'op7f3' }]);
    expect(effectsOf(failed(stopping()).press('x', 'Enter'), 'cancel')).toEqual([]);
    expect(effectsOf(stopping().pressAtOnce('x', 'Enter'), 'cancel')).toEqual([]);
  });
});

describe('an operation that failed', () => {
  it('says what, why, what is true now and what to do, with its code and the last log lines', () => {
    const walk = failed(deploying(), {
      why: 'numpy is not installed.',
      now: 'v3 serves, untouched.',
      hint: 'Add numpy to requirements.txt.',
      log: ["ModuleNotFoundError: No module named 'numpy'"],
    });

    for (const line of [
      /✖ Failed: starting v4/,
      /Why +numpy is not installed\./,
      /Now +v3 serves, untouched\./,
      /To do +Add numpy/,
      /Code +image-crashed/,
      /│ ModuleNotFoundError/,
    ])
      expect(shown(walk)).toMatch(line);
  });

  it('stays until it is left', () => {
    const walk = failed(deploying()).hear({ kind: 'said', text: 'Copied.' }).press('Down');

    expect(shown(walk)).toContain('Failed: starting v4');
  });

  it('offers another image before the same again, each by its name', () => {
    const walk = failed(deploying());

    expect(choicesOn(walk)).toEqual([
      'Deploy another image',
      'Try the same again',
      'Read the log of the study',
      'Back',
    ]);
    expect(topScreen(walk.press('Enter').state)).toMatchObject({
      ...{ name: 'image', study: { stack: 'trust-game' }, field: { text: 'registry.test/lab/trust-game:v3' } },
    });
    expect(effectsOf(walk.press('Enter'), 'read-study').at(-1)).toEqual({ kind: 'read-study', stack: 'trust-game' });
    expect(lastReview(walk.press('Down', 'Enter')).asked).toMatchObject({ verb: 'deploy' });
    expect(topScreen(walk.press('Down', 'Down', 'Enter').state)).toMatchObject({ name: 'logs', stack: 'trust-game' });
    expect(topScreen(walk.press('Down', 'Down', 'Down', 'Enter').state).name).toBe('experiments');
  });

  it('of anything but a deployment offers it again', () => {
    expect(choicesOn(failed(stopping()))).toEqual(['Try again', 'Read the log of the study', 'Back']);
    expect(lastReview(failed(stopping()).press('Enter')).asked.verb).toBe('stop');
  });

  it('is asked for again by d: a deployment by its image, anything else by a new review', () => {
    expect(topScreen(failed(deploying()).press('d').state)).toMatchObject({
      name: 'image',
      field: { text: 'registry.test/lab/trust-game:v3' },
    });
    expect(lastReview(failed(stopping()).press('d')).asked.verb).toBe('stop');
  });

  it('for columns that are missing offers to add them, after another review', () => {
    const misfit = failed(deploying(), { code: 'misfit', details: { verdict: 'adds-columns' } });
    const again = misfit.press('Down', 'Enter');

    expect(lastReview(again).asked).toMatchObject({ verb: 'deploy', addColumns: true });
    expect(effectsOf(again, 'start')).toHaveLength(1);
  });

  it('offers no columns where that would not help', () => {
    const misfit = failed(deploying(), { code: 'misfit', details: { verdict: 'drops-data' } });

    expect(shown(misfit)).not.toContain('missing columns');
  });

  it('is copied as a report without a secret', () => {
    const canary = 'correct-horse-battery-staple';
    const secret = new Secret(canary);
    const error = errorFacts(
      new ExpectedError('job-failed', `logging in with ${secret}`, {
        why: `The password ${secret} was refused.`,
        log: [`env OTREE_ADMIN_PASSWORD=${secret}`],
        details: { host: 'swarm' },
        cause: new Error(canary),
      }),
    );
    const [copied] = effectsOf(failed(stopping(), error).press('c'), 'copy');

    expect(copied?.text).toContain('Failed: logging in with [secret]');
    expect(copied?.text).toContain('Code: job-failed');
    expect(copied?.text).toContain('Operation: op7f3, stop of trust-game');
    expect(copied?.text).not.toContain(canary);
  });
});

describe('an operation that failed, opened from the activity', () => {
  const opened = (more: Partial<Activity>, state: Partial<TuiState> = {}) => {
    const ended = anActivity({ operation: 'op7f3', state: 'failed', ...more });
    return failed(walkFrom(aTuiState({ studies: [study], activity: [ended], ...state })).press('3', 'Enter'));
  };
  const image = 'registry.test/lab/pilot:v1';
  const named = { experiment: 'pilot', environment: 'review-fix' };

  it('offers the same as where it was begun, also of a study that is in no list', () => {
    const walk = opened({ stack: 'pilot--r-fix', by: 'ben', asked: { study: named, image, addColumns: true } });

    expect(choicesOn(walk)).toEqual(['Deploy another image', 'Try the same again', 'Back']);
    expect(topScreen(walk.press('d').state)).toMatchObject({
      ...{ name: 'image', study: { ...named, stack: 'pilot--r-fix' }, field: { text: image } },
    });
    expect(effectsOf(walk.press('d'), 'read-study')).toEqual([]);
    expect(lastReview(walk.press('Down', 'Enter')).asked).toEqual({
      ...{ verb: 'deploy', image, addColumns: true, study: { ...named, stack: 'pilot--r-fix' } },
    });
    expect(shown(walk)).not.toContain('l logs');
    expect(topScreen(walk.press('l').state).name).toBe('progress');
  });

  it.each([
    [{ verb: 'stop' }, { verb: 'stop' }],
    [
      { verb: 'rollback', asked: { release: 2 } },
      { verb: 'rollback', to: 2 },
    ],
    [
      { verb: 'restore', asked: { backup: 'b-1' } },
      { verb: 'restore', backup: 'b-1' },
    ],
  ])('asks for %o again, as it was asked for', (more, asked) => {
    const again = lastReview(opened(more).press('Enter')).asked;

    expect(again).toEqual({
      ...asked,
      study: { experiment: 'trust-game', environment: 'production', stack: 'trust-game' },
    });
  });

  it.each(['variable', 'drill', 'restore', 'toString'])(
    'offers nothing where no screen could ask for it (%s)',
    (verb) => {
      expect(choicesOn(opened({ verb }))).toEqual([]);
    },
  );

  it('offers it after a cancellation as well', () => {
    const cancelled = anActivity({ operation: 'op7f3', state: 'failed', asked: { image } });
    const walk = walkFrom(aTuiState({ studies: [study], activity: [cancelled] })).press('3', 'Enter');

    expect(choicesOn(failed(walk, { code: 'operation-cancelled' }))[0]).toBe('Deploy another image');
  });

  it('is the same when it was watched until it failed', () => {
    const busy = { operation: 'op7f3', verb: 'deploy', by: 'ben' };
    const activity = [aRunning({ operation: 'op7f3', asked: { image } })];
    const watched = walkFrom(aTuiState({ studies: [{ ...study, busy }], activity })).press('Enter', 'w');

    expect(choicesOn(watched)).toEqual([]);
    expect(choicesOn(failed(watched))[1]).toBe('Try the same again');
  });
});

describe('the log lines of a failure', () => {
  const log = Array.from({ length: 15 }, (_, index) => `log line ${index + 1} ${'x'.repeat(60)}`);
  const error = { why: 'oTree crashed.', now: 'v3 serves, untouched.', hint: 'Mend it.', log };
  const numbers = (walk: Walk) => [...shown(walk).matchAll(/log line (\d+) /g)].map(([, number]) => Number(number));
  const at = (size: { columns: number; rows: number }) => {
    const { state, effects } = failed(deploying(), error);
    return walkFrom({ ...state, size }, effects);
  };

  it('end with the last, and say how many rows are above', () => {
    const walk = at({ columns: 80, rows: 24 });

    expect(numbers(walk).at(-1)).toBe(15);
    expect(numbers(walk)).not.toContain(1);
    expect(shown(walk)).toMatch(/… \d+ lines above: PgUp/);
    expect(shown(walk)).toContain('PgUp read on');
  });

  it.each([
    { columns: 80, rows: 24 },
    { columns: 60, rows: 15 },
    { columns: 40, rows: 8 },
  ])('are all there to be read at $columns x $rows, page by page up and down again', (size) => {
    const begun = at(size);
    const pages = [begun];
    while (/above: PgUp/.test(shown(pages.at(-1)!)) && pages.length < 100) pages.push(pages.at(-1)!.press('PgUp'));
    const all = (walks: readonly Walk[]) => new Set(walks.flatMap(numbers));

    expect(all(pages).size).toBe(15);
    expect(shown(pages.at(-1)!)).toMatch(/Failed: starting v4/);
    const back = [pages.at(-1)!];
    while (/more lines?: PgDn/.test(shown(back.at(-1)!)) && back.length < 100) back.push(back.at(-1)!.press('PgDn'));
    expect(all(back).size).toBe(15);
    expect(textOf(back.at(-1)!.press('PgDn').state)).toEqual(textOf(begun.state));
    expect(shown(back.at(-1)!)).toContain('Deploy another image');
  });

  it('are told without a mark where all of them fit', () => {
    const walk = at({ columns: 120, rows: 60 });

    expect(numbers(walk)).toHaveLength(15);
    expect(shown(walk)).not.toContain('PgUp');
  });
});

describe('an operation that is done', () => {
  const done = (more = {}) =>
    told(deploying(), {
      kind: 'operation-finished',
      result: { stack: 'trust-game', state: 'running', release: 4, url: 'https://trust-game.lab.test', ...more },
    } as never);

  it('says so, and offers its address, the links of participants and the admin page', () => {
    expect(shown(done())).toContain('Done: trust-game runs v4.');
    expect(effectsOf(done().press('o'), 'browse')).toEqual([{ kind: 'browse', url: 'https://trust-game.lab.test' }]);
    expect(topScreen(done().press('p').state)).toMatchObject({ name: 'links', study: { stack: 'trust-game' } });
    expect(topScreen(done().press('m').state)).toMatchObject({ name: 'admin', study: { stack: 'trust-game' } });
  });

  it('says of a backup what it holds, and that it was checked', () => {
    const backedUp = told(
      started(reviewed(list().press('s')).press('Enter')),
      { kind: 'step-started', step: 'verify-backup' } as never,
      { kind: 'backup-made', backup: 'b-1', bytes: 900, rows: 15 } as never,
      { kind: 'operation-finished', result: { stack: 'trust-game', state: 'running', release: 3 } } as never,
    );

    expect(shown(backedUp)).toContain('Done: the backup b-1 holds 15 rows, checked by a test restore.');
    expect(shown(backedUp)).not.toContain('runs v3');
  });

  it('says the way back in one line, as it is typed', () => {
    expect(textOf(done({ archive: 'otree_old_1' }).state)).toContain(
      '  Its earlier data comes back with: oforest undo trust-game',
    );
  });

  it('is left by Enter', () => {
    expect(topScreen(done().press('Enter').state).name).toBe('experiments');
  });
});
