/** Minutes after which a silent participant no longer counts by their row alone. An open page counts without end. */
export const defaultIdleMinutes = 10;

/** What would happen to people: their page goes away for seconds, or what they answered goes. */
export type Disturbance = 'interrupt' | 'erase';

/**
 * What was seen, for `decideGuard`. `failing`: no oTree that holds, so nobody can be in a session; `restarting`: gone
 * for less than a minute, people may come back; `stopped`: at zero because somebody wanted it.
 */
export interface GuardFacts {
  readonly web: 'running' | 'restarting' | 'failing' | 'stopped' | 'absent';
  readonly database: 'running' | 'down' | 'absent';
  readonly people: PeopleByRow | Unread;
  /** Connections to oTree that hold a page open; 0 while web does not run. */
  readonly openPages: number | Unread;
  /** People waiting for a room's session, as oTree itself says; undefined when it was not asked or does not say. */
  readonly inRoom: number | undefined;
}

/** Why something could not be read, one sentence. */
export interface Unread {
  readonly unread: string;
}

/** As the database has them (`ParticipantCounts`). */
export interface PeopleByRow {
  readonly onPage: number;
  readonly waiting: number;
  readonly waitingConnected: number;
  readonly lastPage: number;
  readonly lastPageSilent: number;
  readonly silent: number;
  readonly apart: number;
}

export type GuardCounts = Readonly<Record<'onPage' | 'waiting' | 'inRoom' | 'lastPage' | 'openPages', number>>;

/** How many people are in a session, as every answer and event says it. */
export type PeopleTold = GuardCounts & {
  /** False when it could not be read: then the counts are 0 and the sentence says why. */
  readonly known: boolean;
  readonly sentence: string;
};

export interface Blocking {
  readonly kind: 'on-page' | 'waiting' | 'in-room' | 'open-pages';
  readonly count: number;
}

/** What does not stand in the way, but should be known. */
export interface Told {
  readonly kind:
    | 'last-page'
    | 'open-pages-ignored'
    | 'silent'
    | 'rooms-unknown'
    | 'before-failure'
    | 'before-stop'
    | 'nothing-runs';
  readonly count: number;
}

export interface GuardDecision {
  readonly verdict: 'clear' | 'refused' | 'unreadable';
  readonly counts: GuardCounts;
  /** Empty unless refused. */
  readonly blocking: readonly Blocking[];
  readonly told: readonly Told[];
  /** Why nothing could be decided; set when unreadable. */
  readonly why?: string;
}

const nobody: PeopleByRow = {
  onPage: 0,
  waiting: 0,
  waitingConnected: 0,
  lastPage: 0,
  lastPageSilent: 0,
  silent: 0,
  apart: 0,
};
const nobodyCounted: GuardCounts = { onPage: 0, waiting: 0, inRoom: 0, lastPage: 0, openPages: 0 };

/**
 * Whether people stand in the way. Fails closed: what cannot be read refuses, except where nobody can be in a session.
 *
 * While web is failing, rows that moved just before it broke do not block an interruption: nobody can lose a page that
 * no longer answers, and the deployment that waits is their fix. They are told. They do block what erases, because their
 * answers are still there.
 */
export function decideGuard(
  facts: GuardFacts,
  { disturbance, ignoreOpenPages }: { disturbance: Disturbance; ignoreOpenPages: boolean },
): GuardDecision {
  const { web, database, people, openPages } = facts;
  if (database === 'absent') return clear(nobodyCounted);
  const webIsDown = web === 'failing' || web === 'stopped' || web === 'absent';
  if (database === 'down' && webIsDown) return clear(nobodyCounted, [{ kind: 'nothing-runs', count: 0 }]);
  if (webIsDown && disturbance === 'interrupt') {
    const counts = countPeople(isUnread(people) ? nobody : people, 0, 0);
    const before = {
      kind: web === 'failing' ? 'before-failure' : 'before-stop',
      count: blockingPeople(counts),
    } as const;
    return clear(counts, before.count > 0 || web === 'failing' ? [before] : []);
  }
  if (isUnread(people)) return unreadable(people.unread);

  const seen = countPeople(people, isUnread(openPages) ? 0 : openPages, facts.inRoom ?? 0);
  if (isUnread(openPages) && blockingPeople(seen) === 0) return unreadable(openPages.unread, seen);
  // Beside people, more connections say nothing: a live page has two, and requests are under way.
  const counts = blockingPeople(seen) > 0 ? { ...seen, openPages: 0 } : seen;
  const blocking = blockingOf(ignoreOpenPages ? { ...counts, openPages: 0 } : counts);
  const told = toldOf(counts, { people, ignoreOpenPages, roomsAreKnown: facts.inRoom !== undefined });
  return blocking.length === 0 ? clear(counts, told) : { verdict: 'refused', counts, blocking, told };
}

/** Whether nothing but connections stands in the way: they may be requests that are under way. */
export function isForOpenPagesAlone({ blocking }: Pick<GuardDecision, 'blocking'>): boolean {
  return blocking.length > 0 && blocking.every(({ kind }) => kind === 'open-pages');
}

/**
 * Shares the open pages out. First to those the database knows to be there, then to people in a room. What is left may
 * belong to somebody silent (a live page sends no requests), so they come before those whose pages do no harm: whoever
 * is on the last page, in a demo, or a bot. What is left then is nobody the database knows: the researcher's monitor.
 */
