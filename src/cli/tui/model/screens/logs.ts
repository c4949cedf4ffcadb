import type { ErrorFacts } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { emptyField, type Field, fieldOf, insert, typeInto } from '../field.ts';
import type { Key } from '../keys.ts';
import {
  addLines,
  beginsError,
  emptyBuffer,
  formatEntry,
  type LogBuffer,
  type LogEntry,
  type LogItem,
  type LogPart,
  type NewLine,
} from '../log-lines.ts';
import { allOf, followed, hasWords, scrolled, type Wanted, went } from '../log-moves.ts';
import { type LogWindow, logWindow, windowInto } from '../log-window.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import type { Opened, TuiState } from '../state.ts';

/** What a study prints, while it prints it. */
export interface LogsScreen extends Opened {
  readonly name: 'logs';
  readonly stack: string;
  readonly buffer: LogBuffer;
  readonly feeds: Readonly<Record<LogPart, Feed>>;
  /** Of somebody who has scrolled up, or was taken to a line; else the end is shown, and moves. */
  readonly paused: Pause | undefined;
  readonly part: LogPart | 'all';
  /** Words that only mark lines, and words without which a line is not shown. */
  readonly search: string;
  readonly filter: string;
  readonly typing: Typing | undefined;
  /** Number of the line that a search or `e` went to. */
  readonly hit: number | undefined;
  readonly wrap: boolean;
  readonly times: 'time' | 'date' | 'off';
}

/** How a part of the log is read: not yet, as it is written, or not at the moment. */
export type Feed =
  | { readonly kind: 'opening' }
  | { readonly kind: 'following' }
  | { readonly kind: 'broken'; readonly error: ErrorFacts };

/** What somebody reads stands still, whatever comes, and whatever is dropped because of it. */
export interface Pause {
  /** All that is drawn from, as it was at the last key. */
  readonly held: readonly LogEntry[];
  /** Number of the first line in the window, and how many of its rows are above it. */
  readonly top: number;
  readonly skip: number;
  /** Number of the last line that was seen: those after it are new. */
  readonly seen: number;
}

interface Typing {
  readonly into: 'search' | 'filter';
  readonly field: Field;
  /** What Esc goes back to. */
  readonly before: Pick<LogsScreen, 'search' | 'filter' | 'paused' | 'hit'>;
}

export function openLogs(state: TuiState, stack: string): Next {
  const serial = nextSerial(state);
  const feeds = { web: { kind: 'opening' }, db: { kind: 'opening' } } as const;
  const fresh = { paused: undefined, search: '', filter: '', typing: undefined, hit: undefined } as const;
  return push(
    state,
    {
      ...{ name: 'logs', serial, stack, feeds, part: 'all', buffer: emptyBuffer, wrap: false, times: 'time' },
      ...fresh,
    },
    { kind: 'follow-log', serial, stack },
  );
}

export function withLines(screen: LogsScreen, lines: readonly NewLine[]): LogsScreen {
  return { ...screen, buffer: addLines(screen.buffer, lines) };
}

/** As `went`, or a word about why not. */
function goTo(
  state: TuiState,
  screen: LogsScreen,
  to: 'up' | 'down',
  { isWanted, what, back }: { isWanted: Wanted; what: string; back: Key },
): Next {
  const found = went(state, screen, to, isWanted);
  if (found) return stay(withTop(state, found));
  const isAnywhere = went(state, screen, to === 'up' ? 'down' : 'up', isWanted) !== undefined;
  if (!isAnywhere && screen.hit === undefined)
    return stay({ ...state, notice: what === 'match' ? 'No line has that.' : `No line is an ${what}.` });
  const [here, other] = to === 'up' ? ['above', 'below'] : ['below', 'above'];
  return stay({ ...state, notice: `No ${what} ${here}. ${back} looks ${other}.` });
}

const upOrDown: Readonly<Record<Key, (height: number) => number>> = {
  Up: () => -1,
  k: () => -1,
  Down: () => 1,
  j: () => 1,
  PgUp: (height) => -height,
  b: (height) => -height,
  PgDn: (height) => height,
  Space: (height) => height,
  u: (height) => -Math.ceil(height / 2),
  d: (height) => Math.ceil(height / 2),
  Home: () => Number.NEGATIVE_INFINITY,
  g: () => Number.NEGATIVE_INFINITY,
};

