import type { Command } from 'commander';
import {
  awaitNobody,
  describeActor,
  describeChange,
  describeGuard,
  describeHeldData,
  describeKnownFit,
  disturbanceOfPlan,
  type ErrorFacts,
  ExpectedError,
  followOperation,
  nounOfVerb,
  type OperationEvent,
  type PeopleSeen,
  type Review,
  randomText,
  resumeOperation,
  type Server,
  seePeopleOf,
  startOperation,
  systemClock,
} from '../core/index.ts';
import { confirmTypedName } from './confirm.ts';
import type { CliContext } from './context.ts';
import { exclusive } from './flags.ts';
import { peopleInJson } from './render/studies.ts';
import { type Runner, startRunner } from './runner.ts';
import { usualLimitMs } from './waiting-limit.ts';

export interface RunOptions {
  /** Show the plan and stop. */
  readonly plan?: boolean;
  /** Start it and do not follow. */
  readonly detach?: boolean;
  /** Wait for whoever is at work on the study, instead of being refused. */
  readonly wait?: boolean;
  /** Disturb people in a session, for this reason. */
  readonly interrupt?: string;
  readonly ignoreOpenPages?: boolean;
  /** Wait until nobody is in a session any more: "4h" at most; true is the usual limit. */
  readonly afterSession?: string | true;
  /** The name of the study, typed: a yes to losing data or the study. */
  readonly confirm?: string;
}

/** The flags of a command that changes a study. */
export function withRunOptions(command: Command): Command {
  return command
    .option('--plan', 'show what would change and why, and stop')
    .option('--detach', 'do not follow; exit when it is accepted')
    .option('--wait', "wait while somebody else's operation runs, instead of being refused");
}

/** The flags of a command that people in a session would notice. */
export function withGuardOptions(command: Command): Command {
  return withRunOptions(command)
    .option(
      '--after-session [limit]',
      'wait until nobody is in a session any more, for 4h at most; another limit: 30m, 8h',
    )
    .addOption(
      exclusive('--interrupt <reason>', 'instead: disturb people in a session; recorded with your name', [
        'afterSession',
      ]),
    )
    .option('--ignore-open-pages', 'do not count pages that the database does not explain, such as your own monitor');
}

/** What a reviewed operation came to, after plan, confirmation, start and follow as the options say. */
export async function runReview(
  look: () => Promise<Review>,
  options: RunOptions,
  server: Server,
  context: CliContext,
): Promise<void> {
  const { output } = context;
  const review = await reviewAfterOthers(look, options, server, context);
  if (options.plan || review.plan.length === 0) {
    const people =
      review.plan.some(({ interrupts }) => interrupts) &&
      (await seePeopleOf(review.stack, { swarm: server.swarm, clock: systemClock }));
    output.answer(planAnswer(review, { planned: options.plan ?? false, people: people || undefined }));
    return;
  }
  if (review.held) output.say(`${review.stack} holds ${describeHeldData(review.held)}.`);
  for (const change of review.plan) output.say(`  ${describeChange(change)}`);
  if (review.wants === 'typed-name') await confirmTypedName(review, options.confirm, context);
  const id = await startOperation(
    review,
    {
      actor: context.actorOn(server),
      guard: { ignoreOpenPages: options.ignoreOpenPages ?? false, interrupt: options.interrupt },
    },
    { swarm: server.swarm, clock: systemClock, random: randomText },
  );
  const runner = await startRunner(id, server, context);
  if (options.detach) {
    output.answer({
      json: { operation: id, outcome: 'accepted', stack: review.stack },
      text: `Accepted. ${whereItRuns(runner)}; watch it with: oforest watch ${id}`,
    });
    return;
  }
  await follow(id, server, context, runner);
}

/** A review of the stack when nobody else is at work on it: what was left unfinished is ended first. */
export async function reviewAfterOthers(
  look: () => Promise<Review>,
  { plan, wait, afterSession, ignoreOpenPages }: RunOptions,
  server: Server,
  context: CliContext,
): Promise<Review> {
  const limitMs = afterSession === undefined ? undefined : readLimit(afterSession);
  for (;;) {
    const review = await look();
    const { interrupted, running, stack } = review;
    if (plan) return review;
    // Also when nothing is left to do: what looks done may be unproven, and leaves its lock and its jobs.
    if (interrupted) await endInterrupted(stack, interrupted, server, context);
    else if (review.plan.length === 0) return review;
    else if (running && wait) await waitFor(running, server, context);
    else if (limitMs !== undefined && (await waitedForPeople(review, { limitMs, ignoreOpenPages }, server, context)))
      continue;
    else return review;
  }
}

/** Whether there was anybody to wait for: what was reviewed before may be another thing now. */
async function waitedForPeople(
  { stack, work, plan }: Review,
  { limitMs, ignoreOpenPages = false }: { limitMs: number; ignoreOpenPages: boolean | undefined },
  { swarm }: Server,
  { output, signal }: CliContext,
): Promise<boolean> {
  if (!plan.some(({ interrupts }) => interrupts)) return false;
  let last: string | undefined;
  for await (const seen of awaitNobody(
    stack,
    { work, limitMs, ignoreOpenPages },
    { swarm, clock: systemClock, signal },
  )) {
    const sentence = seen.kind === 'people' ? describeGuard(seen.decision) : `${seen.why} Trying again.`;
    if (sentence !== last) output.say(`Waiting: ${sentence}`);
    last = sentence;
  }
  return last !== undefined;
}

