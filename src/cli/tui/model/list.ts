import type { Binding, ScreenRules } from './bindings.ts';
import { emptyField, type Field, insert, typeInto } from './field.ts';
import type { Key } from './keys.ts';
import { type Layout, layoutIn } from './layout.ts';
import { stay, withTop } from './next.ts';
import type { Screen, TuiState } from './state.ts';
import { clampTop, moved } from './window.ts';

/** Where somebody is in a list, and how it is shown: the same for every screen that has one. */
export interface List {
  /** Id of the row under the cursor: rows that change places do not move anybody to another one. */
  readonly at: string | undefined;
  /** First row of the window. */
  readonly top: number;
  readonly filter: Field;
  /** Whether keys go into the filter. */
  readonly isTyping: boolean;
  /** Which of the orders its rows have. */
  readonly order: number;
  /** The order that the last move found, for a moment: nothing changes places under somebody's finger. */
  readonly held: { readonly ids: readonly string[]; readonly until: number } | undefined;
}

export const newList: List = {
  at: undefined,
  top: 0,
  filter: emptyField,
  isTyping: false,
  order: 0,
  held: undefined,
};

const heldMs = 2_000;

export type ListScreen = Extract<Screen, { readonly list: List }>;

/** The rows of a list screen, as the model needs to know them. */
export interface Listed<Row, Of extends ListScreen> {
  readonly all: (state: TuiState, screen: Of) => readonly Row[];
  readonly idOf: (row: Row) => string;
  /** What the filter looks into. */
  readonly textOf: (row: Row) => string;
  /** The first is the usual one. */
  readonly orders: readonly Order<Row>[];
  /** Lines that the screen keeps free below its rows. */
  readonly linesBelow?: (layout: Layout) => number;
}

export interface Order<Row> {
  /** Heading of the column. */
  readonly by: string;
  /** Absent: as the rows come. */
  readonly compare?: (one: Row, other: Row) => number;
}

/** A list as it is to be drawn and walked through. */
export interface Shown<Row> {
  readonly rows: readonly Row[];
  readonly total: number;
  readonly cursor: number;
  /** The first, where the cursor's own row is not shown. */
  readonly under: Row | undefined;
  readonly top: number;
  /** Rows that fit. */
  readonly height: number;
  readonly by: string | undefined;
}

export function shownOf<Row, Of extends ListScreen>(state: TuiState, screen: Of, listed: Listed<Row, Of>): Shown<Row> {
  const { list } = screen;
  const all = inOrder(listed.all(state, screen), list, state.now, listed);
  const words = list.filter.text.toLowerCase().split(' ').filter(Boolean);
  const rows = words.length === 0 ? all : all.filter((row) => matches(listed.textOf(row).toLowerCase(), words));
  const cursor = Math.max(
    0,
    rows.findIndex((row) => listed.idOf(row) === list.at),
  );
  const layout = layoutIn(state);
  const height = Math.max(1, layout.bodyRows - 1 - (listed.linesBelow?.(layout) ?? 0));
  const top = clampTop(list.top, cursor, height, rows.length);
  const { by } = listed.orders[list.order] ?? { by: undefined };
  return { rows, total: all.length, cursor, under: rows[cursor], top, height, by };
}

/** Whether a text in lower case has all words; `!word` takes out what it fits. */
export function matches(text: string, words: readonly string[]): boolean {
  return words.every((word) =>
    word.startsWith('!') ? word === '!' || !text.includes(word.slice(1)) : text.includes(word),
  );
}

function inOrder<Row, Of extends ListScreen>(
  rows: readonly Row[],
  { order, held }: List,
  now: number,
  { orders, idOf }: Listed<Row, Of>,
): readonly Row[] {
  const compare = orders[order]?.compare;
  const sorted = compare ? rows.toSorted(compare) : rows;
  if (!held || now >= held.until || sorted.every((row, index) => idOf(row) === held.ids[index])) return sorted;
  const places = new Map(held.ids.map((id, index) => [id, index]));
  const placeOf = (row: Row) => places.get(idOf(row)) ?? places.size;
  return sorted.toSorted((one, other) => placeOf(one) - placeOf(other));
}

/** The rules of a screen that is a list: moving, filtering and sorting are the same everywhere. */
export function listRules<Row, Of extends ListScreen>(
  listed: Listed<Row, Of>,
  own: readonly Binding<Of>[],
): ScreenRules<Of> {
  const change = (state: TuiState, screen: Of, list: Partial<List>) =>
    stay(withTop(state, { ...screen, list: { ...screen.list, ...list } }));
  const hasRows = (state: TuiState, screen: Of) => shownOf(state, screen, listed).rows.length > 0;
  const general: readonly Binding<Of>[] = [
    {
      keys: ['/'],
      does: 'filter the list by typing; !word takes out',
      hint: 'filter',
      when: (_, { list }) => !list.isTyping,
      run: (state, screen) => change(state, screen, { isTyping: true }),
    },
    {
      keys: ['S'],
      does: 'sort by the next column; the mark in the headings says which',
      when: () => listed.orders.length > 1,
      run: (state, screen) =>
        change(state, screen, { order: (screen.list.order + 1) % listed.orders.length, held: undefined }),
    },
  ];
  const moving: Binding<Of> = {
    keys: ['Up', 'Down', 'k', 'j', 'PgUp', 'PgDn', 'Home', 'End'],
    does: 'move',
    hint: 'move',
    when: hasRows,
    run: (state, screen, key) => {
      const { rows, cursor, top, height } = shownOf(state, screen, listed);
      const to = moved(cursor, key, { count: rows.length, height }) ?? cursor;
      const row = rows[to];
      const ids = inOrder(listed.all(state, screen), screen.list, state.now, listed).map(listed.idOf);
      return change(state, screen, {
        at: row && listed.idOf(row),
        top: clampTop(top, to, height, rows.length),
        held: { ids, until: state.now + heldMs },
      });
    },
  };
  const clearing: Binding<Of> = {
    keys: ['Esc', 'Left'],
    does: 'show all again',
    when: (_, { list }) => list.isTyping || list.filter.text !== '',
    run: (state, screen) => change(state, screen, { filter: emptyField, isTyping: false }),
  };
  const keeping: Binding<Of> = {
    keys: ['Enter'],
    does: 'keep what the filter shows',
    hint: 'keep',
    when: (_, { list }) => list.isTyping,
    run: (state, screen) => change(state, screen, { isTyping: false }),
  };
  const first = [moving, clearing, keeping];
  const isTaken = (keys: readonly Key[], state: TuiState, screen: Of) =>
    first.some((one) => one.keys.some((key) => keys.includes(key)) && one.when?.(state, screen));
  const after = own.map((binding) => ({
    ...binding,
    when: (state: TuiState, screen: Of) =>
      !isTaken(binding.keys, state, screen) && (binding.when?.(state, screen) ?? true),
  }));
  return {
    bindings: [...first, ...after, ...general],
    isTyping: ({ list }) => list.isTyping,
    typed(state, screen, key: Key) {
      const { isTyping, filter: before } = screen.list;
      const filter = isTyping ? typeInto(before, key) : undefined;
      return filter && change(state, screen, { filter, top: 0 });
    },
    pasted(state, screen, text) {
      const { isTyping, filter } = screen.list;
      return isTyping ? change(state, screen, { filter: insert(filter, text), top: 0 }) : stay(state);
    },
  };
}
