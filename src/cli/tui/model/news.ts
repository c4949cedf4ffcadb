import {
  type Activity,
  type ErrorFacts,
  type ExperimentSummary,
  exitCodeOf,
  isDown,
  noProgress,
  nounOfVerb,
  type PeopleSeen,
  type Review,
} from '../../../core/index.ts';
import type { Effect } from './effects.ts';
import { withTourSteps } from './first-run.ts';
import type { News } from './messages.ts';
import { askAnew, type Next, nextSerial, readStudy, stay, withScreen } from './next.ts';
import { isRunning } from './screens/activity.ts';
import { readWhatChanged, withBackups } from './screens/backups.ts';
import { askedToStop } from './screens/cancel.ts';
import { lookWhileEmpty } from './screens/check.ts';
import { withSaved, withTried, withUnsaved } from './screens/connect.ts';
import { withLines } from './screens/logs.ts';
import { askPassphrase } from './screens/passphrase.ts';
import { withPhase } from './screens/prepare.ts';
import { type ProgressScreen, watching, watchStarted, withEvent } from './screens/progress.ts';
import { countOf, refusedReview, settledReview, withReview } from './screens/review.ts';
import { addressed } from './shown-server.ts';
import { type Busy, findStudy, type Screen, type Study, type StudyDetails, type TuiState, topScreen } from './state.ts';
import { findWait, type Wait, withoutWait } from './waits.ts';

/** What the server tells, put where it is shown. News for a screen that was closed meanwhile is dropped. */
export function hear(state: TuiState, told: News): Next {
  const news = addressed(told, state);
  switch (news.kind) {
    case 'linked':
      return stay({ ...state, link: news.link });
    case 'remembered':
      return stay(state.studies ? state : { ...state, studies: merge(news.studies, state), asOf: news.asOf });
    case 'compared':
      return compared(state, news);
    case 'people-seen':
      return stay(withPeople(state, news.people));
    case 'study-read': {
      const { stack, status, releases, people } = news;
      const { log } = state.details[stack] ?? nothingRead;
      const details = { status, releases, people: people?.sentence, ...(log && { log }) };
      return stay({ ...state, details: { ...state.details, [stack]: details } });
    }
    case 'log-glanced': {
      const { stack, lines } = news;
      // Nothing but probes since: what was there is still the last that was said.
      if (lines.length === 0) return stay(state);
      const details = { ...(state.details[stack] ?? nothingRead), log: lines };
      return stay({ ...state, details: { ...state.details, [stack]: details } });
    }
    case 'study-unread': {
      const { stack, error } = news;
      const details = { ...(state.details[stack] ?? nothingRead), error };
      // Of a server that is gone the line at the top tells.
      const failure = exitCodeOf(error) === 6 ? state.failure : error;
      return stay({ ...state, details: { ...state.details, [stack]: details }, failure });
    }
    case 'backups-read':
      return stay(withBackups(state, news.stack, { kind: 'read', list: news.list }));
    case 'backups-unread':
      return stay(withBackups(state, news.stack, { kind: 'failed', error: news.error }));
    case 'links-read':
    case 'links-unread': {
      const found =
        news.kind === 'links-read' ? ({ ...news, kind: 'read' } as const) : ({ ...news, kind: 'failed' } as const);
      return stay(
        withScreen(state, { name: 'links', serial: news.serial }, (screen) => ({ ...screen, isLooking: false, found })),
      );
    }
    case 'admin-read':
    case 'admin-unread': {
      const found =
        news.kind === 'admin-read' ? ({ ...news, kind: 'read' } as const) : ({ ...news, kind: 'failed' } as const);
      return stay(withScreen(state, { name: 'admin', serial: news.serial }, (screen) => ({ ...screen, found })));
    }
    case 'exporting':
      return stay(
        withScreen(state, { name: 'export', serial: news.serial }, (screen) => ({ ...screen, phase: news.phase })),
      );
    case 'checked':
      return stay({ ...state, serverLook: { isLooking: false, found: { ...news, kind: 'report', at: state.now } } });
    case 'unchecked':
      return stay({ ...state, serverLook: { isLooking: false, found: { ...news, kind: 'failed', at: state.now } } });
    case 'reviewed': {
      const wait = findWait(state, news.serial);
      if (wait) return waitSettled(state, wait, news.review);
      return askAnew(state, { name: 'review', serial: news.serial }, (screen) =>
        withReview(screen, news.review, news.people),
      );
    }
    case 'refused': {
      const wait = findWait(state, news.serial);
      if (wait) return waitRefused(state, wait, news.error);
      return stay(
        withScreen(state, { name: 'review', serial: news.serial }, (screen) => ({
          ...screen,
          phase: { kind: 'refused', error: news.error },
          waitingFor: undefined,
        })),
      );
    }
    case 'waiting': {
      const wait = findWait(state, news.serial);
      if (wait) return stay(withWait(state, { ...wait, told: news.sentence }));
      return stay(
        withScreen(state, { name: 'review', serial: news.serial }, (screen) => ({
          ...screen,
          waitingFor: news.sentence,
        })),
      );
    }
    case 'started':
      return started(state, news);
    case 'event':
      return stay(happened(state, news));
    case 'log-lines':
      return stay(withScreen(state, { name: 'logs', serial: news.serial }, (screen) => withLines(screen, news.lines)));
    case 'log-feed':
      return stay(
        withScreen(state, { name: 'logs', serial: news.serial }, (screen) => ({
          ...screen,
          feeds: { ...screen.feeds, [news.part]: news.feed },
        })),
      );
    case 'servers-listed':
      return stay(
        withScreen({ ...state, usualServer: news.usual }, { name: 'servers', serial: news.serial }, (screen) => ({
          ...screen,
          servers: news.servers,
        })),
      );
    case 'preparing':
      return withPhase(
        news.phase.kind === 'prepared' ? { ...state, serverLook: { isLooking: false, found: undefined } } : state,
        news,
        news.phase,
      );
    case 'tried':
      return withTried(state, news);
    case 'server-saved':
      return withSaved(state, news);
    case 'server-unsaved':
      return withUnsaved({ ...state, failure: news.error }, news);
    case 'passphrase-wanted':
      return askPassphrase(state, news);
    case 'passphrase-unwanted':
      return stay({
        ...state,
        screens: state.screens.filter((one) => one.name !== 'passphrase' || one.question !== news.question),
      });
    case 'said':
      return stay({ ...state, notice: news.text });
    case 'failed':
      return stay({ ...state, failure: news.error });
  }
}

