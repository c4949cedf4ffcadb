import { nounOfVerb } from '../../../core/index.ts';
import { commandOf } from '../model/screens/wait.ts';
import { oforestOn } from '../model/shown-server.ts';
import type { Screen, TuiState } from '../model/state.ts';
import type { Wait } from '../model/waits.ts';

/** What a person should know after leaving: what goes on, and how to come back to it; and what will not happen now. */
export function farewell(state: TuiState, invokedAs: string): readonly string[] {
  const oforest = oforestOn(state, invokedAs);
  const running = runningOperations(state).flatMap(({ operation, verb, stack }) => [
    `The ${nounOfVerb(verb)} of ${stack} goes on without this window.`,
    `  Watch it again:   ${oforest} watch ${operation}`,
    `  Stop it:          ${oforest} cancel ${operation}`,
  ]);
  const waited = state.waits.flatMap((wait) => notBegun(wait, oforest));
  return [...running, ...waited, ...state.screens.flatMap((screen) => notPrepared(screen, oforest))];
}

/** It was this process that waited for people. */
function notBegun(wait: Wait, oforest: string): readonly string[] {
  return [
    `The ${nounOfVerb(wait.verb)} of ${wait.stack} was not begun: nobody waits any more until the people have left.`,
    `  Wait for it:      ${commandOf(wait, oforest)}`,
  ];
}

function notPrepared(screen: Screen, oforest: string): readonly string[] {
  if (screen.name !== 'prepare' || screen.phase.kind !== 'applying') return [];
  return ['Preparing the server ended with this window. What was made stays.', `  Go on with it:    ${oforest}`];
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
