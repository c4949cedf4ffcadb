import { describe, expect, it } from 'vitest';
import { commandOf, type ReviewScreen } from '../../../../../src/cli/tui/model/screens/review.ts';
import { topScreen } from '../../../../../src/cli/tui/model/state.ts';
import type { Actor } from '../../../../../src/core/index.ts';
import { aStudy, aTuiState } from '../../support/states.ts';
import { textOf } from '../../support/text-of.ts';
import { effectsOf, type Walk, walkFrom } from '../../support/walk.ts';
import { lastReview, refused, reviewed } from '../../support/walk-reviews.ts';

const study = aStudy({ experiment: 'trust-game' });
const { experiment, environment, stack } = study;
const opened = (key: string) => walkFrom(aTuiState({ studies: [study] })).press('Enter', key);
const screenOf = ({ state }: Walk) => topScreen(state) as ReviewScreen;
const shown = (walk: Walk) => textOf(walk.state).join('\n');
const starts = (walk: Walk) => effectsOf(walk, 'start').map(({ people, typed }) => ({ people, typed }));
const anna: Actor = { via: 'ssh', sshUser: 'anna', host: 'laptop' };
const holder = { operation: 'op1', verb: 'deploy', actor: anna, epoch: 1, since: '2026-11-20T14:00:00Z' };

describe('a review with nobody there', () => {
  it('does it by Enter, and says the same as a command', () => {
    const walk = reviewed(opened('t'));

    expect(commandOf(walk.state, screenOf(walk))).toBe('oforest stop trust-game');
    expect(starts(walk.press('Enter'))).toEqual([{ people: { kind: 'refuse' }, typed: undefined }]);
  });

  it('is left by Esc, and whatever still looks is ended', () => {
    const walk = opened('t').press('Esc');

    expect(topScreen(walk.state).name).toBe('study');
    expect(effectsOf(walk, 'close').at(-1)).toEqual({ kind: 'close', serial: lastReview(walk).serial });
  });

  it('has nothing to offer but the way back where nothing is to be done', () => {
    const walk = reviewed(opened('t'), { review: { plan: [] } }).press('Enter');

    expect(starts(walk)).toEqual([]);
    expect(topScreen(walk.state).name).toBe('study');
  });
});

describe('the command that does the same', () => {
  it.each([
    [40, 10],
    [60, 15],
    [80, 24],
    [120, 40],
  ])('is shown at %i columns and %i rows', (columns, rows) => {
    const size = { columns, rows };
    const walk = reviewed(walkFrom(aTuiState({ studies: [study], size })).press('Enter', 't'));

    expect(shown(walk)).toContain('Same as:  oforest stop trust-game');
    expect(shown(walk)).toContain('Cancel');
  });

  it('is copied whole, also where the line is too short for it', () => {
    const walk = reviewed(opened('t'), { people: 24 }).press('c');

    expect(effectsOf(walk, 'copy')).toEqual([
      { kind: 'copy', text: 'oforest stop trust-game --after-session', what: 'The command' },
    ]);
  });

  it('goes on in a second line where one is too short', () => {
    const experiment = 'a-study-with-a-name-as-long-as-names-may-be';
    const walk = reviewed(walkFrom(aTuiState({ studies: [aStudy({ experiment })] })).press('Enter', 't'), {
      people: 24,
    });

    const command = `oforest stop ${experiment} --after-session`;
    expect(shown(walk)).toContain(' Same as:  oforest stop');
    expect(shown(walk).replaceAll(/\s+/g, ' ')).toContain(command);
  });

  it.each([
    [60, 15],
    [80, 24],
  ])('stays beside what has to be read now, at %i columns and %i rows', (columns, rows) => {
    const experiment = 'a-study-with-a-name-as-long-as-names-may-be';
    const walk = walkFrom(aTuiState({ studies: [aStudy({ experiment })], size: { columns, rows } }));
    const told = reviewed(walk.press('Enter', 't'), { people: 24 }).hear({
      ...{ kind: 'said', text: 'The command is copied.' },
    });

    expect(shown(told)).toContain('The command is copied.');
    const command = shown(told).slice(shown(told).indexOf('Same as:'));
    expect(command).toMatch(columns === 60 ? /oforest stop\S* … c copies all of it/ : /--after-session/);
    expect(shown(told)).not.toContain('Esc cancel');
    expect(shown(told.press('Down'))).toContain('Esc cancel');
  });

  it.each([
    [40, 8],
    [60, 15],
  ])('says so where it is cut: at %i columns and %i rows', (columns, rows) => {
    const deep = walkFrom(aTuiState({ studies: [study], size: { columns, rows } })).press('Enter', 'R');
    const walk = reviewed(deep, { people: 2 });
    const sameAsIn = (some: Walk) => textOf(some.state).find((text) => text.includes('Same as:'));

    expect(sameAsIn(walk)).toMatch(columns === 40 ? / … c copies it$/ : / … c copies all of it$/);
    // There `c` is a letter.
    expect(sameAsIn(walk.press('Enter'))).toMatch(/ …$/);
  });
});

