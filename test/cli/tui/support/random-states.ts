import { globalBindings } from '../../../../src/cli/tui/model/global-bindings.ts';
import { initialState } from '../../../../src/cli/tui/model/initial-state.ts';
import type { Size } from '../../../../src/cli/tui/model/layout.ts';
import { type NewLine, newLine } from '../../../../src/cli/tui/model/log-lines.ts';
import type { Message } from '../../../../src/cli/tui/model/messages.ts';
import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import type { Tried } from '../../../../src/cli/tui/model/screens/connect.ts';
import type { ExportPhase } from '../../../../src/cli/tui/model/screens/export.ts';
import type { PreparePhase } from '../../../../src/cli/tui/model/screens/prepare.ts';
import { bindingsOf } from '../../../../src/cli/tui/model/screens.ts';
import { type Link, type TuiState, topScreen } from '../../../../src/cli/tui/model/state.ts';
import {
  type BackupList,
  type ErrorFacts,
  type ExperimentStatus,
  type OperationEvent,
  type ParticipantLink,
  type PeopleSeen,
  type PlatformPlan,
  type ReleaseSummary,
  type Review,
  Secret,
  type ServerCheck,
  stepIds,
} from '../../../../src/core/index.ts';
import { anActivity, aRunning } from './activities.ts';
import { aBackup, aBackupList } from './backups.ts';
import { aReview, peopleSeen } from './reviews.ts';
import { aStudy, someNow } from './states.ts';

/** Numbers from 0 to below `limit`, the same for the same seed. */
export type Dice = (limit: number) => number;

export function diceOf(seed: number): Dice {
  let state = seed * 2_654_435_761 + 1;
  return (limit) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) | 0;
    return Math.abs((state ^ (state >>> 13)) % limit);
  };
}

const texts = [
  '',
  'a',
  'trust-game',
  '公共財ゲーム',
  '👩‍🔬 lab 🎲',
  'e\u0301te\u0301',
  'a long sentence that goes on and on, past the end of each of the screens that there are, '.repeat(4),
  'word'.repeat(80),
  '財'.repeat(60),
  'first line\nsecond line\tafter a tab',
  '\u001b[2J\u001b[H\u001b]0;title\u0007 cleared',
  '\u202eright to left \u200b\u00ad hidden',
  '🏳️‍🌈👨‍👩‍👧‍👦',
  '１２３ｆｕｌｌ',
];

/**
 * A state that keys and news can lead to: a walk through the reducer from the start, with keys of the registry and news of
 * what was asked for. So it comes to every screen that there is, those of tomorrow as well.
 */
export function randomState(dice: Dice, size: Size): TuiState {
  let now = someNow;
  let state = initialState({ server: pick(texts, dice), size, now });
  for (let steps = dice(60); steps >= 0; steps -= 1) {
    now += dice(5_000);
    const next = reduce(state, anyMessage(state, dice), now);
    if (next.state.screens.length < 12) state = next.state;
    for (const effect of next.effects) {
      const serial = 'serial' in effect ? effect.serial : topScreen(state).serial;
      const answers = effect.kind === 'review' && dice(2) === 0 ? [readyReview(serial)] : answersTo(serial, dice);
      for (const answer of answers) state = reduce(state, answer, now).state;
    }
    state = reduce(state, { kind: 'drawn', serial: topScreen(state).serial }, now).state;
  }
  return state;
}

function anyMessage(state: TuiState, dice: Dice): Message {
  const { name } = topScreen(state);
  switch (dice(10)) {
    case 0:
      return compared(dice);
    case 1:
      return { kind: 'linked', link: anyLink(dice) };
    case 2:
      return dice(2) === 0 ? { kind: 'said', text: pick(texts, dice) } : { kind: 'failed', error: anyError(dice) };
    case 3:
      return { kind: 'pasted', text: pick(texts, dice) };
    case 4:
      return { kind: 'key', key: pick(['x', '公', 'Space', 'Backspace', 'Left', 'Tab', '/'], dice) };
    default: {
      const keys = [...bindingsOf(name), ...globalBindings].flatMap((binding) => binding.keys);
      return { kind: 'key', key: pick([...keys, 'Enter', 'Enter', 'Enter'], dice) };
    }
  }
}