function readLimit(text: string | true): number {
  if (text === true) return usualLimitMs;
  const [, count, unit] = /^(\d{1,3})(m|h)$/.exec(text) ?? [];
  if (count !== undefined) return Number(count) * (unit === 'h' ? 3_600_000 : 60_000);
  throw new ExpectedError('usage-wrong', `reading --after-session ${JSON.stringify(text)}`, {
    why: 'It is not a length of time.',
    now: 'Nothing was changed.',
    hint: 'Write it as 30m or 4h.',
  });
}

async function endInterrupted(
  stack: Review['stack'],
  { operation, verb, actor }: NonNullable<Review['interrupted']>,
  server: Server,
  context: CliContext,
): Promise<void> {
  context.output.say(
    `The ${nounOfVerb(verb)} by ${describeActor(actor)} was interrupted; it is finished or undone first.`,
  );
  if (!(await resumeOperation({ stack, operation }, server))) return;
  const runner = await startRunner(operation, server, context);
  const end = await show(operation, server, context, runner);
  if (end.kind === 'operation-failed')
    context.output.say(`It could not be finished: ${end.error.why ?? end.error.what} ${end.error.now ?? ''}`);
}

async function waitFor(
  { operation, verb, actor }: NonNullable<Review['running']>,
  server: Server,
  context: CliContext,
): Promise<void> {
  context.output.say(`Waiting for the ${nounOfVerb(verb)} by ${describeActor(actor)} (${operation}).`);
  try {
    await show(operation, server, context);
  } catch (error) {
    // Its runner vanished meanwhile: the next review finds it interrupted.
    if (!(error instanceof ExpectedError) || error.code !== 'runner-lost') throw error;
  }
}

/** Shows an operation until it ends; a failed one is thrown as its own error. Ctrl-C stops watching, nothing else. */
export async function follow(id: string, server: Server, context: CliContext, runner?: Runner): Promise<void> {
  const end = await show(id, server, context, runner);
  if (end.kind === 'operation-failed') throw new FailedOperation(end.error, id);
  const { result } = end;
  context.output.answer({
    json: { operation: id, outcome: 'succeeded', ...result },
    text: result.url ?? '',
    rows: [[result.stack, result.state, result.release ? `v${result.release}` : '', result.url ?? '']],
  });
}

type End = Extract<OperationEvent, { kind: 'operation-finished' | 'operation-failed' }>;

/** Prints the events of an operation until it ends, and returns how. */
async function show(id: string, server: Server, context: CliContext, runner?: Runner): Promise<End> {
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
      now: `The operation goes on. ${whereItRuns(runner)}.`,
      hint: `Watch it again with \`oforest watch ${id}\`.`,
      details: { operation: id },
    });
  }
  if (last?.kind === 'operation-finished' || last?.kind === 'operation-failed') return last;
  throw new Error(`the operation ${id} ended without a result`);
}

function whereItRuns(runner: Runner | undefined): string {
  if (runner?.where === 'keeper') return 'The keeper on the server runs it';
  return runner ? 'It goes on while this computer is on' : 'Whoever started it runs it';
}

/** The operation's own failure, as its record tells it. */
class FailedOperation extends ExpectedError {
  constructor(facts: ErrorFacts, operation: string) {
    if (facts.code === 'bug') throw new Error(facts.what);
    super(facts.code, facts.what, { ...facts, details: { operation, ...facts.details } });
  }
}

function planAnswer(review: Review, { planned, people }: { planned: boolean; people: PeopleSeen | undefined }) {
  const { stack, verb, plan, url, serving, fit } = review;
  const nothing = `Nothing to do: ${stack} ${serving ? `already runs this as v${serving} at ${url}` : 'is already as asked'}.`;
  const lines = plan.map((change) => `${change.interrupts ? '!' : ' '} ${describeChange(change)}`);
  const disturbance = disturbanceOfPlan(plan);
  const marks = `! marks what people on a page would notice${disturbance === 'pause' ? ': their page waits a few seconds' : ''}.`;
  const known = [
    ...(disturbance === 'nothing' ? [] : [marks]),
    ...(people === undefined ? [] : [people.sentence]),
    ...(fit === undefined ? [] : [describeKnownFit(fit)]),
  ];
  const notes = known.length > 0 ? ['', ...known] : [];
  return {
    json: {
      verb,
      stack,
      plan,
      url,
      outcome: planned && plan.length > 0 ? 'planned' : 'unchanged',
      ...(serving && { release: serving }),
      ...(people !== undefined && { people: peopleInJson(people) }),
      ...(fit !== undefined && { fit }),
    },
    text:
      plan.length === 0
        ? nothing
        : [`Plan of ${verb} for ${stack}; nothing was changed yet:`, ...lines, ...notes].join('\n'),
    rows: plan.map(({ action, subject, name, because }) => [action, subject, name, because]),
  };
}
