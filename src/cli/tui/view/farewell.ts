import type { TuiState } from '../model/state.ts';

/** What a person should know after leaving: which operations go on, and how to come back to them. */
export function farewell(state: TuiState, oforest: string): readonly string[] {
  return runningOperations(state).flatMap(({ operation, verb, stack }) => [
    `The ${verb} of ${stack} goes on without this window.`,
    `  Watch it again:   ${oforest} watch ${operation}`,
    `  Stop it:          ${oforest} cancel ${operation}`,
  ]);
}

/** Those of the server, and those that were started here a moment ago and are in no list yet. */
function runningOperations({ activity, screens }: TuiState) {
  const listed = activity.filter(({ state, endedAt }) => endedAt === undefined && state !== 'stale');
  const watched = screens.flatMap((screen) => (screen.name === 'progress' ? [screen] : []));
  const started = watched.filter(
    ({ operation, progress }) => progress.end === undefined && !activity.some((known) => known.operation === operation),
  );
  const ended = new Set(watched.filter(({ progress }) => progress.end).map(({ operation }) => operation));
  return [...started, ...listed.filter(({ operation }) => !ended.has(operation))];
}
