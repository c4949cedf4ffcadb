import type { Size } from './layout.ts';
import { experimentsScreen } from './screens/experiments.ts';
import type { TuiState } from './state.ts';

/** Before anything is known: the list is open, and its server is being asked. */
export function initialState({ server, size, now }: { server: string; size: Size; now: number }): TuiState {
  return {
    ...{ server, size, now },
    link: { kind: 'connecting', since: now },
    studies: undefined,
    asOf: undefined,
    details: {},
    activity: [],
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
