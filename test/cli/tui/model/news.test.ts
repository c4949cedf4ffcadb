import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../src/cli/tui/model/messages.ts';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import { type Link, type Study, type TuiState, topScreen } from '../../../../src/cli/tui/model/state.ts';
import type { ErrorFacts, PeopleSeen } from '../../../../src/core/index.ts';
import { aRunning } from '../support/activities.ts';
import { pressed, shownLines } from '../support/press.ts';
import { aStudy, aTuiState, someNow, someStudies } from '../support/states.ts';
import { walkFrom } from '../support/walk.ts';

const compared = (
  studies: readonly Study[],
  more: Partial<Extract<Message, { kind: 'compared' }>> = {},
): Extract<Message, { kind: 'compared' }> => ({
  kind: 'compared',
  studies: studies.map(({ people: _people, busy: _busy, ...summary }) => summary),
  activity: [],
  at: someNow,
  ...more,
});
const seen = (stack: string, onPage: number, known = true): PeopleSeen => ({
  ...{ stack, known, sentence: '' },
  counts: { onPage, waiting: 0, inRoom: 0, lastPage: 0, openPages: 0 },
});
const hear = (state: TuiState, message: Message, now = someNow) => reduce(state, message, now).state;
const noRoute: ErrorFacts = { code: 'host-unreachable', what: 'connecting to lab', why: 'There is no route to it.' };
const offline: Link = { kind: 'offline', since: someNow - 125_000, error: noRoute, nextTryAt: someNow + 8_000 };

describe('a comparison', () => {
  it('is not waited for to review what is asked while the server is being reached', () => {
    const link = { kind: 'connecting', since: someNow } as const;
    const asked = walkFrom(aTuiState({ link, studies: [aStudy()] })).press('s');

    expect(topScreen(asked.state).name).toBe('review');
    expect(asked.effects.map(({ kind }) => kind)).toEqual(['review']);
  });

  it('has the study read that was opened before the server was reached', () => {
    const opened = walkFrom(aTuiState({ link: { kind: 'connecting', since: someNow }, studies: [aStudy()] })).press(
      'Enter',
    );
    const after = opened.hear(compared([aStudy()]));

    expect(opened.effects).toEqual([]);
    expect(after.effects).toEqual([{ kind: 'read-study', stack: 'trust-game', withLog: true }]);
  });

  it('makes live what was not', () => {
    const state = aTuiState({ link: offline, asOf: someNow - 90_000 });
    const after = hear(state, compared(someStudies(2)));
    expect(after).toMatchObject({ link: { kind: 'live' }, asOf: someNow });
    expect(after.studies).toHaveLength(2);
  });

  it('keeps people who were seen, but not in a study that was stopped', () => {
    const [one, other] = [
      aStudy({ experiment: 'one', people: 4 }),
      aStudy({ experiment: 'other', people: 2 }),
    ] as const;
    const after = hear(aTuiState({ studies: [one, other] }), compared([one, { ...other, state: 'stopped' }]));
    expect(after.studies?.map(({ people }) => people)).toEqual([4, undefined]);
  });

  it('leaves everything the same object that did not change', () => {
    const studies = someStudies(3);
    const state = aTuiState({ studies });
    expect(hear(state, compared(studies)).studies).toBe(studies);
    const after = hear(state, compared([...studies.slice(0, 2), aStudy({ experiment: 'study-0002', release: 4 })]));
    expect(after.studies?.map((study, index) => study === studies[index])).toEqual([true, true, false]);
  });

  it('shows who is at work on a study', () => {
    const activity = [aRunning({ operation: 'op2', stack: 'trust-game', verb: 'reset', by: 'jonas' })];
    const after = hear(aTuiState(), compared([aStudy()], { activity }));
    expect(after.studies?.[0]?.busy).toEqual({ operation: 'op2', verb: 'reset', by: 'jonas', step: 'dump' });
  });

  it('shows the next step of what runs', () => {
    const at = (step: 'dump' | 'swap-databases') => [aRunning({ stack: 'trust-game', step })];
    const before = hear(aTuiState(), compared([aStudy()], { activity: at('dump') }));

    const after = hear(before, compared([aStudy()], { activity: at('swap-databases') }));
    expect(after.studies?.[0]?.busy?.step).toBe('swap-databases');
  });

  it('shows how far an operation is whose step comes twice', () => {
    const at = (step: number) =>
      compared([aStudy()], { activity: [aRunning({ step: 'keep-page-times', place: { step, of: 16 } })] });

    const after = hear(hear(aTuiState(), at(6)), at(11));
    expect(after.studies?.[0]?.busy?.place).toEqual({ step: 11, of: 16 });
  });

  it('reads anew the study that is open', () => {
    const state = pressed(aTuiState({ studies: [aStudy()] }), 'Enter');
    expect(reduce(state, compared([aStudy()]), someNow).effects).toEqual([
      { kind: 'read-study', stack: 'trust-game', withLog: true },
    ]);
  });

  it('reads a study anew for whoever comes back to it, as long as the server answers', () => {
    const inLogs = pressed(aTuiState({ studies: [aStudy()] }), 'Enter', 'l');
    const back = (state: TuiState) =>
      reduce(state, { kind: 'key', key: 'Esc' }, someNow).effects.filter(({ kind }) => kind === 'read-study');
    expect(back(inLogs)).toEqual([{ kind: 'read-study', stack: 'trust-game', withLog: true }]);
    expect(back({ ...inLogs, link: offline })).toEqual([]);
  });

  it('is what tells of a server that is gone, not the study that could not be read', () => {
    const unread = (error: ErrorFacts) =>
      hear(aTuiState(), { kind: 'study-unread', stack: 'study-0000', error }).failure;
    expect(unread(noRoute)).toBeUndefined();
    expect(unread({ code: 'job-failed', what: 'reading' })?.what).toBe('reading');
  });

  it('watches on what was watched when the server was lost, from its beginning', () => {
    const watching = pressed(
      aTuiState({ activity: [aRunning({ operation: 'op1' })] }),
      ':',
      ...'activity',
      'Enter',
      'Enter',
    );
    const { serial } = watching.screens.at(-1) ?? { serial: 0 };
    const away = hear(watching, { kind: 'linked', link: offline });
    const { effects } = reduce(away, compared(someStudies(1)), someNow);
    expect(effects).toEqual([{ kind: 'follow', serial, operation: 'op1' }]);
    expect(reduce(watching, compared(someStudies(1)), someNow).effects).toEqual([]);
  });
});