/** Whoever saw an operation end does not wait for the next comparison to hear that nobody is at work any more. */
function happened(state: TuiState, { serial, event }: Extract<News, { kind: 'event' }>): TuiState {
  const after = withScreen(state, { name: 'progress', serial }, (screen) => withEvent(screen, event));
  const ended = after.screens.find(
    (screen): screen is ProgressScreen => screen.name === 'progress' && screen.serial === serial,
  );
  if (ended?.progress.end === undefined) return after;
  const studies = after.studies?.map((study) =>
    study.busy?.operation === ended.operation ? { ...study, busy: undefined } : study,
  );
  return withoutAsked({ ...after, studies });
}

/** Whoever asked something to stop sees that it did. */
function withoutAsked(state: TuiState): TuiState {
  return state.notice === askedToStop ? { ...state, notice: undefined } : state;
}

/** What was read of the study says the same from now on. */
function withPeople(state: TuiState, seen: PeopleSeen): TuiState {
  const { stack, known, sentence } = seen;
  const people = known ? countOf(seen) : undefined;
  const before = findStudy(state, stack);
  if (before === undefined) return state;
  const read = state.details[stack];
  const isOld = read?.people !== undefined && read.people !== sentence;
  if (before.people === people && !isOld) return state;
  return {
    ...state,
    studies: state.studies?.map((study) => (study === before ? { ...study, people } : study)),
    ...(read && isOld && { details: { ...state.details, [stack]: { ...read, people: sentence } } }),
  };
}

const nothingRead: StudyDetails = { status: undefined, releases: [], people: undefined };

/** The window watches what it started, unless the person has gone on to something else. */
function started(state: TuiState, { serial, operation, where }: Extract<News, { kind: 'started' }>): Next {
  const wait = findWait(state, serial);
  if (wait) return waitStarted(state, wait, { operation, where });
  const top = topScreen(state);
  if (top.name !== 'review' || top.serial !== serial) return stay(state, { kind: 'look-again' });
  const { asked } = top;
  return watchStarted(state, { operation, stack: asked.study.stack, verb: asked.verb, where, asked });
}

function withWait(state: TuiState, changed: Wait): TuiState {
  return { ...state, waits: state.waits.map((wait) => (wait.id === changed.id ? changed : wait)) };
}

/** Nobody was in the way any more. Whoever still looks at the wait watches what began; others are told. */
function waitStarted(state: TuiState, wait: Wait, begun: Pick<ProgressScreen, 'operation' | 'where'>): Next {
  const { id, stack, verb, asked } = wait;
  const ended = withoutWait(state, id);
  const serial = nextSerial(ended);
  const follow = { kind: 'follow', serial, operation: begun.operation } as const;
  const shown = inPlaceOfWait(ended, id, watching({ ...begun, stack, verb, asked }, serial), follow);
  const notice = `Nobody is in a session of ${stack} any more: the ${nounOfVerb(verb)} has begun.`;
  return shown ?? stay({ ...ended, notice }, { kind: 'look-again' });
}

function waitRefused(state: TuiState, { id, asked }: Wait, error: ErrorFacts): Next {
  const ended = withoutWait(state, id);
  return inPlaceOfWait(ended, id, refusedReview(asked, error, nextSerial(ended))) ?? stay({ ...ended, failure: error });
}