const parts: readonly LogsScreen['part'][] = ['all', 'web', 'db'];
const turns: Readonly<Record<Key, 1 | -1>> = { Tab: 1, 'Shift-Tab': -1 };
const timesInTurn: readonly LogsScreen['times'][] = ['time', 'date', 'off'];

function after<Value>(values: readonly Value[], value: Value, by: 1 | -1 = 1): Value {
  const next = values[(values.indexOf(value) + by + values.length) % values.length];
  return next ?? value;
}

const changed = (state: TuiState, screen: LogsScreen, change: Partial<LogsScreen>) =>
  stay(withTop(state, { ...screen, ...change }));

/** While something is typed only this, and letters are letters. */
const typingBindings: readonly Binding<LogsScreen>[] = [
  {
    keys: ['Enter'],
    does: 'keep what is typed',
    hint: 'keep',
    run: (state, screen) => changed(state, screen, { typing: undefined }),
  },
  {
    keys: ['Esc'],
    does: 'go back to what was shown before',
    hint: 'cancel',
    run: (state, screen) => changed(state, screen, { ...screen.typing?.before, typing: undefined }),
  },
];

const readingBindings: readonly Binding<LogsScreen>[] = [
  {
    keys: ['End', 'G', 'F'],
    does: 'follow again: the newest line last',
    hint: 'follow again',
    when: (_, { paused }) => paused !== undefined,
    run: (state, screen) => stay(withTop(state, followed(screen))),
  },
  {
    keys: ['Up', 'Down', 'k', 'j', 'PgUp', 'PgDn', 'b', 'Space', 'u', 'd', 'Home', 'g'],
    does: 'scroll; going up stops following, and the end follows again',
    hint: 'scroll',
    run: (state, screen, key) => {
      const by = upOrDown[key]?.(logWindow(state, screen).height) ?? 0;
      return stay(withTop(state, scrolled(state, screen, by)));
    },
  },
  {
    keys: ['/'],
    does: 'search upwards as you type; !word: lines without it',
    hint: 'search',
    run: (state, screen) => typeAnew(state, screen, 'search'),
  },
  {
    keys: ['e'],
    does: 'go to the error above',
    hint: 'error',
    run: (state, screen) => goTo(state, screen, 'up', { isWanted: beginsError, what: 'error', back: 'E' }),
  },
  {
    keys: ['E'],
    does: 'go to the error below',
    run: (state, screen) => goTo(state, screen, 'down', { isWanted: beginsError, what: 'error', back: 'e' }),
  },
  {
    keys: ['n'],
    does: 'go on with the search, upwards as it began',
    hint: 'next',
    when: (_, { search }) => search !== '',
    run: (state, screen) => goTo(state, screen, 'up', { isWanted: hasWords(screen.search), what: 'match', back: 'N' }),
  },
  {
    keys: ['N'],
    does: 'go on with the search, downwards',
    when: (_, { search }) => search !== '',
    run: (state, screen) =>
      goTo(state, screen, 'down', { isWanted: hasWords(screen.search), what: 'match', back: 'n' }),
  },
  {
    keys: ['Esc', 'Left'],
    does: 'show all lines again',
    hint: 'all lines',
    when: (_, { filter }) => filter !== '',
    run: (state, screen) => changed(state, screen, { filter: '' }),
  },
  {
    keys: ['Esc', 'Left'],
    does: 'end the search',
    hint: 'end the search',
    when: (_, { filter, search }) => filter === '' && search !== '',
    run: (state, screen) => changed(state, screen, { search: '', hit: undefined }),
  },
  {
    keys: ['Esc', 'Left'],
    does: 'go back',
    hint: 'back',
    when: (_, { filter, search }) => filter === '' && search === '',
    run: (state) => pop(state),
  },
  {
    keys: ['Tab', 'Shift-Tab'],
    does: 'show oTree alone, its database alone, or both',
    hint: 'part',
    run: (state, screen, key) => changed(state, screen, { part: after(parts, screen.part, turns[key]) }),
  },
  {
    keys: ['&'],
    does: 'show only lines with these words; !word takes out',
    hint: 'filter',
    run: (state, screen) => typeAnew(state, screen, 'filter'),
  },
  {
    keys: ['w'],
    does: 'wrap long lines, or cut them',
    hint: 'wrap',
    run: (state, screen) => changed(state, screen, { wrap: !screen.wrap }),
  },
  {
    keys: ['s'],
    does: 'save all lines to a file in the current folder',
    hint: 'save',
    run: (state, screen) => stay(state, { kind: 'save', ...fileOf(state, screen) }),
  },
  {
    keys: ['c'],
    does: 'copy the lines on the screen',
    hint: 'copy',
    run: (state, screen) => {
      const text = shownText(logWindow(state, screen));
      return text === ''
        ? stay({ ...state, notice: 'There is nothing on the screen to copy.' })
        : stay(state, { kind: 'copy', text, what: 'What is on the screen' });
    },
  },
  {
    keys: ['T'],
    does: 'times, with the date, or none',
    hint: 'times',
    run: (state, screen) => changed(state, screen, { times: after(timesInTurn, screen.times) }),
  },
];