describe('a review with people in a session', () => {
  it('waits for them by Enter alone', () => {
    const walk = reviewed(opened('t'), { people: 24 });

    expect(shown(walk)).toContain('! 24 people are on a page.');
    expect(commandOf(walk.state, screenOf(walk))).toBe('oforest stop trust-game --after-session');
    expect(starts(walk.press('Enter'))).toEqual([{ people: { kind: 'wait' }, typed: undefined }]);
  });

  it('interrupts them for a reason that was typed, and not without one', () => {
    const asking = reviewed(opened('t'), { people: 2 }).press('Down', 'Enter');

    expect(starts(asking.press('Enter', 'Enter'))).toEqual([]);
    const given = asking.type("it's burning");
    expect(commandOf(given.state, screenOf(given))).toBe(`oforest stop trust-game --interrupt 'it'\\''s burning'`);
    expect(starts(given.press('Enter'))[0]?.people).toEqual({ kind: 'interrupt', reason: "it's burning" });
  });

  it('says what they would see of it', () => {
    expect(shown(reviewed(opened('f'), { people: 2 }))).toContain('Their pages pause for about 5 s.');
    expect(shown(reviewed(opened('X'), { people: 2, review: { plan: [] } }))).not.toContain('Their');
    const stop = { action: 'stop', subject: 'web', name: 'w', because: 'asked', interrupts: true } as const;
    expect(shown(reviewed(opened('t'), { people: 2, review: { plan: [stop] } }))).toContain(
      'Their links stop working.',
    );
  });

  it('goes back by Esc from the reason to the choice, and from there to the menu', () => {
    const choosing = reviewed(opened('t'), { people: 2 }).press('Down', 'Enter').type('x').press('Esc');

    expect(screenOf(choosing)).toMatchObject({ name: 'review', phase: { stage: { kind: 'choose' } } });
    expect(topScreen(choosing.press('Esc').state).name).toBe('study');
  });
});

