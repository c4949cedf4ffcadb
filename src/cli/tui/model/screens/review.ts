import {
  capital,
  describeChange,
  type ErrorFacts,
  nounOfVerb,
  type PeopleSeen,
  type Review,
} from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import type { Asked, Effect, People } from '../effects.ts';
import { emptyField, type Field, insert, typeInto } from '../field.ts';
import type { Key } from '../keys.ts';
import { type Layout, layoutIn } from '../layout.ts';
import { askAnew, type Next, nextSerial, pop, push, stay, swap, withTop } from '../next.ts';
import { copyReport } from '../report.ts';
import { changesBeside, factsOf } from '../review-facts.ts';
import { sameAs } from '../same-as.ts';
import { namingServer, oforestOn } from '../shown-server.ts';
import { forPeople, othersAtWork, peopleFound, stakesOf } from '../stakes.ts';
import type { Opened, TuiState } from '../state.ts';
import { type Told, type ToldWindow, toldWindow } from '../told.ts';
import { saidOf } from '../verbs.ts';
import { beginWait, stopWaiting, waitOn } from '../waits.ts';
import { waysOut } from '../ways-out.ts';
import { movedAmong } from '../window.ts';
import { openExport } from './export.ts';
import { waitScreen } from './wait.ts';

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
    | Ready
    | { readonly kind: 'starting'; readonly review: Review; readonly people: People };
  /** What a look or a start waits for. */
  readonly waitingFor: string | undefined;
  readonly cursor: number;
  /** First row of what is told, where not all of it fits. */
  readonly top: number;
  /** How much of what is lost and kept was on the screen so far. */
  readonly stakesSeen: number;
}

export interface Ready {
  readonly kind: 'ready';
  readonly review: Review;
  readonly people: PeopleSeen | undefined;
  readonly stage: Stage;
}

/** What is being asked at the moment. */
export type Stage =
  | { readonly kind: 'choose' }
  | { readonly kind: 'reason'; readonly field: Field }
  | { readonly kind: 'name'; readonly field: Field; readonly people: People };

export interface Choice {
  readonly label: string;
  readonly takes:
    | { readonly kind: 'start'; readonly people: People }
    | { readonly kind: 'reason' }
    /** A review again: of something else, or after whoever is at work on the study. */
    | { readonly kind: 'ask'; readonly asked: Asked; readonly others: 'show' | 'wait' }
    | { readonly kind: 'back' };
}

const cancel: Choice = { label: 'Cancel', takes: { kind: 'back' } };
const back: Choice = { label: 'Back', takes: { kind: 'back' } };

export function openReview(state: TuiState, asked: Asked): Next {
  const screen = lookingAt(asked, nextSerial(state));
  return push(state, screen, { kind: 'review', serial: screen.serial, asked, others: 'show' });
}

/** In the place of the screen that asked for the last thing missing. */
export function reviewInPlace(state: TuiState, asked: Asked, others: 'show' | 'wait' = 'show'): Next {
  const screen = lookingAt(asked, nextSerial(state));
  return swap(state, screen, { kind: 'review', serial: screen.serial, asked, others });
}

function lookingAt(asked: Asked, serial: number): ReviewScreen {
  return {
    name: 'review',
    serial,
    asked,
    phase: { kind: 'looking' },
    waitingFor: undefined,
    cursor: 0,
    top: 0,
    stakesSeen: 0,
  };
}

/** What was asked for as it turned out to be refused. */
export function refusedReview(asked: Asked, error: ErrorFacts, serial: number): ReviewScreen {
  return { ...lookingAt(asked, serial), phase: { kind: 'refused', error } };
}

/** What was asked for, of which nothing is left to do. */
export function settledReview(asked: Asked, review: Review, serial: number): ReviewScreen {
  return withReview(lookingAt(asked, serial), review, undefined);
}

