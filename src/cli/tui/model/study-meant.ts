import { studyUnderCursor } from './screens/experiments.ts';
import { type TuiState, topScreen } from './state.ts';

/** Stack of the study that is meant by where the cursor is. */
export function stackMeant(state: TuiState): string | undefined {
  const top = topScreen(state);
  switch (top.name) {
    case 'experiments':
      return studyUnderCursor(state, top)?.stack;
    case 'image':
    case 'rollback':
      return top.study.stack;
    case 'review':
      return top.asked.study.stack;
    default:
      return 'stack' in top ? top.stack : undefined;
  }
}