/** There is nothing left to do: somebody else did it meanwhile. */
function waitSettled(state: TuiState, { id, asked, verb, stack }: Wait, review: Review): Next {
  const ended = withoutWait(state, id);
  const notice = `The ${nounOfVerb(verb)} of ${stack} is not needed any more: it is already as asked.`;
  return inPlaceOfWait(ended, id, settledReview(asked, review, nextSerial(ended))) ?? stay({ ...ended, notice });
}

/** Undefined where the wait is on no screen. */
function inPlaceOfWait(state: TuiState, id: number, screen: Screen, ...effects: readonly Effect[]): Next | undefined {
  const isOf = (open: Screen) => open.name === 'wait' && open.wait === id;
  if (!state.screens.some(isOf)) return undefined;
  const screens = state.screens.map((open) => (isOf(open) ? screen : open));
  return stay({ ...state, opened: screen.serial, screens }, ...effects);
}

/** The truth again. What is open reads anew what it shows of it; who watched an operation watches on. */
function compared(before: TuiState, { studies, activity, at }: Extract<News, { kind: 'compared' }>): Next {
  const state = withTourSteps(before, activity);
  const wasAway = state.link.kind === 'offline';
  const watching = state.screens.filter(
    (screen): screen is ProgressScreen => wasAway && screen.name === 'progress' && screen.progress.end === undefined,
  );
  const isWatching = (screen: Screen) => watching.some(({ serial }) => serial === screen.serial);
  const top = topScreen(state);
  const stacks = new Set(studies.map(({ stack }) => stack));
  const next: TuiState = {
    ...state,
    details: ofThose(stacks, state.details),
    backups: ofThose(stacks, state.backups),
    studies: merge(studies, { ...state, activity }),
    activity,
    asOf: at,
    link: { kind: 'live' },
    screens: state.screens.map(
      (screen) => (isWatching(screen) ? { ...screen, progress: noProgress } : screen) as Screen,
    ),
  };
  const seen = activity.some(isRunning) ? next : withoutAsked(next);
  const looked = studies.length === 0 ? lookWhileEmpty(seen) : stay(seen);
  const read = readWhatChanged(looked.state, state.activity);
  const effects: readonly Effect[] = [
    ...(top.name === 'study' ? [readStudy(top.stack)] : []),
    ...watching.map(({ serial, operation }) => ({ kind: 'follow', serial, operation }) as const),
  ];
  return { state: read.state, effects: [...looked.effects, ...read.effects, ...effects] };
}

/** What was read of studies that are gone goes with them: a window may be open for weeks. */
function ofThose<Read>(
  stacks: ReadonlySet<string>,
  read: Readonly<Record<string, Read>>,
): Readonly<Record<string, Read>> {
  const kept = Object.entries(read).filter(([stack]) => stacks.has(stack));
  return kept.length === Object.keys(read).length ? read : Object.fromEntries(kept);
}

/**
 * The summaries with what is known beside them: people seen earlier stay until they are seen anew. What did not change is
 * the same object as before, so that nothing is done for it again.
 */
function merge(
  summaries: readonly ExperimentSummary[],
  { studies = [], activity }: Pick<TuiState, 'studies' | 'activity'>,
): readonly Study[] {
  const before = new Map(studies.map((study) => [study.stack, study]));
  const busy = busyStudies(activity);
  const backups = newestBackups(activity);
  const merged = summaries.map((summary): Study => {
    const known = before.get(summary.stack);
    const study = {
      ...summary,
      people: isDown(summary.state) ? undefined : known?.people,
      backedUpAt: later(known?.backedUpAt, backups.get(summary.stack)),
      busy: busy.get(summary.stack),
    };
    return known && isSame(study, known) ? known : study;
  });
  const isUnchanged = merged.length === studies.length && merged.every((study, index) => study === studies[index]);
  return isUnchanged ? studies : merged;
}

function isSame(one: Study, other: Study): boolean {
  const { busy, ...facts } = one;
  return (
    busy?.operation === other.busy?.operation &&
    busy?.step === other.busy?.step &&
    busy?.place?.step === other.busy?.place?.step &&
    busy?.release === other.busy?.release &&
    (Object.keys(facts) as (keyof typeof facts)[]).every((key) => facts[key] === other[key])
  );
}

/** When the newest was made, by stack, as far as the records say. */
function newestBackups(activity: readonly Activity[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { stack, backup } of activity) {
    const at = backup && later(found.get(stack), backup.at);
    if (at !== undefined) found.set(stack, at);
  }
  return found;
}

function later(one: string | undefined, other: string | undefined): string | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return one > other ? one : other;
}

/** The newest of those that run, by stack. */
function busyStudies(activity: readonly Activity[]): ReadonlyMap<string, Busy> {
  const found = new Map<string, Busy>();
  for (const { stack, operation, verb, by, step, place, release } of activity.filter(isRunning))
    if (!found.has(stack)) found.set(stack, { operation, verb, by, step, place, release });
  return found;
}