/** The screen once it was reviewed: a question, or the answer that nothing is to be done. */
export function withReview(screen: ReviewScreen, review: Review, people: PeopleSeen | undefined): ReviewScreen {
  const stage = firstStage(screen.asked, review, people);
  const anew = { waitingFor: undefined, cursor: 0, top: 0, stakesSeen: 0 };
  return { ...screen, ...anew, phase: { kind: 'ready', review, people, stage } };
}

function firstStage(asked: Asked, review: Review, people: PeopleSeen | undefined): Stage {
  const asksForName =
    review.wants === 'typed-name' &&
    !review.interrupted &&
    !review.running &&
    review.plan.length > 0 &&
    !disturbs(review, people, asked);
  return asksForName ? { kind: 'name', field: emptyField, people: { kind: 'refuse' } } : { kind: 'choose' };
}

/** Whether somebody is in a session who would notice. */
export function disturbs(
  { plan }: Review,
  people: PeopleSeen | undefined,
  { peopleFound }: Pick<Asked, 'peopleFound'> = {},
): boolean {
  const isSomebodyThere = peopleFound === true || (people !== undefined && countOf(people) > 0);
  return isSomebodyThere && plan.some(({ interrupts }) => interrupts);
}

export function countOf({ counts }: PeopleSeen): number {
  return counts.onPage + counts.waiting + counts.inRoom;
}

export function choicesOf({ asked, phase }: ReviewScreen): readonly Choice[] {
  if (phase.kind === 'refused') return choicesAfter(asked, phase.error);
  if (phase.kind !== 'ready') return [];
  const { plan, interrupted, running } = phase.review;
  const { verb } = asked;
  const after: Choice['takes'] = { kind: 'ask', asked, others: 'wait' };
  if (interrupted)
    return [
      { label: `Finish or undo the ${nounOfVerb(interrupted.verb)} first, then look again`, takes: after },
      cancel,
    ];
  if (plan.length === 0) return [back];
  if (running)
    return [{ label: `Wait until the ${nounOfVerb(running.verb)} has ended, then look again`, takes: after }, cancel];
  const now: Choice['takes'] = { kind: 'start', people: { kind: 'refuse' } };
  if (!disturbs(phase.review, phase.people, asked))
    return [{ label: `${capital(saidOf(verb))} now`, takes: now }, cancel];
  return [
    {
      label: `Wait until nobody is in a session, then ${saidOf(verb)}`,
      takes: { kind: 'start', people: { kind: 'wait' } },
    },
    { label: `${capital(saidOf(verb))} now and interrupt them…`, takes: { kind: 'reason' } },
    cancel,
  ];
}

/** What can be done about a refusal: another look, or what its reason leaves open. */
function choicesAfter(asked: Asked, error: ErrorFacts): readonly Choice[] {
  return [
    { label: 'Look again', takes: { kind: 'ask', asked, others: 'show' } },
    ...waysOut(asked, error).map(
      (way): Choice => ({ label: way.label, takes: { kind: 'ask', asked: way.asked, others: 'show' } }),
    ),
    back,
  ];
}

/** The command that does what is chosen. */
export function commandOf(state: Pick<TuiState, 'server' | 'usualServer'>, screen: ReviewScreen): string {
  const { asked, phase, cursor } = screen;
  const oforest = oforestOn(state);
  const people: People = { kind: 'refuse' };
  const takes = choicesOf(screen)[cursor]?.takes;
  if (takes?.kind === 'ask') return sameAs(takes.asked, { people, typedName: false, others: takes.others, oforest });
  if (phase.kind === 'starting')
    return sameAs(asked, { people: phase.people, typedName: phase.review.wants === 'typed-name', oforest });
  if (phase.kind !== 'ready') return sameAs(asked, { people, typedName: false, oforest });
  const { stage, review } = phase;
  const typedName = review.wants === 'typed-name';
  if (stage.kind === 'name') return sameAs(asked, { people: stage.people, typedName, oforest });
  const reason = stage.kind === 'reason' ? stage.field.text.trim() : '';
  if (takes?.kind === 'reason') return sameAs(asked, { people: { kind: 'interrupt', reason }, typedName, oforest });
  return sameAs(asked, { people: takes?.kind === 'start' ? takes.people : people, typedName, oforest });
}

