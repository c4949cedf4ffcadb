import { globalBindings } from './global-bindings.ts';
import { layoutIn } from './layout.ts';
import type { HelpScreen } from './screens/help.ts';
import { bindingsOf } from './screens.ts';
import type { TuiState } from './state.ts';
import { wrap } from './text.ts';

/** One line of the help: keys and what they do, or the rest of that. */
export interface HelpLine {
  readonly keys: string;
  readonly does: string;
}

/**
 * What the filter leaves, in lines that fit: first what the keys do at the moment, then, below an empty line and a heading,
 * what they do at other times, and why not now where somebody could wonder.
 */
export function helpLines(state: TuiState, { field, ...screen }: HelpScreen): readonly HelpLine[] {
  const { columns } = layoutIn(state);
  const room = columns - widthOfKeysIn(columns) - 4;
  const below = state.screens.at(state.screens.findIndex(({ serial }) => serial === screen.serial) - 1);
  const word = field.text.toLowerCase();
  const told = [...bindingsOf(screen.about), ...globalBindings].map(({ keys, does, when, blocked }) => {
    const isOpen = below?.name === screen.about;
    const isActive = isOpen && (when?.(state, below) ?? true);
    const why = isActive ? blocked?.(state, below) : undefined;
    return {
      keys: keys.join(' '),
      does: why === undefined ? does : `${does} (${why})`,
      isNow: isActive && why === undefined,
    };
  });
  const found = told.filter(({ keys, does }) => `${keys} ${does}`.toLowerCase().includes(word));
  const linesOf = (isNow: boolean) =>
    found
      .filter((one) => one.isNow === isNow)
      .flatMap(({ keys, does }) =>
        wrap(does, room).map((text, index) => ({ keys: index === 0 ? keys : '', does: text })),
      );
  const [now, later] = [linesOf(true), linesOf(false)];
  const between = now.length > 0 && later.length > 0 ? [none] : [];
  return [...now, ...between, ...(later.length > 0 ? [{ keys: 'Not now', does: '' }, ...later] : [])];
}

const none: HelpLine = { keys: '', does: '' };

/** Keys that have no room are the last of many that do the same. */
export function widthOfKeysIn(columns: number): number {
  return columns < 80 ? 16 : 30;
}
