import { type FirstRun, noFirstRun } from './first-run.ts';
import type { Size } from './layout.ts';
import { experimentsScreen } from './screens/experiments.ts';
import { welcomeScreen } from './screens/welcome.ts';
import type { TuiState } from './state.ts';

/** Before anything is known: the list is open, and its server is being asked. */
export function initialState({
  server,
  usualServer,
  size,
  now,
  firstRun = noFirstRun,
}: {
  server: string;
  usualServer?: string | undefined;
  size: Size;
  now: number;
  firstRun?: FirstRun;
}): TuiState {
  return {
    ...{ server, usualServer, size, now, firstRun },
    link: { kind: 'connecting', since: now },
    studies: undefined,
    asOf: undefined,
    details: {},
    activity: [],
    waits: [],
    backups: {},
    serverLook: { isLooking: false, found: undefined },
    screens: [experimentsScreen],
    opened: experimentsScreen.serial,
    drawn: 0,
    notice: undefined,
    failure: undefined,
    leavesUntil: undefined,
  };
}

/** Where no server is set up: it is said what this is, and asked where to begin. */
export function nowhere({ size, now, firstRun }: { size: Size; now: number; firstRun: FirstRun }): TuiState {
  const state = initialState({ server: '', size, now, firstRun });
  return { ...state, link: { kind: 'nowhere' }, screens: [welcomeScreen], opened: welcomeScreen.serial };
}
