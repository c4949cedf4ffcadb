import type { StepEvent, StepId } from '../domain/operation-event.ts';

/** An operation yields what happens, returns its result, and throws an ExpectedError when it cannot go on. */
export type Operation<Result> = AsyncGenerator<StepEvent, Result, void>;

/**
 * The smallest part of an operation worth showing. `check` tells whether the world is already as the step leaves it, so
 * that running all steps again, in any process, goes on where the last run stopped.
 */
export interface Step {
  readonly id: StepId;
  readonly check: () => Promise<boolean>;
  /** Yields what is worth showing, or has nothing to show. */
  readonly do: () => Operation<void> | Promise<void>;
  /** Throws when `do` did not lead to what `check` looks for; left out where `do` itself waits for that. */
  readonly verify?: () => Promise<void>;
}

/** Runs the steps whose check fails, in order; `confirm` throws before a step when the stack is no longer ours. */
export async function* runSteps(
  steps: readonly Step[],
  { confirm }: { confirm: () => Promise<void> },
): Operation<void> {
  for (const step of steps) {
    if (await step.check()) {
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
