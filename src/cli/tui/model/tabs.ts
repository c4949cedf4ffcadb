import { type Next, popAll, stay } from './next.ts';
import { openActivity, runningOf } from './screens/activity.ts';
import { openBackups } from './screens/backups.ts';
import { openCheck, problemsOf } from './screens/check.ts';
import { type ScreenName, type TuiState, topScreen } from './state.ts';
import { stackMeant } from './study-meant.ts';

/** A screen that stands beside the list of experiments; its key is the number of its place. */
export interface Tab {
  readonly name: ScreenName;
  readonly label: string;
  /** What is worth knowing before it is opened: "1". */
  readonly badge?: (state: TuiState) => string | undefined;
  /** Absent for the lowest screen, which is always open. `stack`: of the study that is meant by where the cursor is. */
  readonly open?: (state: TuiState, stack: string | undefined) => Next;
}

export const tabs: readonly Tab[] = [
  { name: 'experiments', label: 'Experiments' },
  { name: 'backups', label: 'Backups', open: openBackups },
  {
    name: 'activity',
    label: 'Activity',
    badge: (state) => countOf(runningOf(state).length),
    open: (state) => openActivity(state),
  },
  { name: 'check', label: 'Server check', badge: problemsOf, open: openCheck },
];

export function keyOf(tab: Tab): string {
  return String(tabs.indexOf(tab) + 1);
}

/** In the place of whatever is open above the lowest screen; nothing where it is on top already. */
export function goTo(tab: Tab, state: TuiState): Next {
  if (topScreen(state).name === tab.name) return stay(state);
  const stack = stackMeant(state);
  const lowest = popAll(state);
  const opened = tab.open?.(lowest.state, stack) ?? stay(lowest.state);
  return { state: opened.state, effects: [...lowest.effects, ...opened.effects] };
}

function countOf(number: number): string | undefined {
  return number === 0 ? undefined : String(number);
}
