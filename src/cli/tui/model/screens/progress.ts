import type { Progress } from '../../../../core/index.ts';
import { addEvent, noProgress, type OperationEvent } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { type Next, nextSerial, pop, push, stay, swap } from '../next.ts';
import type { Opened, TuiState } from '../state.ts';

/** An operation while it runs, and how it ended. The window only watches: it goes on without it. */
export interface ProgressScreen extends Opened {
  readonly name: 'progress';
  readonly operation: string;
  readonly stack: string;
  readonly verb: string;
  /** Where it runs, as far as this window knows. */
  readonly where: 'keeper' | 'here' | undefined;
  readonly progress: Progress;
}

/** Of an operation that runs or ran: rebuilt from its record. */
export function openProgress(state: TuiState, of: Pick<ProgressScreen, 'operation' | 'stack' | 'verb'>): Next {
  const screen = watching({ ...of, where: undefined }, nextSerial(state));
  return push(state, screen, { kind: 'follow', serial: screen.serial, operation: of.operation });
}

/** In the place of the review that started it. */
export function watchStarted(
  state: TuiState,
  of: Pick<ProgressScreen, 'operation' | 'stack' | 'verb' | 'where'>,
): Next {
  const screen = watching(of, nextSerial(state));
  return swap(state, screen, { kind: 'follow', serial: screen.serial, operation: of.operation });
}

function watching(
  { operation, stack, verb, where }: Pick<ProgressScreen, 'operation' | 'stack' | 'verb' | 'where'>,
  serial: number,
): ProgressScreen {
  return { name: 'progress', serial, operation, stack, verb, where, progress: noProgress };
}

export function withEvent(screen: ProgressScreen, event: OperationEvent): ProgressScreen {
  return { ...screen, progress: addEvent(screen.progress, event) };
}

const isRunning = (_: TuiState, { progress }: ProgressScreen) => progress.end === undefined;

const bindings: readonly Binding<ProgressScreen>[] = [
  {
    keys: ['Esc', 'Left', 'Enter'],
    does: 'go back; what runs goes on',
    hint: 'back',
    run: (state) => pop(state),
  },
  {
    keys: ['x'],
    does: 'ask the operation to stop where it safely can',
    hint: 'cancel it',
    when: isRunning,
    run: (state, { operation }) => stay(state, { kind: 'cancel', operation }),
  },
  {
    keys: ['c'],
    does: 'copy the report of the failure',
    hint: 'copy the report',
    when: (_, { progress }) => progress.end?.kind === 'failed',
    run: (state, { operation, verb, stack, progress }) =>
      stay(state, { kind: 'copy', text: reportOf({ operation, verb, stack, progress }), what: 'The report' }),
  },
];

/** What somebody else needs to help: no secret is in it, because none is in an error. */
function reportOf({
  operation,
  verb,
  stack,
  progress,
}: Pick<ProgressScreen, 'operation' | 'verb' | 'stack' | 'progress'>) {
  const error = progress.end?.kind === 'failed' ? progress.end.error : undefined;
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['Failed', error?.what],
    ['Why', error?.why],
    ['Now', error?.now],
    ['To do', error?.hint],
    ['Code', error?.code],
    ['Operation', `${operation}, ${verb} of ${stack}`],
  ];
  return lines.flatMap(([name, text]) => (text === undefined ? [] : [`${name}: ${text}`])).join('\n');
}

export const progressRules: ScreenRules<ProgressScreen> = { bindings };