const onlyWhile = (isTyping: boolean, bindings: readonly Binding<LogsScreen>[]): readonly Binding<LogsScreen>[] =>
  bindings.map((binding) => ({
    ...binding,
    when: (state, screen) => (screen.typing !== undefined) === isTyping && (binding.when?.(state, screen) ?? true),
  }));

/** Whole lines, also where the screen cuts them. */
function shownText({ items, place, bottom }: LogWindow): string {
  return items
    .slice(place.index, bottom + 1)
    .map(textOf)
    .join('\n');
}

function textOf(item: LogItem): string {
  return item.kind === 'line' ? formatEntry(item.entry) : droppedText(item.count);
}

export function droppedText(count: number): string {
  return count === 1 ? '1 line was dropped here' : `${count.toLocaleString('en')} lines were dropped here`;
}

/** Everything that is there, whatever is filtered: the name says which study and when. */
function fileOf(state: TuiState, screen: LogsScreen): { name: string; text: string } {
  const { items } = windowInto(allOf(screen), undefined, state, { ...screen, part: 'all', filter: '' });
  const time = new Date(state.now).toISOString().slice(0, 19).replaceAll(':', '-');
  return { name: `${screen.stack}-${time}Z.log`, text: `${items.map(textOf).join('\n')}\n` };
}

function typeAnew(state: TuiState, screen: LogsScreen, into: Typing['into']): Next {
  const { search, filter, paused, hit } = screen;
  const field = into === 'filter' ? fieldOf(filter) : emptyField;
  return changed(state, screen, { typing: { into, field, before: { search, filter, paused, hit } } });
}

/** What was typed takes effect at once; a search begins again from where it was begun. */
function typed(state: TuiState, screen: LogsScreen, typing: Typing, field: Field): Next {
  const { into, before } = typing;
  const next = { ...screen, ...before, typing: { ...typing, field }, [into]: field.text };
  if (into === 'filter' || field.text.trim() === '') return changed(state, next, {});
  // The newest first: what somebody looks for in a log has mostly just happened.
  const isWanted = hasWords(field.text);
  const found = went(state, { ...next, hit: undefined }, 'up', isWanted) ?? went(state, next, 'down', isWanted);
  return changed(state, found ?? next, {});
}

export const logsRules: ScreenRules<LogsScreen> = {
  bindings: [...onlyWhile(true, typingBindings), ...onlyWhile(false, readingBindings)],
  isTyping: ({ typing }) => typing !== undefined,
  typed(state, screen, key) {
    const { typing } = screen;
    if (!typing) return undefined;
    const field = typeInto(typing.field, key);
    return field && typed(state, screen, typing, field);
  },
  pasted(state, screen, text) {
    const { typing } = screen;
    return typing ? typed(state, screen, typing, insert(typing.field, text)) : stay(state);
  },
};
