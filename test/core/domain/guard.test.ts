import { describe, expect, it } from 'vitest';
import {
  decideGuard,
  describeGuard,
  type GuardFacts,
  isForOpenPagesAlone,
  type PeopleByRow,
} from '../../../src/core/domain/guard.ts';
import { nobody } from '../../support/builders.ts';

type Seen = Partial<Omit<GuardFacts, 'people'>> & { people?: Partial<PeopleByRow> | { unread: string } };

function decide({ people = {}, ...seen }: Seen, policy: Partial<Parameters<typeof decideGuard>[1]> = {}) {
  const facts: GuardFacts = {
    web: 'running',
    database: 'running',
    openPages: 0,
    inRoom: 0,
    people: 'unread' in people ? people : { ...nobody, ...people },
    ...seen,
  };
  return decideGuard(facts, { disturbance: 'interrupt', ignoreOpenPages: false, ...policy });
}

describe('people the database knows', () => {
  it('lets an empty study be changed', () => {
    const decision = decide({});
    expect(decision).toMatchObject({ verdict: 'clear', blocking: [], told: [] });
    expect(describeGuard(decision)).toBe('Nobody is in a session.');
  });

  it('refuses for people on a page, waiting for others and waiting in a room, each counted by itself', () => {
    const decision = decide({ people: { onPage: 3, waiting: 1 }, openPages: 6, inRoom: 2 });
    expect(decision).toMatchObject({
      verdict: 'refused',
      counts: { onPage: 3, waiting: 1, inRoom: 2, openPages: 0 },
      blocking: [
        { kind: 'on-page', count: 3 },
        { kind: 'waiting', count: 1 },
        { kind: 'in-room', count: 2 },
      ],
    });
    expect(describeGuard(decision)).toBe('3 people are on a page, 1 is waiting for others, 2 are waiting in a room.');
  });

  it('refuses for a row alone: a laptop that sleeps holds no page open', () => {
    expect(decide({ people: { onPage: 1 }, openPages: 0 }).verdict).toBe('refused');
  });

  it('still refuses for people when open pages are not to count', () => {
    const decision = decide({ people: { waiting: 1 }, openPages: 3 }, { ignoreOpenPages: true });
    expect(decision.blocking).toEqual([{ kind: 'waiting', count: 1 }]);
  });

  it('counts who has waited long with a page that oTree calls connected, as far as pages are open', () => {
    expect(decide({ people: { waitingConnected: 3 }, openPages: 2 }).counts).toMatchObject({
      waiting: 2,
      openPages: 0,
    });
    expect(decide({ people: { waitingConnected: 3 }, openPages: 0 }).verdict).toBe('clear');
  });

  it('does not tell more open pages beside people: a live page has two, and Traefik keeps some', () => {
    const decision = decide({ people: { onPage: 3 }, openPages: 7 });
    expect(decision.blocking).toEqual([{ kind: 'on-page', count: 3 }]);
    expect(describeGuard(decision)).toBe('3 people are on a page.');
  });
});

describe('pages the database does not call busy', () => {
  it('lets thirty people on the last page be, however long they stay', () => {
    const justThere = decide({ people: { lastPage: 30 }, openPages: 30 });
    expect(justThere).toMatchObject({ verdict: 'clear', told: [{ kind: 'last-page', count: 30 }] });
    expect(describeGuard(justThere)).toBe('30 people are on the last page.');
    const forHours = decide({ people: { lastPageSilent: 30 }, openPages: 30 });
    expect(forHours).toMatchObject({ verdict: 'clear', counts: { lastPage: 30 } });
  });

  it('refuses for a page that nobody in the database explains, and guesses whose it is', () => {
    const decision = decide({ openPages: 1 });
    expect(decision.blocking).toEqual([{ kind: 'open-pages', count: 1 }]);
    expect(isForOpenPagesAlone(decision)).toBe(true);
    expect(describeGuard(decision)).toBe('1 page is open more than the database explains: maybe your own monitor.');
  });

  it('releases such pages when asked to, and says so', () => {
    const decision = decide({ openPages: 2 }, { ignoreOpenPages: true });
    expect(decision).toMatchObject({ verdict: 'clear', told: [{ kind: 'open-pages-ignored', count: 2 }] });
    expect(describeGuard(decision)).toBe('2 pages are open, not counted as you asked.');
  });

  it('refuses for somebody on a live page who has sent nothing for long', () => {
    const decision = decide({ people: { silent: 1 }, openPages: 2 });
    expect(decision.verdict).toBe('refused');
    expect(describeGuard(decision)).toContain('somebody who reads or talks in silence (1 person could be)');
  });

  it('does not let tabs of people who have closed theirs hide somebody silent', () => {
    expect(decide({ people: { silent: 2, lastPageSilent: 50, apart: 4 }, openPages: 2 }).counts.openPages).toBe(2);
  });

  it('lets people who left without a page open be', () => {
    expect(decide({ people: { silent: 12 }, openPages: 0 }).verdict).toBe('clear');
  });

  it('takes open pages of demo sessions and bots for theirs', () => {
    expect(decide({ people: { apart: 2 }, openPages: 2 }).verdict).toBe('clear');
    expect(decide({ people: { apart: 2 }, openPages: 3 }).counts.openPages).toBe(1);
  });

  it('names people in a room as a guess where oTree did not say', () => {
    const decision = decide({ openPages: 1, inRoom: undefined });
    expect(decision.verdict).toBe('refused');
    expect(describeGuard(decision)).toContain('or somebody waiting in a room');
  });

  it('is not about open pages alone where people block too', () => {
    expect(isForOpenPagesAlone(decide({ people: { waiting: 1 }, openPages: 4 }))).toBe(false);
    expect(isForOpenPagesAlone(decide({}))).toBe(false);
  });
});

