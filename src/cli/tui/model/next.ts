import type { Effect } from './effects.ts';
import type { Screen, ScreenName, ScreenOf, TuiState } from './state.ts';
import { topScreen } from './state.ts';

/** What comes of a message: the new state, and what is to be done. */
export interface Next {
  readonly state: TuiState;
  readonly effects: readonly Effect[];
}

export function stay(state: TuiState, ...effects: readonly Effect[]): Next {
  return { state, effects };
}

/** Serial of the next screen to be opened. */
export function nextSerial({ opened }: Pick<TuiState, 'opened'>): number {
  return opened + 1;
}

export function push(state: TuiState, screen: Screen, ...effects: readonly Effect[]): Next {
  return { state: { ...state, opened: screen.serial, screens: [...state.screens, screen] }, effects };
}

/**
 * Back by one screen, and never from the lowest. What ran for the closed one is ended; a study is read anew, because much
 * may have been done to it meanwhile.
 */
export function pop(state: TuiState): Next {
  const { state: next, effects } = closeTop(state);
  const top = topScreen(next);
  const isStudy = top.name === 'study' && next !== state && next.link.kind === 'live';
  return isStudy ? { state: next, effects: [...effects, readStudy(top.stack)] } : { state: next, effects };
}

/** The whole menu of a study: its facts, and its last lines beside them. */
export function readStudy(stack: string): Effect {
  return { kind: 'read-study', stack, withLog: true };
}

function closeTop(state: TuiState): Next {
  const top = topScreen(state);
  if (state.screens.length === 1) return stay(state);
  return { state: { ...state, screens: state.screens.slice(0, -1) }, effects: [{ kind: 'close', serial: top.serial }] };
}

/** Back to the lowest screen. What ran for those that were open above it is ended. */
export function popAll(state: TuiState): Next {
  const [lowest, ...above] = state.screens;
  if (!lowest) return stay(state);
  const effects = above.map(({ serial }): Effect => ({ kind: 'close', serial })).toReversed();
  return { state: { ...state, screens: [lowest] }, effects };
}

/** The new screen takes the place of the one on top. */
export function swap(state: TuiState, screen: Screen, ...effects: readonly Effect[]): Next {
  const { state: below, effects: closing } = closeTop(state);
  const screens = state.screens.length === 1 ? [screen] : [...below.screens, screen];
  return { state: { ...below, opened: screen.serial, screens }, effects: [...closing, ...effects] };
}

/**
 * The state with the screen of this serial as a new one: it asks something that was not seen yet, so that no key typed
 * before answers it. What ran for it is ended.
 */
export function askAnew<Name extends ScreenName>(
  state: TuiState,
  of: { name: Name; serial: number },
  change: (screen: ScreenOf<Name>) => ScreenOf<Name>,
): Next {
  const serial = nextSerial(state);
  if (!state.screens.some((screen) => screen.name === of.name && screen.serial === of.serial)) return stay(state);
  const renewed = withScreen(state, of, (screen) => ({ ...change(screen), serial }));
  return stay({ ...renewed, opened: serial }, { kind: 'close', serial: of.serial });
}

/** The state with the screen of this serial changed; as it was when there is none any more. */
export function withScreen<Name extends ScreenName>(
  state: TuiState,
  { name, serial }: { name: Name; serial: number },
  change: (screen: ScreenOf<Name>) => ScreenOf<Name>,
): TuiState {
  const screens = state.screens.map((screen) =>
    screen.name === name && screen.serial === serial ? change(screen as ScreenOf<Name>) : screen,
  );
  return { ...state, screens };
}

/** The state with the screen on top changed. */
export function withTop(state: TuiState, screen: Screen): TuiState {
  return { ...state, screens: [...state.screens.slice(0, -1), screen] };
}