/** Seldom come to by chance, and what most of the rest begins with. */
function readyReview(serial: number): Message {
  const review = aReview({ verb: 'restart', study: aStudy() });
  return { kind: 'reviewed', serial, review, people: peopleSeen('study-1', 3) };
}

/** Whatever a screen may hear: it takes what is meant for it. */
function answersTo(serial: number, dice: Dice): readonly Message[] {
  const stack = pick(texts, dice);
  const answers: readonly Message[] = [
    compared(dice),
    { kind: 'study-read', stack: 'study-1', status: anyStatus(dice), releases: [], people: anyPeople(dice) },
    { kind: 'study-read', stack: 'study-1', status: anyStatus(dice), releases: anyReleases(dice), people: undefined },
    { kind: 'study-unread', stack: 'study-1', error: anyError(dice) },
    { kind: 'backups-read', stack: 'study-1', list: anyBackups(dice) },
    { kind: 'backups-unread', stack: 'study-1', error: anyError(dice) },
    { kind: 'links-read', serial, links: anyLinks(dice) },
    { kind: 'links-unread', serial, error: anyError(dice) },
    { kind: 'admin-read', serial, access: { url: stack, user: pick(texts, dice), password: new Secret('s3cret') } },
    { kind: 'admin-unread', serial, error: anyError(dice) },
    { kind: 'exporting', serial, phase: anyExport(dice) },
    { kind: 'checked', report: { outcome: 'failed', checks: anyChecks(dice) } },
    { kind: 'unchecked', error: anyError(dice) },
    {
      kind: 'servers-listed',
      serial,
      servers: [
        { name: 'lab', where: stack },
        { name: stack, where: pick(texts, dice) },
      ],
      usual: stack,
    },
    { kind: 'tried', serial, tried: anyTry(dice) },
    { kind: 'preparing', serial, phase: anyPreparing(dice) },
    { kind: 'passphrase-wanted', question: dice(3), file: stack, isAgain: dice(2) === 0 },
    { kind: 'passphrase-unwanted', question: dice(3) },
    { kind: 'people-seen', people: { ...anyPeople(dice), stack: 'study-1' } },
    { kind: 'reviewed', serial, review: anyReview(dice), people: anyPeople(dice) },
    { kind: 'refused', serial, error: anyError(dice) },
    { kind: 'waiting', serial, sentence: stack },
    { kind: 'log-lines', serial, lines: anyLines(dice) },
    { kind: 'log-feed', serial, part: 'web', feed: { kind: 'broken', error: anyError(dice) } },
    { kind: 'started', serial, operation: stack, where: pick(['keeper', 'here'], dice) },
  ];
  const events = Array.from({ length: dice(30) }, (): Message => ({ kind: 'event', serial, event: anyEvent(dice) }));
  return [pick(answers, dice), ...events];
}

function anyExport(dice: Dice): ExportPhase {
  const phases: readonly ExportPhase[] = [
    { kind: 'running', fetched: { done: dice(9_000), total: 9_000 } },
    { kind: 'done', folder: pick(texts, dice), files: dice(9), missing: dice(2) === 0 ? [] : [pick(texts, dice)] },
    { kind: 'failed', error: anyError(dice) },
  ];
  return pick(phases, dice);
}

function anyLinks(dice: Dice): readonly ParticipantLink[] {
  return Array.from({ length: dice(30) }, (_, index) => ({
    ...{ kind: pick(['room', 'session'] as const, dice), name: pick(texts, dice) },
    url: `https://trust-game.lab.test/${index}/${pick(texts, dice)}`,
    tried: pick(['answers', 'does not answer', 'not tried'] as const, dice),
  }));
}

