import type { Activity } from '../../../../core/index.ts';
import { outcomeWords } from '../../../render/outcome-words.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { type List, type Listed, listRules, newList, shownOf } from '../list.ts';
import { type Next, nextSerial, pop, push, stay } from '../next.ts';
import type { Opened, TuiState } from '../state.ts';
import { openProgress } from './progress.ts';

/** Everything that was done here lately, and what runs now. */
export interface ActivityScreen extends Opened {
  readonly name: 'activity';
  readonly list: List;
}

export function openActivity(state: TuiState): Next {
  return push(state, { name: 'activity', serial: nextSerial(state), list: newList }, { kind: 'look-again' });
}

export function isRunning({ endedAt, state }: Activity): boolean {
  return endedAt === undefined && state !== 'stale';
}

export function runningOf({ activity }: TuiState): readonly Activity[] {
  return activity.filter(isRunning);
}

const runningFirst = (one: Activity, other: Activity) => Number(isRunning(other)) - Number(isRunning(one));
const by = (text: (activity: Activity) => string) => (one: Activity, other: Activity) =>
  runningFirst(one, other) || text(one).localeCompare(text(other));

export const listedActivity: Listed<Activity, ActivityScreen> = {
  all: ({ activity }) => activity,
  idOf: ({ operation }) => operation,
  textOf: ({ stack, verb, by: who, state }) => `${stack} ${verb} ${who} ${outcomeWords[state]}`,
  orders: [
    {
      by: 'Begun',
      compare: (one, other) => runningFirst(one, other) || other.startedAt.localeCompare(one.startedAt),
    },
    { by: 'Experiment', compare: by(({ stack }) => stack) },
    { by: 'What', compare: by(({ verb }) => verb) },
    { by: 'By', compare: by(({ by: who }) => who) },
  ],
};

export function activityUnderCursor(state: TuiState, screen: ActivityScreen): Activity | undefined {
  return shownOf(state, screen, listedActivity).under;
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
      const { operation, stack, verb } = activity;
      return openProgress(state, { operation, stack, verb });
    },
  },
  {
    keys: ['x'],
    does: 'ask the operation to stop where it safely can',
    hint: 'cancel it',
    when(state, screen) {
      const activity = activityUnderCursor(state, screen);
      return activity !== undefined && isRunning(activity);
    },
    run(state, screen) {
      const activity = activityUnderCursor(state, screen);
      return activity ? stay(state, { kind: 'cancel', operation: activity.operation }) : stay(state);
    },
  },
  { keys: ['Esc', 'Left'], does: 'go back', hint: 'back', run: (state) => pop(state) },
];

export const activityRules: ScreenRules<ActivityScreen> = listRules(listedActivity, bindings);