/** Whether the name was typed in full. */
export function isNameTyped({ phase }: ReviewScreen): boolean {
  return phase.kind === 'ready' && phase.stage.kind === 'name' && phase.stage.field.text === phase.review.stack;
}

/** Whether data goes that can be saved before: what is left of a deleted study has no database that runs. */
export function offersExport({ asked, phase }: ReviewScreen): boolean {
  if (phase.kind !== 'ready' || asked.verb === 'purge') return false;
  const { wants, plan, held } = phase.review;
  return wants === 'typed-name' && plan.length > 0 && held?.sessions !== 0;
}

/** What is told before the question: who is at work, who would notice, what is lost and kept, and what would be done. */
export function toldOf(state: TuiState, { asked, phase }: ReviewScreen): readonly (readonly Told[])[] {
  if (phase.kind !== 'ready') return [];
  const { review, people, stage } = phase;
  const others = othersAtWork(review);
  const disturbed = disturbs(review, people, asked);
  const effect = disturbed ? forPeople(review) : undefined;
  const warned: readonly Told[] = [
    ...(disturbed ? [{ kind: 'people', text: peopleFound(asked, people) } as const] : []),
    ...(effect === undefined ? [] : [{ kind: 'effect', text: effect } as const]),
  ];
  const stakes = stakesOf(review).map(
    ([name, text]): Told => ({ kind: 'stake', name, text: namingServer(text, state) }),
  );
  const calm = !disturbed && people && forPeople(review) !== undefined;
  const facts = factsOf(state, review, { isEffectTold: disturbed }).map(
    ([name, text]): Told => ({ kind: 'fact', name, text }),
  );
  return [
    others === undefined ? [] : [{ kind: 'others', text: others }],
    // What to do about people was decided by then.
    ...(stage.kind === 'name' ? [stakes, warned] : [warned, stakes]),
    facts,
    calm ? [{ kind: 'plain', text: people.sentence }] : [],
    changesIn(review, facts.length > 0),
  ];
}

function changesIn(review: Review, isBelowFacts: boolean): readonly Told[] {
  const { plan, stack, serving } = review;
  if (plan.length === 0) {
    const already = serving ? `already runs this as v${serving}` : 'is already as asked';
    return [{ kind: 'plain', text: `Nothing to do: ${stack} ${already}.` }];
  }
  const changes = changesBeside(review).map((change): Told => {
    const { interrupts } = change;
    return { kind: 'change', text: describeChange(change), interrupts };
  });
  return changes.length > 0 && isBelowFacts ? [{ kind: 'heading', text: 'In detail' }, ...changes] : changes;
}

/** As much of it as there is room for above the question. */
export function toldIn(state: TuiState, screen: ReviewScreen): ToldWindow {
  const layout = layoutIn(state);
  // A tiny screen has no line for the command, and none to spare.
  const height = Math.max(1, layout.bodyRows - rowsOfQuestion(screen, layout) - 1);
  return toldWindow(toldOf(state, screen), { layout, height, top: screen.top });
}

export function rowsOfQuestion(screen: ReviewScreen, { kind }: Pick<Layout, 'kind'>): number {
  const { phase } = screen;
  if (phase.kind !== 'ready' || phase.stage.kind === 'choose') return choicesOf(screen).length;
  return phase.stage.kind === 'name' && kind !== 'tiny' ? 3 : 2;
}

function scroll(state: TuiState, screen: ReviewScreen, key: Key): Next {
  const { rows, above } = toldIn(state, screen);
  const by = { PgUp: -rows.length, PgDn: rows.length, Up: -1, Down: 1 }[key] ?? 0;
  const scrolled = { ...screen, top: Math.max(0, above + by), stakesSeen: stakesSeen(state, screen) };
  // No further than to its end.
  return stay(withTop(state, { ...scrolled, top: toldIn(state, scrolled).above }));
}

function stakesSeen(state: TuiState, screen: ReviewScreen): number {
  return Math.max(screen.stakesSeen, toldIn(state, screen).stakes);
}

