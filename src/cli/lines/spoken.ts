import type { ErrorFacts } from '../../core/index.ts';
import type { Next } from '../tui/model/next.ts';
import { reduce } from '../tui/model/reduce.ts';
import { bindingsOf } from '../tui/model/screens.ts';
import type { Screen, ScreenName, ScreenOf, TuiState } from '../tui/model/state.ts';
import { sentence } from './words.ts';

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
  /** Whether the choices change by themselves all the time: then their `news` is told, and all of them for another `asks`. */
  readonly isLive?: true;
  /** The failure that it tells. */
  readonly failed?: ErrorFacts;
  /** What nobody has said yes to, as a sentence: a script that ends here has not done what it began. */
  readonly unconfirmed?: string;
  /** What a script exits with whose answer is refused here; default: 5. */
  readonly refusedWith?: ErrorFacts['code'];
  /** A word of a choice is not enough here: it says yes to something. */
  readonly wantsWholeLabel?: true;
}

export interface Choice {
  readonly label: string;
  /** What it is, where its label tells more, such as an age: it is not read out again whenever that changes. */
  readonly about?: string;
  /** Told by itself when it changes on a live screen. */
  readonly news?: string;
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

/** A field of a form; what is in it already can be kept, from the last time or from before a mistake. */
export function askForText(
  text: string,
  { mayBeEmpty }: { mayBeEmpty: boolean },
): Pick<Spoken, 'choices' | 'asks' | 'takes'> {
  const ways = ['Type it', ...(text === '' ? [] : ['1']), ...(mayBeEmpty ? ['a single dash to leave it empty'] : [])];
  return {
    choices: text === '' ? [] : [{ label: `Keep ${text}`, run: press('Enter') }],
    asks: `${ways.join(', ')}, or back.`,
    takes: (state, given) => typeLine(mayBeEmpty && given === '-' ? '' : given)(state),
  };
}

/** Keys that move a cursor, or do what it is on: there is none to listen to. */
const ofCursor: readonly string[] = ['Up', 'Left', 'PgUp', 'Tab', 'Enter'];

/** What the keys of the screen do at the moment, to be chosen by number; going back first. */
export function keysAsChoices(
  state: TuiState,
  screen: Screen,
  { without = [] }: { readonly without?: readonly string[] } = {},
): readonly Choice[] {
  const useful = bindingsOf(screen.name).flatMap(({ keys: [key = ''], does, when }) =>
    !ofCursor.includes(key) && !without.includes(key) && (when?.(state, screen) ?? true)
      ? [{ key, label: asHeard(sentence(does).replace(/\.$/, '')), run: press(key) }]
      : [],
  );
  return useful.toSorted((one, other) => Number(other.key === 'Esc') - Number(one.key === 'Esc'));
}

/** A label of the screen for those who listen: what is copied there is read out here. */
export function asHeard(label: string): string {
  return label.replace(/…$/, '').replace(/^Copy\b/, 'Read out');
}
