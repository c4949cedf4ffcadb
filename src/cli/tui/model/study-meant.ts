import { activityUnderCursor } from './screens/activity.ts';
import { studyUnderCursor } from './screens/experiments.ts';
import { type Screen, type TuiState, topScreen } from './state.ts';

/** Stack of the study that is meant by where the cursor is, or was on the list that is always open. */
export function stackMeant(state: TuiState): string | undefined {
  const [lowest] = state.screens;
  return meantOn(topScreen(state), state) ?? (lowest && meantOn(lowest, state));
}

/** Stack of the study that this one screen is about. */
export function meantOn(top: Screen, state: TuiState): string | undefined {
  switch (top.name) {
    case 'experiments':
      return studyUnderCursor(state, top)?.stack;
    case 'activity':
      return activityUnderCursor(state, top)?.stack;
    case 'admin':
    case 'export':
    case 'image':
    case 'links':
    case 'rollback':
      return top.study.stack;
    case 'review':
      return top.asked.study.stack;
    default:
      return 'stack' in top ? top.stack : undefined;
  }
}
