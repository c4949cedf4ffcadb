import type { StepEvent, StepId } from '../../domain/operation-event.ts';

/** An operation yields what happens, returns its result, and throws an ExpectedError when it cannot go on. */
export type Operation<Result> = AsyncGenerator<StepEvent, Result, void>;

/**
 * The smallest part of an operation worth showing. Running all steps again, in any process, goes on where the last run
 * stopped: `check` tells whether the world is already as the step leaves it, or, where the world cannot tell, the journal
 * remembers that the step was finished once.
 */
export interface Step {
  readonly id: StepId;
  readonly check: (() => Promise<boolean>) | 'journal';
  /** Yields what is worth showing, or has nothing to show. */
  readonly do: () => Operation<void> | Promise<void>;
  /** Throws when `do` did not lead to what `check` looks for; left out where `do` itself waits for that. */
  readonly verify?: () => Promise<void>;
}

/** Steps of a run: which of them the journal knows as finished, and whether the stack is still ours. */
export interface Journal {
  readonly finished: ReadonlySet<StepId>;
  /** Throws before a step when the stack is no longer ours, or somebody asked to cancel. */
  readonly confirm: () => Promise<void>;
}

/** Runs the steps that are not done yet, in order. */
export async function* runSteps(steps: readonly Step[], { finished, confirm }: Journal): Operation<void> {
  for (const step of steps) {
    if (step.check === 'journal' ? finished.has(step.id) : await step.check()) {
      yield { kind: 'step-finished', step: step.id, outcome: 'unchanged' };
      continue;
    }
    await confirm();
    yield { kind: 'step-started', step: step.id };
    const work = step.do();
    if (work instanceof Promise) await work;
    else yield* work;
    await step.verify?.();
    yield { kind: 'step-finished', step: step.id, outcome: 'changed' };
  }
}