describe('what cannot be read', () => {
  it('refuses where the database cannot be asked while oTree runs', () => {
    const decision = decide({ people: { unread: 'The database answers: too many clients.' } });
    expect(decision).toMatchObject({ verdict: 'unreadable', why: 'The database answers: too many clients.' });
    expect(describeGuard(decision)).toBe(
      'Whether people are in a session cannot be read: The database answers: too many clients.',
    );
  });

  it('refuses where only the open pages cannot be read, unless people are known to be there', () => {
    const openPages = { unread: 'Its node is out of reach.' };
    expect(decide({ openPages }).verdict).toBe('unreadable');
    expect(decide({ openPages, people: { onPage: 1 } }).verdict).toBe('refused');
    expect(decide({ openPages }, { ignoreOpenPages: true }).verdict).toBe('unreadable');
  });

  it('refuses where the database is down under a running oTree', () => {
    expect(decide({ database: 'down', people: { unread: 'It does not run.' } }).verdict).toBe('unreadable');
  });
});

describe('a study that is down', () => {
  it('lets the fix of a failing oTree through, and tells who was there', () => {
    const decision = decide({ web: 'failing', people: { onPage: 4, waiting: 1 } });
    expect(decision).toMatchObject({ verdict: 'clear', told: [{ kind: 'before-failure', count: 5 }] });
    expect(describeGuard(decision)).toBe('oTree keeps failing; 5 people were in a session before.');
  });

  it('lets the fix through where the database cannot be asked either', () => {
    expect(decide({ web: 'failing', people: { unread: 'It hangs.' } }).verdict).toBe('clear');
  });

  it('does not let the data of people who were just there be erased', () => {
    const people = { onPage: 4 };
    for (const web of ['failing', 'stopped', 'restarting'] as const)
      expect(decide({ web, people }, { disturbance: 'erase' }).verdict).toBe('refused');
    expect(decide({ web: 'failing', people: { unread: 'It hangs.' } }, { disturbance: 'erase' }).verdict).toBe(
      'unreadable',
    );
  });

  it('holds for people whose oTree crashed once and is coming back', () => {
    expect(decide({ web: 'restarting', people: { onPage: 1 } }).verdict).toBe('refused');
  });

  it('lets a stopped study be started or changed, and tells who was there shortly before', () => {
    expect(decide({ web: 'stopped', people: { onPage: 1 } })).toMatchObject({
      verdict: 'clear',
      told: [{ kind: 'before-stop', count: 1 }],
    });
    expect(describeGuard(decide({ web: 'stopped' }))).toBe('Nobody is in a session.');
  });

  it('allows everything where neither oTree nor its database runs, and says so', () => {
    for (const disturbance of ['interrupt', 'erase'] as const) {
      const decision = decide({ web: 'failing', database: 'down', people: { unread: 'Down.' } }, { disturbance });
      expect(decision.verdict).toBe('clear');
      expect(describeGuard(decision)).toBe('Neither oTree nor its database runs, so nobody is in a session.');
    }
  });

  it('allows a first deployment', () => {
    expect(decide({ web: 'absent', database: 'absent', people: { unread: 'None.' } }).verdict).toBe('clear');
  });
});
