import type { Binding } from '../model/bindings.ts';
import { type GlobalBinding, globalBindings } from '../model/global-bindings.ts';
import { type Key, textOf } from '../model/keys.ts';
import { bindingsOf, isTypedInto } from '../model/screens.ts';
import { type TuiState, topScreen } from '../model/state.ts';
import { emptyLine, type Line, line, widthOfLine } from './line.ts';

/**
 * What keys do on the screen on top, as much of it as fits; what would do nothing, or be refused, is left out. The way back, what
 * Enter does, help and the way out are the last to give way.
 */
export function hintLine(state: TuiState, columns: number): Line {
  const top = topScreen(state);
  const isTyped = isTypedInto(top);
  const isActive = ({ when, blocked }: Binding) => (when?.(state, top) ?? true) && blocked?.(state, top) === undefined;
  const isLetter = ({ keys: [key = ''] }: Binding) => textOf(key) !== undefined;
  const own = bindingsOf(top.name).filter((one) => isActive(one) && !(isTyped && isLetter(one)));
  const isOwn = ({ keys: [key = ''] }: Binding) => own.some(({ keys }) => keys.includes(key));
  const general = isTyped ? [] : globalBindings.filter((one) => isActive(one) && !isOwn(one));
  const isUrgent = ({ whileOffline }: GlobalBinding) => whileOffline !== undefined && state.link.kind === 'offline';
  const hints: readonly Hint[] = [
    ...general.filter(isUrgent).flatMap((one) => hintOf({ ...one, hint: one.whileOffline })),
    ...own.flatMap((one) =>
      hintOf(
        one,
        one.keys.some((key) => needed.includes(key)),
      ),
    ),
    ...general.filter((one) => !isUrgent(one) && !one.isLast).flatMap((one) => hintOf(one)),
    ...general.filter(({ isLast }) => isLast).flatMap((one) => hintOf(one, true)),
  ];
  let shown: ReadonlySet<Hint> = new Set();
  for (const hint of hints.toSorted((one, other) => Number(other.isNeeded) - Number(one.isNeeded))) {
    const more = new Set([...shown, hint]);
    if (widthOfLine([...more].flatMap(({ cells }) => cells)) > columns + 1) break;
    shown = more;
  }
  const [gap, ...cells] = hints.filter((hint) => shown.has(hint)).flatMap((hint) => hint.cells);
  return gap === undefined ? emptyLine : line(' ', ...cells);
}

interface Hint {
  /** With the gap to the one before. */
  readonly cells: Line;
  readonly isNeeded: boolean;
}

const needed: readonly Key[] = ['Esc', 'Enter'];

function hintOf({ keys: [key = ''], hint }: Pick<Binding, 'keys' | 'hint'>, isNeeded = false): readonly Hint[] {
  if (hint === undefined) return [];
  return [{ cells: line('  ', { text: shortNames[key] ?? key, bold: true }, ` ${hint}`), isNeeded }];
}

/** The arrows stand for all keys that move. */
const shortNames: Readonly<Record<string, string>> = { Up: '↑↓' };
