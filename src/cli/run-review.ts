import {
  describeChange,
  type ErrorFacts,
  ExpectedError,
  followOperation,
  type OperationEvent,
  type Review,
  randomText,
  type Server,
  startOperation,
  systemClock,
} from '../core/index.ts';
import type { CliContext } from './context.ts';
import { type Runner, startRunner } from './runner.ts';

export interface RunOptions {
  /** Show the plan and stop. */
  readonly plan?: boolean;
  /** Start it and do not follow. */
  readonly detach?: boolean;
}

/** What a reviewed operation came to, after plan, start and follow as the options say. */
export async function runReview(
  review: Review,
  { plan, detach }: RunOptions,
  server: Server,
  context: CliContext,
): Promise<void> {
  const { output } = context;
  if (plan || review.plan.length === 0) {
    output.answer(planAnswer(review, { planned: plan ?? false }));
    return;
  }
  for (const change of review.plan) output.say(`  ${describeChange(change)}`);
  const id = await startOperation(review, context.actorOn(server), {
    swarm: server.swarm,
    clock: systemClock,
    random: randomText,
  });
  const runner = await startRunner(id, server, context);
  if (detach) {
    output.answer({
      json: { operation: id, outcome: 'accepted', stack: review.stack },
      text: `Accepted. It goes on while this computer is on; watch it with: oforest watch ${id}`,
    });
    return;
  }
  await follow(id, server, context, runner);
}

/** Shows an operation until it ends; a failed one is thrown as its own error. Ctrl-C stops watching, nothing else. */
export async function follow(id: string, server: Server, context: CliContext, runner?: Runner): Promise<void> {
  const { output, signal } = context;
  const needs = { swarm: server.swarm, clock: systemClock, signal, runnerGone: runner?.gone };
  let last: OperationEvent | undefined;
  try {
    for await (const event of followOperation(id, needs)) {
      output.event(event);
      last = event;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new ExpectedError('cancelled', `watching the operation ${id}`, {
      why: 'You pressed Ctrl-C.',
      now: 'The operation goes on while this computer is on.',
      hint: `Watch it again with \`oforest watch ${id}\`.`,
      details: { operation: id },
    });
  }
  if (last?.kind === 'operation-failed') throw new FailedOperation(last.error, id);
  if (last?.kind !== 'operation-finished') throw new Error(`the operation ${id} ended without a result`);
  const { result } = last;
  output.answer({
    json: { operation: id, outcome: 'succeeded', ...result },
    text: result.url ?? '',
    rows: [[result.stack, result.state, result.release ? `v${result.release}` : '', result.url ?? '']],
  });
}

/** The operation's own failure, as its record tells it. */
class FailedOperation extends ExpectedError {
  constructor(facts: ErrorFacts, operation: string) {
    if (facts.code === 'bug') throw new Error(facts.what);
    super(facts.code, facts.what, { ...facts, details: { operation, ...facts.details } });
  }
}

function planAnswer(review: Review, { planned }: { planned: boolean }) {
  const { stack, verb, plan, url, serving } = review;
  const nothing = `Nothing to do: ${stack} ${serving ? `already runs this as v${serving} at ${url}` : 'is already as asked'}.`;
  const lines = plan.map((change) => `${change.interrupts ? '!' : ' '} ${describeChange(change)}`);
  const notes = plan.some(({ interrupts }) => interrupts)
    ? ['', '! marks what people on a page would notice: their page waits a few seconds.']
    : [];
  return {
    json: {
      verb,
      stack,
      plan,
      url,
      outcome: planned && plan.length > 0 ? 'planned' : 'unchanged',
      ...(serving && { release: serving }),
    },
    text:
      plan.length === 0
        ? nothing
        : [`Plan of ${verb} for ${stack}; nothing was changed yet:`, ...lines, ...notes].join('\n'),
    rows: plan.map(({ action, subject, name, because }) => [action, subject, name, because]),
  };
}
