import { nounOfVerb } from '../../../core/index.ts';
import { oforestOn } from '../model/shown-server.ts';
import type { Screen, TuiState } from '../model/state.ts';

/** What a person should know after leaving: what goes on, and how to come back to it; and what will not happen now. */
export function farewell(state: TuiState, invokedAs: string): readonly string[] {
  const oforest = oforestOn(state, invokedAs);
  const running = runningOperations(state).flatMap(({ operation, verb, stack }) => [
    `The ${nounOfVerb(verb)} of ${stack} goes on without this window.`,
    `  Watch it again:   ${oforest} watch ${operation}`,
    `  Stop it:          ${oforest} cancel ${operation}`,
  ]);
  return [...running, ...state.screens.flatMap((screen) => notBegun(screen, oforest))];
}

/** It is this process that waits for people. */
function notBegun(screen: Screen, oforest: string): readonly string[] {
  if (screen.name === 'prepare' && screen.phase.kind === 'applying')
    return ['Preparing the server ended with this window. What was made stays.', `  Go on with it:    ${oforest}`];
  if (screen.name !== 'review' || screen.phase.kind !== 'starting' || screen.phase.people.kind !== 'wait') return [];
  const { verb, study } = screen.asked;
  return [`The ${nounOfVerb(verb)} of ${study.stack} was not begun: nobody waits any more until the people have left.`];
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