function anyTry(dice: Dice): Tried {
  const outcomes = ['ok', 'attention', 'failed'] as const;
  const checks = outcomes.map((outcome) => ({ outcome, sentence: pick(texts, dice), hint: pick(texts, dice) }));
  const hostKey = { host: pick(texts, dice), fingerprint: pick(texts, dice), knownHostsFile: '', knownHostsLine: '' };
  return { checks, end: pick([undefined, 'failed', 'reached', hostKey], dice) };
}

function anyPreparing(dice: Dice): PreparePhase {
  const notices = [{ code: 'not-encrypted', sentence: pick(texts, dice) }] as const;
  // What it is all made from is drawn nowhere.
  const plan = { changes: anyReview(dice).plan, notices } as unknown as PlatformPlan;
  const phases: readonly PreparePhase[] = [
    { kind: 'planned', plan, cursor: 0 },
    { kind: 'applying', plan, begun: dice(12), waitsFor: pick(texts, dice) },
    { kind: 'failed', error: anyError(dice) },
    { kind: 'prepared', where: pick(texts, dice), wrong: anyChecks(dice) },
  ];
  return pick(phases, dice);
}

function anyReleases(dice: Dice): readonly ReleaseSummary[] {
  return Array.from({ length: dice(30) }, (_, index) => ({
    ...{ release: index + 1, state: pick(['stored', 'applying', 'proven', 'failed'], dice), serving: index === 0 },
    ...{ image: pick(texts, dice), digest: pick(texts, dice), otree: pick(texts, dice), source: dice(9) },
    fits: pick(['fits', 'other-pages', 'other-tables', undefined], dice),
    ...{ author: pick(texts, dice), createdAt: new Date(someNow).toISOString() },
  }));
}

function anyBackups(dice: Dice): BackupList {
  const { verifiedAt: _never, ...unverified } = aBackup();
  const backups = Array.from({ length: dice(30) }, (_, index) => ({
    ...(dice(2) === 0 ? aBackup() : unverified),
    ...{
      id: `backup-${index}`,
      reason: pick(texts, dice),
      image: pick(texts, dice),
      rows: dice(1e9),
      bytes: dice(1e9),
    },
  }));
  const archive = { database: 'otree_a', operation: 'op1', reason: pick(texts, dice), at: 'never', bytes: 0 };
  return aBackupList({ backups, archives: dice(2) === 0 ? [] : [archive] });
}

function anyChecks(dice: Dice): readonly ServerCheck[] {
  const names = ['docker', 'platform', 'closed-page', 'https', 'certificate'] as const;
  return names.map((name) => ({
    ...{ name, outcome: pick(['ok', 'warning', 'failed'], dice), sentence: pick(texts, dice) },
    ...(dice(2) === 0 ? {} : { hint: pick(texts, dice) }),
  }));
}

function anyLines(dice: Dice): readonly NewLine[] {
  return Array.from({ length: dice(90) }, (_, second) =>
    newLine(pick(['web', 'db'], dice), {
      stream: pick(['stdout', 'stderr'], dice),
      at: pick(['', new Date(someNow + second).toISOString()], dice),
      text: pick(texts, dice),
    }),
  );
}

function compared(dice: Dice): Message {
  const studies = Array.from({ length: pick([0, 0, 1, 3, 9, 60], dice) }, (_, index) => ({
    ...{ experiment: index === 0 ? 'study-1' : pick(texts, dice), environment: pick(texts, dice) },
    stack: `study-${index + 1}${index === 0 ? '' : pick(texts, dice)}`,
    state: pick(['running', 'stopped', 'deleted', 'updating', 'going-back'] as const, dice),
    release: pick([0, 1, 14, 99_999], dice),
    ...{ url: `https://${pick(texts, dice)}`, image: pick(texts, dice), owner: pick(texts, dice) },
    changedAt: pick(['', '2026-11-18T09:00:00.000Z', '1999-01-01T00:00:00Z'], dice),
  }));
  const activity = [aRunning({ stack: 'study-1', by: pick(texts, dice), before: 3 }), anActivity()].slice(dice(3));
  return { kind: 'compared', studies, activity, at: someNow };
}

