import { isDown, nounOfVerb, type RecordedVerb } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import { findStudy, type Opened, type TuiState } from '../state.ts';
import { movedAmong } from '../window.ts';

/** Whether an operation is to stop: whose it is, and what stays. It may be a colleague's. */
export interface CancelScreen extends Opened {
  readonly name: 'cancel';
  readonly operation: string;
  readonly stack: string;
  readonly verb: RecordedVerb;
  readonly cursor: number;
}

export function openCancel(
  state: TuiState,
  { operation, stack, verb }: Omit<CancelScreen, 'name' | 'serial' | 'cursor'>,
) {
  return push(state, { name: 'cancel', serial: nextSerial(state), operation, stack, verb, cursor: 0 });
}

/** Until the operation ends, or the next key. */
export const askedToStop = 'It is asked to stop where it safely can.';

/** "Cancel the restart of trust-game by anna@laptop?" */
export function questionOf(state: TuiState, { operation, stack, verb }: CancelScreen): string {
  const by = state.activity.find((one) => one.operation === operation)?.by;
  return `Cancel the ${nounOfVerb(verb)} of ${stack}${by === undefined ? '' : ` by ${by}`}?`;
}

/** What is true after it. */
export function whatStays(state: TuiState, { operation, stack, verb }: CancelScreen): readonly string[] {
  const before = state.activity.find((one) => one.operation === operation)?.before;
  const study = findStudy(state, stack);
  const served = before ?? study?.release ?? 0;
  const isServing = served > 0 && !(study && isDown(study.state)) && verb !== 'start';
  return [
    `What it changed so far is taken back${isServing ? `: v${served} keeps serving` : ''}.`,
    'Where it is too far on for that, it goes on to its end.',
  ];
}

export function choicesOf(state: TuiState, screen: CancelScreen): readonly string[] {
  const goesOn = 'Back; it goes on';
  return hasEnded(state, screen) ? ['Back'] : [`Cancel the ${nounOfVerb(screen.verb)}`, goesOn];
}

/** Nobody is asked about what is over by now. */
export function hasEnded({ activity, screens }: TuiState, { operation }: Pick<CancelScreen, 'operation'>): boolean {
  return (
    activity.some((one) => one.operation === operation && one.endedAt !== undefined) ||
    screens.some((one) => one.name === 'progress' && one.operation === operation && one.progress.end !== undefined)
  );
}

function confirm(state: TuiState, screen: CancelScreen): Next {
  const { state: below, effects } = pop(state);
  if (screen.cursor !== 0 || hasEnded(state, screen)) return { state: below, effects };
  return { state: below, effects: [...effects, { kind: 'cancel', operation: screen.operation }] };
}

const bindings: readonly Binding<CancelScreen>[] = [
  {
    keys: ['Up', 'Down', 'k', 'j'],
    does: 'choose',
    hint: 'choose',
    run: (state, screen, key) => {
      const cursor = movedAmong(screen.cursor, key, choicesOf(state, screen).length);
      return stay(withTop(state, { ...screen, cursor }));
    },
  },
  { keys: ['Enter'], does: 'do what is chosen', hint: 'confirm', run: confirm },
  { keys: ['Esc', 'Left'], does: 'go back; it goes on', hint: 'back, it goes on', run: (state) => pop(state) },
];

export const cancelRules: ScreenRules<CancelScreen> = { bindings, waitsToBeSeen: true };