/** Whether what goes and what stays, the first two that are told, were on the screen. */
export function areStakesSeen(state: TuiState, screen: ReviewScreen): boolean {
  const { phase } = screen;
  const count = phase.kind === 'ready' ? stakesOf(phase.review).length : 0;
  return stakesSeen(state, screen) >= Math.min(2, count);
}

/** Whether Enter would do anything. */
function canTake(state: TuiState, screen: ReviewScreen): boolean {
  const { phase } = screen;
  if (phase.kind === 'refused') return true;
  if (phase.kind !== 'ready') return false;
  switch (phase.stage.kind) {
    case 'choose':
      return true;
    case 'reason':
      return phase.stage.field.text.trim() !== '';
    case 'name':
      return isNameTyped(screen) && areStakesSeen(state, screen);
  }
}

function take(state: TuiState, screen: ReviewScreen): Next {
  const { phase } = screen;
  if (phase.kind === 'ready' && phase.stage.kind === 'name') return start(state, screen, phase, phase.stage.people);
  if (phase.kind === 'ready' && phase.stage.kind === 'reason')
    return goOn(state, screen, phase, { kind: 'interrupt', reason: phase.stage.field.text.trim() });
  const takes = choicesOf(screen)[screen.cursor]?.takes;
  if (takes?.kind === 'ask') return reviewInPlace(state, takes.asked, takes.others);
  if (phase.kind !== 'ready' || takes === undefined || takes.kind === 'back') return pop(state);
  return takes.kind === 'reason'
    ? ask(state, screen, phase, { kind: 'reason', field: emptyField })
    : goOn(state, screen, phase, takes.people);
}

function goOn(state: TuiState, screen: ReviewScreen, ready: Ready, people: People): Next {
  return ready.review.wants === 'typed-name'
    ? ask(state, screen, ready, { kind: 'name', field: emptyField, people })
    : start(state, screen, ready, people);
}

function ask(state: TuiState, screen: ReviewScreen, ready: Ready, stage: Stage): Next {
  const seen = stakesSeen(state, screen);
  return askAnew(state, screen, (before) => ({ ...before, phase: { ...ready, stage }, top: 0, stakesSeen: seen }));
}

function start(state: TuiState, screen: ReviewScreen, { review, stage }: Ready, people: People): Next {
  const { serial, asked } = screen;
  const typed = stage.kind === 'name' ? stage.field.text : undefined;
  const effect = { kind: 'start', ...{ serial, asked, review, people, typed } } as const;
  if (people.kind === 'wait') return wait(state, screen, effect);
  return stay(withTop(state, { ...screen, phase: { kind: 'starting', review, people } }), effect);
}

/** What waited on the study before gives way: two would begin at the same moment. */
function wait(state: TuiState, { serial: id }: ReviewScreen, effect: Extract<Effect, { kind: 'start' }>): Next {
  const before = waitOn({ stack: effect.asked.study.stack }, state);
  const { state: free, effects } = before ? stopWaiting(state, before) : stay(state);
  const begun = beginWait({ id, asked: effect.asked, review: effect.review }, state);
  const next = swap({ ...free, waits: [...free.waits, begun] }, waitScreen(begun, nextSerial(state)), effect);
  return { state: next.state, effects: [...effects, ...next.effects] };
}

/** From a field to the choice that led there; otherwise back to the screen below. */
function goBack(state: TuiState, screen: ReviewScreen): Next {
  const { asked, phase } = screen;
  if (phase.kind !== 'ready' || phase.stage.kind === 'choose') return pop(state);
  const stage = firstStage(asked, phase.review, phase.people);
  return stage.kind === 'choose' ? ask(state, screen, phase, stage) : pop(state);
}

const hasMore = (state: TuiState, screen: ReviewScreen) => {
  const { above, below } = toldIn(state, screen);
  return above + below > 0;
};
const isChoosing = (_: TuiState, screen: ReviewScreen) => choicesOf(screen).length > 0 && fieldOf(screen) === undefined;
const hasStarted = (_: TuiState, { phase }: ReviewScreen) => phase.kind === 'starting';