function countPeople(people: PeopleByRow, openPages: number, inRoom: number): GuardCounts {
  const moving = people.onPage + people.waiting;
  const beyondMoving = atLeastZero(openPages - moving);
  const stillWaiting = Math.min(people.waitingConnected, beyondMoving);
  const left = atLeastZero(beyondMoving - stillWaiting - inRoom);
  const ofSilent = Math.min(left, people.silent);
  const onLastPage = people.lastPage + people.lastPageSilent;
  const ofNobody = atLeastZero(left - ofSilent - onLastPage - people.apart);
  return {
    onPage: people.onPage,
    waiting: people.waiting + stillWaiting,
    inRoom,
    lastPage: people.lastPage + Math.min(people.lastPageSilent, atLeastZero(left - ofSilent - people.lastPage)),
    openPages: ofSilent + ofNobody,
  };
}

function blockingOf({ onPage, waiting, inRoom, openPages }: GuardCounts): Blocking[] {
  const all: Blocking[] = [
    { kind: 'on-page', count: onPage },
    { kind: 'waiting', count: waiting },
    { kind: 'in-room', count: inRoom },
    { kind: 'open-pages', count: openPages },
  ];
  return all.filter(({ count }) => count > 0);
}

function toldOf(
  { lastPage, openPages }: GuardCounts,
  { people, ignoreOpenPages, roomsAreKnown }: { people: PeopleByRow; ignoreOpenPages: boolean; roomsAreKnown: boolean },
): Told[] {
  const all: Told[] = [
    { kind: 'last-page', count: lastPage },
    { kind: 'open-pages-ignored', count: ignoreOpenPages ? openPages : 0 },
    { kind: 'silent', count: openPages > 0 ? people.silent : 0 },
    { kind: 'rooms-unknown', count: roomsAreKnown ? 0 : openPages },
  ];
  return all.filter(({ count }) => count > 0);
}

function clear(counts: GuardCounts, told: readonly Told[] = []): GuardDecision {
  return { verdict: 'clear', counts, blocking: [], told };
}

function unreadable(why: string, counts = nobodyCounted): GuardDecision {
  return { verdict: 'unreadable', counts, blocking: [], told: [], why };
}

const blockingPeople = ({ onPage, waiting, inRoom }: GuardCounts) => onPage + waiting + inRoom;
const atLeastZero = (count: number) => Math.max(0, count);
const isUnread = (seen: number | PeopleByRow | Unread): seen is Unread => typeof seen === 'object' && 'unread' in seen;

/** The decision in plain sentences: "3 people are on a page, 1 is waiting for others." */
export function describeGuard({ verdict, counts, told, why }: GuardDecision): string {
  if (verdict === 'unreadable') return `Whether people are in a session cannot be read: ${why}`;
  const ofNote = (kind: Told['kind']) => told.find((note) => note.kind === kind);
  const isBefore = told.some(({ kind }) => kind === 'before-failure' || kind === 'before-stop');
  const sentences = [
    isBefore ? '' : describePeople(counts),
    ofNote('open-pages-ignored') ? '' : describeOpenPages(counts.openPages, told),
    ...told.map(describeNote),
  ].filter(Boolean);
  return sentences.length > 0 ? sentences.join(' ') : 'Nobody is in a session.';
}

function describePeople({ onPage, waiting, inRoom }: GuardCounts): string {
  const parts = [
    { count: onPage, where: 'on a page' },
    { count: waiting, where: 'waiting for others' },
    { count: inRoom, where: 'waiting in a room' },
  ].filter(({ count }) => count > 0);
  const words = parts.map(({ count, where }, index) => `${index === 0 ? people(count) : count} ${are(count)} ${where}`);
  return words.length > 0 ? `${words.join(', ')}.` : '';
}

function describeOpenPages(count: number, told: readonly Told[]): string {
  if (count === 0) return '';
  const silent = told.find(({ kind }) => kind === 'silent')?.count ?? 0;
  const guesses = [
    'your own monitor',
    ...(silent > 0 ? [`somebody who reads or talks in silence (${people(silent)} could be)`] : []),
    ...(told.some(({ kind }) => kind === 'rooms-unknown') ? ['somebody waiting in a room'] : []),
  ];
  return `${openPages(count)} more than the database explains: maybe ${guesses.join(', or ')}.`;
}

function describeNote({ kind, count }: Told): string {
  switch (kind) {
    case 'last-page':
      return `${people(count)} ${are(count)} on the last page.`;
    case 'open-pages-ignored':
      return `${openPages(count)}, not counted as you asked.`;
    case 'before-failure':
      return count > 0
        ? `oTree keeps failing; ${people(count)} ${count === 1 ? 'was' : 'were'} in a session before.`
        : 'oTree keeps failing, so nobody is in a session.';
    case 'before-stop':
      return `oTree is stopped; ${people(count)} ${count === 1 ? 'was' : 'were'} in a session shortly before.`;
    case 'nothing-runs':
      return 'Neither oTree nor its database runs, so nobody is in a session.';
    case 'silent':
    case 'rooms-unknown':
      return '';
  }
}

const are = (count: number) => (count === 1 ? 'is' : 'are');
const people = (count: number) => (count === 1 ? '1 person' : `${count} people`);
const openPages = (count: number) => (count === 1 ? '1 page is open' : `${count} pages are open`);
