import type { Next } from '../tui/model/next.ts';
import { reduce } from '../tui/model/reduce.ts';
import type { ScreenName, ScreenOf, TuiState } from '../tui/model/state.ts';

/** A screen as it is told to somebody who listens: what there is to know, and what can be answered. */
export interface Spoken {
  /** Sentences, each on a line. What was told already is not told again while the screen stays open. */
  readonly told: readonly string[];
  /** Read out with numbers. Where one of them is harmless and another is not, the harmless one comes first. */
  readonly choices: readonly Choice[];
  /** The last sentence: what may be answered. Empty where it is told in a moment. */
  readonly asks: string;
  /** What a line that is no number and no word of every screen does. */
  readonly takes?: (state: TuiState, text: string) => Next;
  /** What is going on, for "Still waiting, 2 minutes so far: …". Absent while nothing is. */
  readonly waitsFor?: string;
  /** Told the first time; what it changes to later is told with "Still waiting", because it may change every second. */
  readonly passing?: string;
  /** Whether the choices change by themselves all the time: then only their `news` is told, not all of them again. */
  readonly isLive?: true;
}

export interface Choice {
  readonly label: string;
  /** Told by itself when it changes on a live screen. */
  readonly news?: { readonly about: string; readonly text: string };
  readonly run: (state: TuiState) => Next;
}

export type Say<Name extends ScreenName = ScreenName> = (state: TuiState, screen: ScreenOf<Name>) => Spoken;

/** What keys of the screen do: for what the model has no other door to. */
export function press(...keys: readonly string[]): (state: TuiState) => Next {
  return (state) =>
    keys.reduce<Next>(
      (done, key) => {
        const next = reduce(done.state, { kind: 'key', key }, done.state.now);
        return { state: next.state, effects: [...done.effects, ...next.effects] };
      },
      { state, effects: [] },
    );
}

/** The text in the field of the screen, instead of what was in it, and Enter. */
export function typeLine(text: string): (state: TuiState) => Next {
  const letters = Array.from(text, (letter) => (letter === ' ' ? 'Space' : letter));
  return press('End', 'Ctrl-U', ...letters, 'Enter');
}