const bindings: readonly Binding<ReviewScreen>[] = [
  {
    keys: ['Up', 'Down', 'k', 'j'],
    does: 'choose',
    hint: 'choose',
    when: isChoosing,
    run: (state, screen, key) => {
      const cursor = movedAmong(screen.cursor, key, choicesOf(screen).length);
      return stay(withTop(state, { ...screen, cursor }));
    },
  },
  {
    keys: ['Enter'],
    does: 'do what is chosen; what loses data wants the typed name',
    hint: 'confirm',
    when: canTake,
    run: take,
  },
  {
    keys: ['Tab'],
    does: 'export the data first; what is asked here waits',
    hint: 'export the data first',
    when: (_, screen) => offersExport(screen),
    run: (state, { asked }) => openExport(state, asked.study),
  },
  {
    keys: ['PgDn', 'PgUp'],
    does: 'read on, and back, where not all of it fits',
    hint: 'read on',
    when: hasMore,
    run: scroll,
  },
  {
    keys: ['Down', 'Up'],
    does: 'the same line by line, while something is typed',
    when: (state, screen) => fieldOf(screen) !== undefined && hasMore(state, screen),
    run: scroll,
  },
  {
    keys: ['r'],
    does: 'look again',
    hint: 'look again',
    when: (_, { phase }) => phase.kind === 'refused',
    run: (state, { asked }) => reviewInPlace(state, asked),
  },
  {
    keys: ['c'],
    does: 'copy the command that does the same',
    hint: 'copy the command',
    when: (_, { phase }) => phase.kind === 'ready',
    run: (state, screen) => stay(state, { kind: 'copy', text: commandOf(state, screen), what: 'The command' }),
  },
  {
    keys: ['c'],
    does: 'copy the report of the refusal',
    hint: 'copy the report',
    when: (_, { phase }) => phase.kind === 'refused',
    run: (state, { asked: { verb, study }, phase }) =>
      phase.kind === 'refused'
        ? stay(state, copyReport(phase.error, `${nounOfVerb(verb)} of ${study.stack}`))
        : stay(state),
  },
  {
    keys: ['Esc', 'Left'],
    does: 'go back; what was started goes on',
    hint: 'back',
    when: hasStarted,
    run: (state) => pop(state),
  },
  {
    keys: ['Esc', 'Left'],
    does: 'go back; nothing changes',
    hint: 'cancel, nothing changes',
    when: (state, screen) => !hasStarted(state, screen),
    run: goBack,
  },
];

/** Whether `c` is the key that copies, and no letter. */
export function canCopy(screen: ReviewScreen): boolean {
  return screen.phase.kind === 'ready' && fieldOf(screen) === undefined;
}

/** The field that letters go into; undefined while there is none. */
function fieldOf({ phase }: ReviewScreen): Field | undefined {
  return phase.kind === 'ready' && phase.stage.kind !== 'choose' ? phase.stage.field : undefined;
}

function withField(state: TuiState, screen: ReviewScreen, field: Field): Next {
  const { phase } = screen;
  if (phase.kind !== 'ready' || phase.stage.kind === 'choose') return stay(state);
  return stay(withTop(state, { ...screen, phase: { ...phase, stage: { ...phase.stage, field } } }));
}

export const reviewRules: ScreenRules<ReviewScreen> = {
  bindings,
  isTyping: (screen) => fieldOf(screen) !== undefined,
  waitsToBeSeen: true,
  typed(state, screen, key) {
    const before = fieldOf(screen);
    const field = before && typeInto(before, key);
    return field && withField(state, screen, field);
  },
  pasted(state, screen, text) {
    const before = fieldOf(screen);
    return before ? withField(state, screen, insert(before, text)) : stay(state);
  },
  // A name is typed, not pasted: it is the one moment to stop and think.
  refusesPaste: ({ phase }) => phase.kind === 'ready' && phase.stage.kind === 'name',
};
