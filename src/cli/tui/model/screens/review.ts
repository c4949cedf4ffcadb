import type { ErrorFacts, PeopleSeen, Review } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import type { Asked, People } from '../effects.ts';
import { emptyField, type Field, insert, typeInto } from '../field.ts';
import { askAnew, type Next, nextSerial, pop, push, stay, swap, withTop } from '../next.ts';
import { sameAs } from '../same-as.ts';
import type { Opened, TuiState } from '../state.ts';
import { moved } from '../window.ts';

/**
 * What would be done and why, who would notice, and the question. Nobody is disturbed by Enter alone: where people are in a
 * session, the first choice is to wait. Data goes only for the typed name of the study.
 */
export interface ReviewScreen extends Opened {
  readonly name: 'review';
  readonly asked: Asked;
  readonly phase:
    | { readonly kind: 'looking' }
    | { readonly kind: 'refused'; readonly error: ErrorFacts }
    | {
        readonly kind: 'ready';
        readonly review: Review;
        readonly people: PeopleSeen | undefined;
        readonly stage: Stage;
      }
    | { readonly kind: 'starting'; readonly review: Review };
  /** What a look or a start waits for. */
  readonly waitingFor: string | undefined;
  readonly cursor: number;
}

/** What is being asked at the moment. */
export type Stage =
  | { readonly kind: 'choose' }
  | { readonly kind: 'reason'; readonly field: Field }
  | { readonly kind: 'name'; readonly field: Field; readonly people: People };

export interface Choice {
  readonly label: string;
  readonly takes: People | 'reason' | 'back';
}

export function openReview(state: TuiState, asked: Asked): Next {
  const screen = lookingAt(asked, nextSerial(state));
  return push(state, screen, { kind: 'review', serial: screen.serial, asked });
}

/** In the place of the screen that asked for the last thing missing. */
export function reviewInPlace(state: TuiState, asked: Asked): Next {
  const screen = lookingAt(asked, nextSerial(state));
  return swap(state, screen, { kind: 'review', serial: screen.serial, asked });
}

function lookingAt(asked: Asked, serial: number): ReviewScreen {
  return { name: 'review', serial, asked, phase: { kind: 'looking' }, waitingFor: undefined, cursor: 0 };
}

/** The screen once it was reviewed: a question, or the answer that nothing is to be done. */
export function withReview(screen: ReviewScreen, review: Review, people: PeopleSeen | undefined): ReviewScreen {
  const asksForName = review.wants === 'typed-name' && !disturbs(review, people);
  const stage: Stage = asksForName
    ? { kind: 'name', field: emptyField, people: { kind: 'refuse' } }
    : { kind: 'choose' };
  return { ...screen, phase: { kind: 'ready', review, people, stage }, waitingFor: undefined, cursor: 0 };
}

/** Whether somebody is in a session who would notice. */
export function disturbs({ plan }: Review, people: PeopleSeen | undefined): boolean {
  return plan.some(({ interrupts }) => interrupts) && people !== undefined && countOf(people) > 0;
}

export function countOf({ counts }: PeopleSeen): number {
  return counts.onPage + counts.waiting + counts.inRoom;
}

export function choicesOf({ asked, phase }: ReviewScreen): readonly Choice[] {
  if (phase.kind !== 'ready') return [];
  const { review, people } = phase;
  const back: Choice = { label: 'Cancel', takes: 'back' };
  const { verb } = asked;
  if (review.plan.length === 0 && !review.interrupted) return [{ label: 'Back', takes: 'back' }];
  if (!disturbs(review, people)) return [{ label: `${capital(verb)} now`, takes: { kind: 'refuse' } }, back];
  return [
    { label: `Wait until nobody is in a session, then ${verb}`, takes: { kind: 'wait' } },
    { label: `${capital(verb)} now and interrupt them…`, takes: 'reason' },
    back,
  ];
}