describe('a review that wants the name', () => {
  it('starts for the whole name and Enter, and for nothing else', () => {
    const asking = reviewed(opened('R'));

    expect(starts(asking.press('Enter').type('trust-gam').press('Enter'))).toEqual([]);
    const typed = asking.type('trust-game');
    expect(commandOf(typed.state, screenOf(typed))).toBe('oforest reset trust-game --confirm trust-game');
    expect(starts(typed.press('Enter'))).toEqual([{ people: { kind: 'refuse' }, typed: 'trust-game' }]);
  });

  it('takes no name that was pasted', () => {
    expect(starts(reviewed(opened('R')).paste('trust-game').press('Enter'))).toEqual([]);
    expect(starts(reviewed(opened('R')).type('trust-').paste('game').press('Enter'))).toEqual([]);
  });

  it('takes no name that was pasted in a terminal that does not say so, and says why', () => {
    const pasted = reviewed(opened('R')).pasteAsKeys('trust-game\r');

    expect(starts(pasted)).toEqual([]);
    expect(shown(pasted)).toContain('This is typed letter by letter, not pasted.');
    expect(starts(reviewed(opened('R')).pasteAsKeys('trust-game').press('Enter'))).toEqual([]);
    expect(starts(reviewed(opened('R')).type('trust-').pasteAsKeys('game').press('Enter'))).toEqual([]);
  });

  it('takes letters that a slow line delivers together', () => {
    const typed = ['tru', 'st-', 'ga', 'me'].reduce((walk, some) => walk.pasteAsKeys(some), reviewed(opened('R')));

    expect(starts(typed.press('Enter'))).toHaveLength(1);
  });

  it('takes a reason that was pasted', () => {
    const asked = reviewed(opened('t'), { people: 24 }).press('Down', 'Enter');

    expect(starts(asked.pasteAsKeys('the server burns\r'))).toEqual([
      { people: { kind: 'interrupt', reason: 'the server burns' }, typed: undefined },
    ]);
  });

  it('asks about people first, and then for the name', () => {
    const named = reviewed(opened('X'), { people: 3 }).press('Enter');

    expect(starts(named)).toEqual([]);
    expect(starts(named.type('trust-game').press('Enter'))).toEqual([
      { people: { kind: 'wait' }, typed: 'trust-game' },
    ]);
  });

  it('says what is lost and what is kept', () => {
    const reset = shown(reviewed(opened('R'), { review: { work: { kind: 'reset' } } }));
    expect(reset).toMatch(/Erased +all sessions and answers that trust-game holds now/);
    expect(reset).toMatch(/Kept +the program \(v3\), the address/);
    expect(reset).toMatch(/Way back +for 14 days/);

    const work = { kind: 'delete', until: '2026-12-21T00:00:00Z' } as const;
    expect(shown(reviewed(opened('X'), { review: { work } }))).toContain('until 2026-12-21');
  });

  it.each([
    [{ sessions: 3, participants: 1_260 }, 'Erased +3 sessions with 1,260 participants, all that'],
    [{ sessions: 1, participants: 1 }, 'Erased +1 session with 1 participant, all'],
    [{ sessions: 0, participants: 0 }, 'Erased +nothing: trust-game holds no session now'],
  ])('says in numbers what is lost: %j', (held, told) => {
    const reset = reviewed(opened('R'), { review: { work: { kind: 'reset' }, held } });

    expect(shown(reset)).toMatch(new RegExp(told));
  });
});