describe('what is too old', () => {
  it('is not shown as live, whatever woke the window', () => {
    const state = aTuiState({ asOf: someNow });
    expect(hear(state, { kind: 'ticked' }, someNow + 59_999).link.kind).toBe('live');
    expect(hear(state, { kind: 'key', key: 'Down' }, someNow + 60_000).link.kind).toBe('stale');
  });
});

describe('people', () => {
  it('who are as many as before change nothing', () => {
    const state = aTuiState({ studies: [aStudy({ people: 3 })] });
    expect(hear(state, { kind: 'people-seen', people: seen('trust-game', 3) }).studies).toBe(state.studies);
  });

  it('are told of as they are now, on the screens of a study that was read before', () => {
    const read = { status: undefined, releases: [], people: 'Nobody is in a session.' };
    const state = aTuiState({ studies: [aStudy({ people: 0 })], details: { 'trust-game': read } });
    const people = { ...seen('trust-game', 2), sentence: '2 people are on a page.' };
    expect(hear(state, { kind: 'people-seen', people }).details['trust-game']?.people).toBe('2 people are on a page.');
  });

  it('are not known where the study could not be asked', () => {
    const state = aTuiState({ studies: [aStudy({ people: 3 })] });
    const after = hear(state, { kind: 'people-seen', people: seen('trust-game', 0, false) });
    expect(after.studies?.[0]?.people).toBeUndefined();
  });
});

describe('what was known at the last visit', () => {
  const remembered = { kind: 'remembered', studies: [aStudy()], asOf: someNow - 3_600_000 } as const;

  it('is shown until the server has told', () => {
    const state = aTuiState({ studies: undefined, asOf: undefined, link: { kind: 'connecting', since: someNow } });
    const after = hear(state, remembered);
    expect(after).toMatchObject({ asOf: remembered.asOf, studies: [{ stack: 'trust-game' }] });
    expect(shownLines(after)[0]).toMatch(/connecting, as of \d\d:\d\d:\d\d$/);
  });

  it('does not take the place of the truth', () => {
    const state = aTuiState();
    expect(hear(state, remembered).studies).toBe(state.studies);
  });
});

describe('a server that is gone', () => {
  const state = aTuiState({ studies: [aStudy({ people: 24 })], link: offline, asOf: someNow - 119_000 });

  it('is named with the cause, since when, and when it is tried again', () => {
    const lines = shownLines(state);
    expect(lines[0]).toMatch(/✖ offline 2 min · as of \d\d:\d\d:\d\d$/);
    expect(lines.at(-2)).toMatch(/^ ✖ lab: There is no route to it\. +Next try at \d\d:\d\d:\d\d$/);
    expect(lines.at(-3)).toBe('   Experiments go on running on the server. Only this view is cut off.');
  });

  it('leaves what was known to be read, and says why nothing can be changed', () => {
    expect(shownLines(state).find((one) => one.includes('trust-game'))).toMatch(/\? Running +24/);
    expect(pressed(state, 's').notice).toBe('Back up the data now: lab does not answer.');
    expect(pressed(state, 'Enter').screens.at(-1)?.name).toBe('study');
    expect(pressed(state, '?').screens.at(-1)?.name).toBe('help');
  });

  it('is told in the smallest window as well', () => {
    for (const size of [
      { columns: 60, rows: 15 },
      { columns: 40, rows: 10 },
    ])
      expect(shownLines({ ...state, size }).join('\n')).toContain('✖ lab: There is');
  });
});

describe('a thousand experiments', () => {
  it('are compared without looking at each once for each other', () => {
    let reads = 0;
    const counted = someStudies(1_000).map(
      (study) =>
        new Proxy(study, {
          get(target, key) {
            reads += 1;
            return Reflect.get(target, key);
          },
        }),
    );
    const activity = Array.from({ length: 1_000 }, (_, index) => aRunning({ stack: `study-${index}` }));
    const message = compared(someStudies(1_000), { activity });
    hear(aTuiState({ studies: counted }), message);
    expect(reads).toBeLessThan(40_000);
  });
});
