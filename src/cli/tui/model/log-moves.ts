import { firstFrom, heldAndNewer, hold, type LogEntry, type LogItem, matcher } from './log-lines.ts';
import { type LogWindow, windowAround, windowInto, windowMoved } from './log-window.ts';
import type { LogsScreen } from './screens/logs.ts';
import type { TuiState } from './state.ts';

/** Lines that came below the window since somebody stopped following, as far as the filter lets them through. */
export function newBelow({ paused, buffer, part, filter }: LogsScreen): { count: number; isMore: boolean } {
  if (!paused) return { count: 0, isMore: false };
  const fits = matcher(filter);
  const isShown = (entry: LogEntry) => (part === 'all' || entry.part === part) && fits(entry);
  const countFrom = (entries: readonly LogEntry[], seq: number) =>
    entries.slice(firstFrom(entries, seq)).filter(isShown).length;
  const unheld = Math.max(paused.held.at(-1)?.seq ?? -1, paused.seen) + 1;
  return {
    count: countFrom(paused.held, paused.seen + 1) + countFrom(buffer.lines, unheld),
    isMore: (buffer.lines[0]?.seq ?? 0) > unheld,
  };
}

/** Everything there is to read, also what came below what is held. */
export function allOf({ paused, buffer }: LogsScreen): readonly LogEntry[] {
  return paused ? heldAndNewer(paused.held, buffer.lines) : buffer.lines;
}

/** The window as it is, over everything there is: what came since is below it. */
function fullWindow(state: TuiState, screen: LogsScreen): LogWindow {
  return windowInto(allOf(screen), screen.paused, state, screen);
}

/** The screen held still on this window of it. */
function pausedOn(screen: LogsScreen, { items, place, bottom }: LogWindow): LogsScreen {
  const all = allOf(screen);
  const top = items[place.index]?.seq ?? 0;
  const last = items[bottom]?.seq ?? -1;
  const seen = Math.max(screen.paused?.seen ?? all.at(-1)?.seq ?? -1, last);
  return { ...screen, paused: { held: hold(all, { from: top, to: last }), top, skip: place.skip, seen } };
}

export const followed = (screen: LogsScreen): LogsScreen => ({ ...screen, paused: undefined, hit: undefined });

/** Scrolled by so many rows: going up pauses, and who reaches the end follows again. */
export function scrolled(state: TuiState, screen: LogsScreen, by: number): LogsScreen {
  if (!screen.paused && by > 0) return screen;
  const moved = windowMoved(fullWindow(state, screen), by);
  return by > 0 && moved.isAtEnd ? followed(screen) : pausedOn(screen, moved);
}

/** Held still with this line in the window; the window stays where it is when the line is in it already. */
function wentTo(screen: LogsScreen, index: number, window: LogWindow): LogsScreen {
  const isSeen = index >= window.place.index && index <= window.bottom;
  const at = isSeen ? window : windowAround(index, window);
  return { ...pausedOn(screen, at), hit: window.items[index]?.seq };
}

/** Whether a line is one that is gone to. */
export type Wanted = (items: readonly LogItem[], index: number) => boolean;

export function hasWords(query: string): Wanted {
  const fits = matcher(query);
  return (items, index) => {
    const item = items[index];
    return item?.kind === 'line' && fits(item.entry);
  };
}

/** Goes to the next wanted line above or below where somebody is; undefined when there is none. */
export function went(state: TuiState, screen: LogsScreen, to: 'up' | 'down', isWanted: Wanted): LogsScreen | undefined {
  const window = fullWindow(state, screen);
  const { items, place, bottom } = window;
  const hit = items.findIndex(({ seq }) => seq === screen.hit);
  const isHitSeen = hit >= place.index && hit <= bottom;
  const from = isHitSeen ? hit : to === 'up' ? bottom + 1 : place.index - 1;
  const step = to === 'up' ? -1 : 1;
  for (let index = from + step; index >= 0 && index < items.length; index += step)
    if (isWanted(items, index)) return wentTo(screen, index, window);
  return undefined;
}