/** The command that does what is chosen. */
export function commandOf(screen: ReviewScreen): string {
  const { asked, phase, cursor } = screen;
  if (phase.kind !== 'ready') return sameAs(asked, { people: { kind: 'refuse' }, typedName: false });
  const { stage, review } = phase;
  const typedName = review.wants === 'typed-name';
  if (stage.kind === 'name') return sameAs(asked, { people: stage.people, typedName });
  const reason = stage.kind === 'reason' ? stage.field.text.trim() : '';
  const takes = choicesOf(screen)[cursor]?.takes;
  const people: People =
    takes === 'reason' ? { kind: 'interrupt', reason } : typeof takes === 'object' ? takes : { kind: 'refuse' };
  return sameAs(asked, { people, typedName });
}

/** Whether the name was typed in full. */
export function isNameTyped({ phase }: ReviewScreen): boolean {
  return phase.kind === 'ready' && phase.stage.kind === 'name' && phase.stage.field.text === phase.review.stack;
}

function take(state: TuiState, screen: ReviewScreen): Next {
  const { phase, serial } = screen;
  if (phase.kind !== 'ready') return stay(state);
  const { review, stage } = phase;
  const ask = (next: Stage) => askAnew(state, screen, (before) => ({ ...before, phase: { ...phase, stage: next } }));
  const start = (people: People, typed: string | undefined) =>
    stay(withTop(state, { ...screen, phase: { kind: 'starting', review } }), {
      kind: 'start',
      ...{ serial, asked: screen.asked, review, people, typed },
    });
  const goOn = (people: People) =>
    review.wants === 'typed-name' ? ask({ kind: 'name', field: emptyField, people }) : start(people, undefined);

  if (stage.kind === 'name') return isNameTyped(screen) ? start(stage.people, stage.field.text) : stay(state);
  if (stage.kind === 'reason') {
    const reason = stage.field.text.trim();
    return reason === '' ? stay(state) : goOn({ kind: 'interrupt', reason });
  }
  const takes = choicesOf(screen)[screen.cursor]?.takes;
  if (takes === undefined || takes === 'back') return pop(state);
  return takes === 'reason' ? ask({ kind: 'reason', field: emptyField }) : goOn(takes);
}

const isChoosing = (_: TuiState, { phase }: ReviewScreen) => phase.kind === 'ready' && phase.stage.kind === 'choose';

const bindings: readonly Binding<ReviewScreen>[] = [
  {
    keys: ['Up', 'Down', 'k', 'j'],
    does: 'choose',
    hint: 'choose',
    when: isChoosing,
    run: (state, screen, key) => {
      const count = choicesOf(screen).length;
      return stay(withTop(state, { ...screen, cursor: moved(screen.cursor, key, { count, height: count }) ?? 0 }));
    },
  },
  {
    keys: ['Enter'],
    does: 'do what is chosen; what loses data wants the typed name',
    hint: 'confirm',
    when: (_, { phase }) => phase.kind === 'ready',
    run: take,
  },
  {
    keys: ['r'],
    does: 'look again',
    hint: 'look again',
    when: (_, { phase }) => phase.kind === 'refused',
    run: (state, { asked }) => reviewInPlace(state, asked),
  },
  {
    keys: ['Esc', 'Left'],
    does: 'go back; nothing changes',
    hint: 'cancel, nothing changes',
    run: (state) => pop(state),
  },
];

export const reviewRules: ScreenRules<ReviewScreen> = {
  bindings,
  isTyping: ({ phase }) => phase.kind === 'ready' && phase.stage.kind !== 'choose',
  waitsToBeSeen: true,
  typed(state, screen, key) {
    const { phase } = screen;
    if (phase.kind !== 'ready' || phase.stage.kind === 'choose') return undefined;
    const field = typeInto(phase.stage.field, key);
    return field && stay(withTop(state, { ...screen, phase: { ...phase, stage: { ...phase.stage, field } } }));
  },
  pasted(state, screen, text) {
    const { phase } = screen;
    // A name is typed, not pasted: it is the one moment to stop and think.
    if (phase.kind !== 'ready' || phase.stage.kind !== 'reason') return stay(state);
    const field = insert(phase.stage.field, text);
    return stay(withTop(state, { ...screen, phase: { ...phase, stage: { ...phase.stage, field } } }));
  },
};
const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