describe('what is lost and kept', () => {
  const held = { sessions: 3, participants: 1_260 };
  const work = { kind: 'reset' } as const;
  const asking = (columns: number, rows: number, people = 0) =>
    reviewed(walkFrom(aTuiState({ studies: [study], size: { columns, rows } })).press('Enter', 'R'), {
      people,
      review: { work, held },
    });
  /** Everything that was shown on the way to the end. */
  const readOn = (walk: Walk, seen = ''): string => {
    const next = walk.press('PgDn');
    const all = seen + shown(walk);
    return next.state.screens.at(-1) === walk.state.screens.at(-1) || shown(next) === shown(walk)
      ? all
      : readOn(next, all);
  };

  it.each([
    [40, 8],
    [40, 10],
    [60, 15],
    [80, 24],
    [120, 40],
  ])('can be read to its end, and says where there is more, at %i columns and %i rows', (columns, rows) => {
    const walk = asking(columns, rows);
    const all = readOn(walk).replaceAll(/[\s┃]+/g, ' ');

    for (const part of ['Erased', '1,260', 'Kept', 'Backup', 'Way back', 'you asked for it'])
      expect(all).toContain(part);
    expect(shown(walk).includes('PgDn')).toBe(!shown(walk).includes('you asked for it'));
    expect(shown(walk).includes('PgDn')).toBe(columns < 120);
  });

  it('is what a long plan goes on with, and comes back to', () => {
    const plan = Array.from({ length: 40 }, (_, index) => ({
      ...({ action: 'update', subject: 'web', name: `web-${index}`, because: 'asked', interrupts: false } as const),
    }));
    const walk = reviewed(opened('R'), { review: { plan, work, held } });

    expect(shown(walk)).toMatch(/… \d+ more lines: PgDn/);
    const last = walk.press('PgDn', 'PgDn', 'PgDn', 'PgDn', 'PgDn', 'PgDn');
    expect(shown(last)).toContain('web-39');
    expect(shown(last)).toMatch(/… \d+ lines above: PgUp/);
    expect(shown(last.press('PgUp', 'PgUp', 'PgUp', 'PgUp', 'PgUp', 'PgUp'))).toBe(shown(walk));
    expect(shown(walk.press('Down', 'Up'))).toBe(shown(walk));
  });

  it('has to have been on the screen before the name counts', () => {
    const typed = asking(40, 8).type('trust-game');

    expect(shown(typed)).toContain('PgDn first.');
    expect(shown(typed)).not.toContain('Enter confirm');
    expect(starts(typed.press('Enter'))).toEqual([]);
    expect(starts(typed.press('PgDn', 'PgDn', 'Enter'))).toHaveLength(1);
    expect(starts(asking(60, 15).type('trust-game').press('Enter'))).toHaveLength(1);
  });

  it('counts as read where people were asked about before', () => {
    const named = asking(80, 24, 3).press('Enter');

    expect(starts(named.type('trust-game').press('Enter'))).toHaveLength(1);
  });
});

describe('while something is typed', () => {
  it('says of another name that it is another, and that one is not complete', () => {
    const asking = reviewed(opened('R'));

    expect(shown(asking.type('trust-'))).toContain('Not yet: the name is not complete.');
    expect(shown(asking.type('trust-gamex'))).toContain('That is another name, not trust-game.');
    expect(shown(asking.type('dictator'))).toContain('That is another name, not trust-game.');
    expect(shown(asking.type('trust-game'))).toContain('Enter does it.');
  });

  it('names Enter only where it does something', () => {
    const name = reviewed(opened('R'));
    expect(shown(name.type('trust-gam'))).not.toContain('Enter confirm');
    expect(shown(name.type('trust-game'))).toContain('Enter confirm');

    const reason = reviewed(opened('t'), { people: 2 }).press('Down', 'Enter');
    expect(shown(reason.type(' '))).not.toContain('Enter confirm');
    expect(shown(reason.type('fire'))).toContain('Enter confirm');
  });
});

describe('what one decides by', () => {
  const image = 'registry.test/lab/trust-game:v4';
  const update = { action: 'update', subject: 'web', name: 'trust-game_web', because: 'x', interrupts: true } as const;
  const runs = { kind: 'run-release', state: { imageGiven: image }, source: undefined, addColumns: false };
  const toRun = (more: object = {}, review: object = {}) =>
    ({ plan: [update], work: { ...runs, ...more }, ...review }) as never;

  it('comes first: the release, the data, the pause and the time it took', () => {
    const took = { startedAt: '2026-11-20T13:00:00Z', endedAt: '2026-11-20T13:00:25Z' };
    const activity = [{ operation: 'op', stack, verb: 'stop', state: 'succeeded', ...took }] as never;
    const begun = walkFrom(aTuiState({ studies: [study], activity })).press('Enter', 't');
    const text = shown(reviewed(begun, { review: toRun({}, { fit: 'fits' }) }));

    expect(text).toMatch(/Release +v3 → v4\n/);
    expect(text).toMatch(/Data +kept\. Its tables and pages are those of the data\./);
    expect(text).toMatch(/Pause +about 5 s/);
    expect(text).toMatch(/Takes +about 25 s, as the last stop did\./);
    expect(text.indexOf('Takes')).toBeLessThan(text.indexOf('! update oTree'));
  });

  it('says which release a new one is again, and invents no time', () => {
    const text = shown(reviewed(opened('t'), { review: toRun({ source: 1 }) }));

    expect(text).toContain('v3 → v4, which is v1 again');
    expect(text).not.toContain('Takes');
  });

  it('is one line for all that a new study makes', () => {
    const made = [
      ...['network', 'db'].map((subject) => ({ subject, name: subject })),
      ...Array.from({ length: 5 }, (_, index) => ({ subject: 'secret', name: `SECRET_${index}` })),
    ].map((change) => ({ ...change, action: 'create', because: 'it is not there', interrupts: false }));
    const create = { ...update, action: 'create', interrupts: false };
    const review = { plan: [...made, create], work: runs, before: { stopped: false }, becomes: 1, serving: undefined };
    const text = shown(reviewed(opened('t'), { review: review as never }));

    expect(text).toMatch(/Release +v1\n/);
    expect(text).toMatch(/Makes +a database, a network and 5 passwords of its own\./);
    expect(text).not.toMatch(/SECRET|the network|Data/);
    expect(text).toContain('create oTree');
  });
});

