import type { Notice, OperationEvent, OperationResult, StepId } from '../domain/operation-event.ts';
import type { ErrorFacts } from '../errors.ts';

/** How far an operation is, from its events alone: the same wherever it is shown. Times are RFC 3339. */
export interface Progress {
  readonly startedAt: string | undefined;
  /** In the order they were begun; only the last one can be `running`. */
  readonly steps: readonly StepProgress[];
  /** Steps that are to be expected yet, in their order; none after the end, nor while it is undone. */
  readonly toCome: readonly StepId[];
  readonly notices: readonly Notice[];
  readonly end:
    | { readonly kind: 'finished'; readonly at: string; readonly result: OperationResult }
    | { readonly kind: 'failed'; readonly at: string; readonly error: ErrorFacts }
    | undefined;
}

export interface StepProgress {
  readonly step: StepId;
  readonly state: 'running' | 'done' | 'unchanged' | 'failed';
  readonly startedAt: string;
  readonly endedAt: string | undefined;
  /** What it waits for at the moment, or waited for when it failed. */
  readonly waitingOn: string | undefined;
  /** What it said beside that, oldest first. */
  readonly said: readonly OperationEvent[];
}

export const noProgress: Progress = { startedAt: undefined, steps: [], toCome: [], notices: [], end: undefined };

/** The progress after one event more. Events come in their order, each once. */
export function addEvent(progress: Progress, event: OperationEvent): Progress {
  return { ...progressAfter(progress, event), toCome: toComeAfter(progress.toCome, event) };
}

/** What is to be expected yet after an event, of what was before it. What has nothing to do is told as finished alone. */
export function toComeAfter(toCome: readonly StepId[], event: OperationEvent): readonly StepId[] {
  switch (event.kind) {
    case 'operation-started':
      return event.steps ?? [];
    case 'operation-finished':
    case 'operation-failed':
      return [];
    case 'step-started':
      // What stands before it had nothing to do, whether or not that was told.
      return event.step === 'undo' ? [] : toCome.slice(toCome.indexOf(event.step) + 1);
    case 'step-finished':
      return event.outcome !== 'changed' ? withoutFirst(toCome, event.step) : toCome;
    default:
      return toCome;
  }
}

function withoutFirst(steps: readonly StepId[], step: StepId): readonly StepId[] {
  const at = steps.indexOf(step);
  return at < 0 ? steps : steps.toSpliced(at, 1);
}

function progressAfter(progress: Progress, event: OperationEvent): Progress {
  switch (event.kind) {
    case 'operation-started':
      return { ...progress, startedAt: event.at };
    case 'step-started': {
      const begun = {
        state: 'running',
        startedAt: event.at,
        endedAt: undefined,
        waitingOn: undefined,
        said: [],
      } as const;
      const earlier = endSteps(progress.steps, event.at, event.step === 'undo' ? 'failed' : 'done');
      return { ...progress, steps: [...earlier, { step: event.step, ...begun }] };
    }
    case 'step-finished':
      // What has nothing to do is never begun, and no step of its own.
      if (progress.steps.at(-1)?.step !== event.step) return progress;
      return withLast(progress, (step) => ({
        ...step,
        state: event.outcome === 'changed' ? 'done' : 'unchanged',
        endedAt: event.at,
        waitingOn: undefined,
      }));
    case 'waiting':
      return withLast(progress, (step) => ({ ...step, waitingOn: event.on }));
    case 'notice':
      return { ...progress, notices: [...progress.notices, event.notice] };
    case 'operation-finished':
      return {
        ...progress,
        steps: endSteps(progress.steps, event.at, 'done'),
        end: { kind: 'finished', at: event.at, result: event.result },
      };
    case 'operation-failed':
      return {
        ...progress,
        steps: endSteps(progress.steps, event.at, 'failed'),
        end: { kind: 'failed', at: event.at, error: event.error },
      };
    default:
      return withLast(progress, (step) => ({ ...step, said: [...step.said, event] }));
  }
}

function withLast(progress: Progress, change: (step: StepProgress) => StepProgress): Progress {
  const last = progress.steps.at(-1);
  return last ? { ...progress, steps: [...progress.steps.slice(0, -1), change(last)] } : progress;
}

/** A step that a failure cut off said nothing of its end. */
function endSteps(steps: readonly StepProgress[], at: string, as: 'done' | 'failed'): readonly StepProgress[] {
  return steps.map((step) => (step.state === 'running' ? { ...step, state: as, endedAt: at } : step));
}
