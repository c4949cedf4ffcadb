import type { Activity } from '../../../../core/index.ts';
import { outcomeWord } from '../../../render/outcome-words.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { type List, type Listed, listRules, newList, shownOf } from '../list.ts';
import { type Next, nextSerial, pop, push, stay } from '../next.ts';
import type { Opened, TuiState } from '../state.ts';
import { stopWaiting, type Wait } from '../waits.ts';
import { openCancel } from './cancel.ts';
import { openProgress } from './progress.ts';
import { openWait } from './wait.ts';

/** Everything that was done here lately, what runs now, and what waits in this window for people to leave. */
export interface ActivityScreen extends Opened {
  readonly name: 'activity';
  readonly list: List;
}

export function openActivity(state: TuiState): Next {
  return push(state, { name: 'activity', serial: nextSerial(state), list: newList }, { kind: 'look-again' });
}

export type ActivityRow = Activity | Wait;

export function isWait(row: ActivityRow): row is Wait {
  return 'id' in row;
}

export function isRunning({ endedAt, state }: Activity): boolean {
  return endedAt === undefined && state !== 'stale';
}

export function runningOf({ activity }: TuiState): readonly Activity[] {
  return activity.filter(isRunning);
}

const isOpen = (row: ActivityRow) => isWait(row) || isRunning(row);
const openFirst = (one: ActivityRow, other: ActivityRow) => Number(isOpen(other)) - Number(isOpen(one));
const by = (text: (row: ActivityRow) => string) => (one: ActivityRow, other: ActivityRow) =>
  openFirst(one, other) || text(one).localeCompare(text(other));
/** Who waits sits here. */
export const whoseOf = (row: ActivityRow) => (isWait(row) ? 'this window' : row.by);

export const listedActivity: Listed<ActivityRow, ActivityScreen> = {
  all: ({ activity, waits }) => (waits.length === 0 ? activity : [...waits, ...activity]),
  idOf: (row) => (isWait(row) ? `wait ${row.id}` : row.operation),
  textOf: (row) => `${row.stack} ${row.verb} ${whoseOf(row)} ${isWait(row) ? 'waits' : outcomeWord(row)}`,
  orders: [
    {
      by: 'Begun',
      compare: (one, other) => openFirst(one, other) || other.startedAt.localeCompare(one.startedAt),
    },
    { by: 'Experiment', compare: by(({ stack }) => stack) },
    { by: 'What', compare: by(({ verb }) => verb) },
    { by: 'By', compare: by(whoseOf) },
  ],
};

export function activityUnderCursor(state: TuiState, screen: ActivityScreen): ActivityRow | undefined {
  return shownOf(state, screen, listedActivity).under;
}

function waitUnderCursor(state: TuiState, screen: ActivityScreen): Wait | undefined {
  const row = activityUnderCursor(state, screen);
  return row && isWait(row) ? row : undefined;
}

function runningUnderCursor(state: TuiState, screen: ActivityScreen): Activity | undefined {
  const row = activityUnderCursor(state, screen);
  return row && !isWait(row) && isRunning(row) ? row : undefined;
}

const bindings: readonly Binding<ActivityScreen>[] = [
  {
    keys: ['Enter', 'Right'],
    does: 'watch it, or see what it did',
    hint: 'open',
    when: (state, screen) => activityUnderCursor(state, screen) !== undefined,
    run(state, screen) {
      const activity = activityUnderCursor(state, screen);
      if (!activity) return stay(state);
      if (isWait(activity)) return openWait(state, activity);
      const { operation, stack, verb } = activity;
      return openProgress(state, { operation, stack, verb });
    },
  },
  {
    keys: ['x'],
    does: 'stop waiting; nothing changes',
    hint: 'stop waiting',
    when: (state, screen) => waitUnderCursor(state, screen) !== undefined,
    run(state, screen) {
      const wait = waitUnderCursor(state, screen);
      return wait ? stopWaiting(state, wait) : stay(state);
    },
  },
  {
    keys: ['x'],
    does: 'ask the operation to stop where it safely can',
    hint: 'cancel it…',
    when: (state, screen) => runningUnderCursor(state, screen) !== undefined,
    run(state, screen) {
      const activity = runningUnderCursor(state, screen);
      return activity ? openCancel(state, activity) : stay(state);
    },
  },
  { keys: ['Esc', 'Left'], does: 'go back', hint: 'back', run: (state) => pop(state) },
];

export const activityRules: ScreenRules<ActivityScreen> = listRules(listedActivity, bindings);