describe('what others do to the study', () => {
  it('is shown before it is ended: what was interrupted is finished only when asked', () => {
    const walk = reviewed(opened('t'), { review: { interrupted: holder } });

    expect(shown(walk)).toContain('The deployment by anna@laptop (SSH, not verified) was interrupted.');
    expect(effectsOf(walk, 'review').map(({ others }) => others)).toEqual(['show']);
    expect(lastReview(walk.press('Enter')).others).toBe('wait');
    expect(starts(walk.press('Enter', 'Enter'))).toEqual([]);
  });

  it('can be waited for, as --wait does', () => {
    const walk = reviewed(opened('t'), { review: { running: holder } });

    expect(shown(walk)).toContain('anna@laptop (SSH, not verified) is at work on it: deployment.');
    expect(commandOf(walk.state, screenOf(walk))).toBe('oforest stop trust-game --wait');
    expect(lastReview(walk.press('Enter')).others).toBe('wait');
  });

  it('keeps the name from being asked for before it is over', () => {
    expect(screenOf(reviewed(opened('X'), { review: { running: holder } }))).toMatchObject({
      phase: { stage: { kind: 'choose' } },
    });
  });
});

describe('a review that was refused', () => {
  const asked = { verb: 'stop', study: { experiment, environment, stack } };

  it('looks again at the same', () => {
    const walk = refused(opened('t'), { code: 'registry-unreachable' }).press('Enter');

    expect(lastReview(walk).asked).toEqual(asked);
  });

  it('for open pages offers not to count them, and asks all over again', () => {
    const walk = refused(reviewed(opened('t')).press('Enter'), { code: 'open-pages-present' }).press('Down');
    expect(commandOf(walk.state, screenOf(walk))).toBe('oforest stop trust-game --ignore-open-pages');

    const again = walk.press('Enter');
    expect(lastReview(again).asked).toEqual({ ...asked, ignoreOpenPages: true });
    expect(starts(reviewed(again))).toHaveLength(1);
    expect(starts(reviewed(again).press('Enter'))).toHaveLength(2);
  });

  it('for people who were found later asks about them, though a glance shows nobody', () => {
    const walk = refused(reviewed(opened('t')).press('Enter'), { code: 'participants-present' }).press('Down', 'Enter');
    const again = reviewed(walk, { people: 0 });

    expect(shown(again)).toContain('Somebody was found there a moment ago.');
    expect(starts(again.press('Enter')).at(-1)?.people).toEqual({ kind: 'wait' });
  });

  it('offers no exception for a reason that has none', () => {
    const walk = refused(opened('t'), { code: 'slot-booked' });

    expect(shown(walk)).not.toMatch(/count|interrupt|Add the missing/);
  });
});
