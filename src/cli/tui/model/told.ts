import type { Layout } from './layout.ts';
import { hardWrap, wrap } from './text.ts';

/** What there is to be told before a question, a paragraph each. */
export interface Told {
  /** `effect` goes on with what was said of people. */
  readonly kind: 'others' | 'people' | 'effect' | 'stake' | 'fact' | 'plain' | 'heading' | 'change';
  /** Of a stake or a fact. */
  readonly name?: string;
  readonly text: string;
  /** Whether people would notice. */
  readonly interrupts?: boolean;
}

/** One row of it. */
export interface ToldRow {
  readonly told: Told;
  readonly text: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

/** As much of it as the rows hold, from `top` on. An undefined row is empty. */
export interface ToldWindow {
  readonly rows: readonly (ToldRow | undefined)[];
  /** Rows that do not fit, before and after. */
  readonly above: number;
  readonly below: number;
  /** Paragraphs about what is lost and kept that were shown to their end, for somebody who began at the top. */
  readonly stakes: number;
}

/** Long lines are harder to read. */
const readableWidth = 78;

/** What a kind of paragraph has in front of it, beside the margin. */
const indents: Readonly<Record<Told['kind'], number>> = {
  ...{ others: 0, people: 2, effect: 2, stake: 14, fact: 12, plain: 0, heading: 0, change: 2 },
};

export function widthOfTold({ columns }: Pick<Layout, 'columns'>): number {
  return Math.min(columns, readableWidth) - 4;
}

/** `height`: rows there are, one of which says how much is left where not all of it fits. */
export function toldWindow(
  blocks: readonly (readonly Told[])[],
  { layout, height, top }: { layout: Pick<Layout, 'columns' | 'kind'>; height: number; top: number },
): ToldWindow {
  const isTiny = layout.kind === 'tiny';
  const all = blocks
    .filter((block) => block.length > 0)
    .flatMap((block, index): readonly (ToldRow | undefined)[] => {
      const rows = block.flatMap((told) => rowsOf(told, { width: widthOfTold(layout), isTiny }));
      return index === 0 || isTiny ? rows : [undefined, ...rows];
    });
  const room = all.length <= height ? all.length : Math.max(1, height - 1);
  const from = Math.max(0, Math.min(top, all.length - room));
  const shown = all.slice(0, from + room);
  return {
    rows: shown.slice(from),
    above: from,
    below: all.length - shown.length,
    stakes: shown.filter((row) => row?.told.kind === 'stake' && row.isLast).length,
  };
}

/** On a tiny screen a name stands before its text, and not beside it. */
function rowsOf(told: Told, { width, isTiny }: { width: number; isTiny: boolean }): readonly ToldRow[] {
  const { kind, name } = told;
  const text = isTiny && name !== undefined ? `${name}: ${told.text}` : told.text;
  const room = width - (isTiny && name !== undefined ? 0 : indents[kind]);
  const lines = wrap(text, room).flatMap((part) => hardWrap(part, room));
  return lines.map((part, index) => ({
    ...{ told, text: part, isFirst: index === 0, isLast: index === lines.length - 1 },
  }));
}