function anyLink(dice: Dice): Link {
  const links: readonly Link[] = [
    { kind: 'connecting', since: someNow },
    { kind: 'live' },
    { kind: 'stale' },
    { kind: 'offline', since: someNow, error: anyError(dice), nextTryAt: someNow + 4_000 },
    { kind: 'offline', since: someNow, error: anyError(dice), nextTryAt: pick(['now', 'when-asked'] as const, dice) },
    { kind: 'stale', error: anyError(dice) },
  ];
  return pick(links, dice);
}

function anyError(dice: Dice): ErrorFacts {
  return {
    code: 'host-unreachable',
    what: pick(texts, dice),
    ...(dice(2) === 0 && { why: pick(texts, dice), now: pick(texts, dice), hint: pick(texts, dice) }),
    ...(dice(2) === 0 && { log: [pick(texts, dice), pick(texts, dice)] }),
  };
}

function anyStatus(dice: Dice): ExperimentStatus {
  return {
    ...{ stack: 'study-1', state: 'running', until: undefined, release: 3, url: pick(texts, dice) },
    image: pick(texts, dice),
    parts: (['web', 'db'] as const).map((part) => ({
      ...{ part, service: pick(texts, dice), task: pick(texts, dice), taskId: 't1', since: '2026-11-18T09:00:00.000Z' },
      ...{ error: pick(texts, dice), node: pick(texts, dice) },
    })),
    ...{ variables: [pick(texts, dice)], secrets: [], operation: undefined, lastOperation: undefined },
  };
}

function anyPeople(dice: Dice): PeopleSeen {
  const counts = { onPage: dice(40), waiting: dice(3), inRoom: 0, lastPage: 1, openPages: 0 };
  return { stack: 'study-1', counts, sentence: pick(texts, dice), known: dice(3) > 0 };
}

function anyReview(dice: Dice): Review {
  const change = () => ({
    ...({ action: 'update', subject: 'web', name: pick(texts, dice), because: pick(texts, dice) } as const),
    interrupts: dice(2) === 0,
  });
  return {
    ...{ stack: 'study-1' as Review['stack'], verb: pick(['deploy', 'reset'], dice), url: pick(texts, dice) },
    becomes: 4,
    plan: Array.from({ length: dice(12) }, change),
    wants: pick(['nothing', 'typed-name'], dice),
    ...{ work: { kind: 'restart' }, before: { stopped: false }, basis: '', newSecrets: [], serving: 3 },
    ...{
      fit: undefined,
      held: { sessions: 3, participants: 126 },
      interrupted: undefined,
      running: undefined,
    },
  };
}

function anyEvent(dice: Dice): OperationEvent {
  const step = pick(['fence', 'try-image', 'update-web', 'prove'] as const, dice);
  const told = { at: '2026-11-20T14:02:11Z', operation: 'op-1' };
  const events: readonly OperationEvent[] = [
    { ...told, kind: 'operation-started', verb: pick(texts, dice), stack: pick(texts, dice), steps: stepIds },
    { ...told, kind: 'step-started', step },
    { ...told, kind: 'step-finished', step, outcome: pick(['changed', 'unchanged', 'skipped'], dice) },
    { ...told, kind: 'waiting', step, on: pick(texts, dice) },
    { ...told, kind: 'notice', notice: { code: 'page-times-not-kept', why: pick(texts, dice) } },
    { ...told, kind: 'serving', release: 3, url: pick(texts, dice), path: 'public' },
    { ...told, kind: 'operation-failed', error: anyError(dice) },
    {
      ...told,
      kind: 'operation-finished',
      result: { stack: pick(texts, dice), release: 3, url: pick(texts, dice), state: 'running' },
    },
  ];
  return pick(events, dice);
}

function pick<Of>(from: readonly Of[], dice: Dice): Of {
  return from[dice(from.length)] as Of;
}
