import { type ErrorFacts, ExpectedError, errorFacts } from '../../src/core/errors.ts';
import type { Review } from '../../src/core/operations/review/review.ts';
import { reviewChange, reviewRollback } from '../../src/core/operations/review/review-release.ts';
import { reviewRestart, reviewStart, reviewStop } from '../../src/core/operations/review/review-running.ts';
import { type Fault, type FaultPlan, faultsBySeed } from '../../src/sandbox/engine/faults.ts';
import { pass } from '../../src/sandbox/timeline.ts';
import { openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../support/trust-game.ts';
import { type Beginning, beginningOf, openBeginning, underFaults } from './beginning.ts';

const host = 'trust.lab.test';

/** An operation of which every request is to fail once: where it begins, how it is asked for, what it leads to. */
export interface SweptOperation {
  readonly name: string;
  readonly from: (lab: SandboxLab) => Promise<void>;
  readonly review: (lab: SandboxLab) => Promise<Review>;
  /** Releases that may answer after a failure, `undefined` for none; the last is what the operation is for. */
  readonly serving: readonly (string | undefined)[];
}

const deployed = async (lab: SandboxLab) => void (await lab.run(await reviewTrust(lab, 'v1')));

export const sweptOperations: readonly SweptOperation[] = [
  {
    name: 'first deploy',
    from: async () => undefined,
    review: (lab) => reviewTrust(lab, 'v1'),
    serving: [undefined, 'v1'],
  },
  { name: 'update', from: deployed, review: (lab) => reviewTrust(lab, 'v2'), serving: ['v1', 'v2'] },
  {
    name: 'rollback',
    from: async (lab) => {
      await deployed(lab);
      await lab.run(await reviewTrust(lab, 'v2'));
    },
    review: (lab) => reviewRollback(trust, lab.server),
    serving: ['v2', 'v3'],
  },
  { name: 'stop', from: deployed, review: (lab) => reviewStop(trust, lab.server), serving: ['v1', undefined] },
  {
    name: 'start',
    from: async (lab) => {
      await deployed(lab);
      await lab.run(await reviewStop(trust, lab.server));
    },
    review: (lab) => reviewStart(trust, lab.server),
    serving: [undefined, 'v1'],
  },
  { name: 'restart', from: deployed, review: (lab) => reviewRestart(trust, lab.server), serving: ['v1'] },
  {
    name: 'variable',
    from: deployed,
    review: (lab) =>
      reviewChange(
        {
          ...trust,
          verb: 'variable',
          change: (state) => ({ ...state, variables: { ...state.variables, COLOR: 'red' } }),
        },
        lab.server,
      ),
    serving: ['v1', 'v2'],
  },
];

export const sweptFaults: readonly Fault[] = [
  { kind: 'delay', ms: 60_000 },
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: 'error-500' },
  { kind: 'truncated' },
  { kind: 'strange' },
  { kind: 'slow', ms: 8_000 },
  { kind: 'leader-lost', ms: 20_000 },
  { kind: 'clock-jump', ms: 3_600_000 },
  { kind: 'task-crash', service: '_web' },
  { kind: 'pull-failure', ms: 10_000 },
  { kind: 'disk-full', ms: 10_000 },
];

export interface Prepared extends Beginning {
  readonly operation: SweptOperation;
  /** How many requests the operation makes when all goes well. */
  readonly requests: number;
}

/** The state an operation begins from, and how many requests it makes undisturbed. */
export async function prepareSweep(operation: SweptOperation): Promise<Prepared> {
  await using lab = await openSandboxLab();
  await lab.prepare();
  await operation.from(lab);
  const beginning = beginningOf(lab);
  lab.sandbox.engine.forgetCalls();
  const found = await attempt(lab, operation);
  if (found) throw new Error(`${operation.name} fails without any fault: ${found.code} ${found.why}`);
  return { ...beginning, operation, requests: lab.sandbox.engine.calls.length };
}

/** What is wrong after a fault at one request; undefined when all is as it should be. */
export async function sweepOne(
  { operation, ...beginning }: Prepared,
  fault: Fault,
  request: number,
): Promise<string | undefined> {
  await using lab = await openBeginning(beginning);
  const { timeline } = lab.sandbox;
  // The requests of a new connection came before those of the operation, and do not count.
  const failure = await underFaults(lab, faultAt(request, fault), () => attempt(lab, operation));
  await pass(timeline, 70_000);
  if (failure && (failure.code === 'bug' || !failure.why))
    return `says ${failure.code}: ${failure.what} ${failure.why ?? ''}`;
  const between = await serving(lab);
  if (!operation.serving.includes(between))
    return `leaves ${between ?? 'nothing'} serving after ${failure?.code ?? 'success'}`;
  const told = failure?.details?.serves;
  const isTrue = told === undefined || told === (between ?? 'nothing') || String(failure?.now).includes('stopped');
  if (!isTrue) return `says that ${told} serves, but ${between} does`;
  const again = await attempt(lab, operation);
  if (again) return `the same command again: ${again.code} ${again.why} (first: ${failure?.code})`;
  await pass(timeline, 2_000);
  const after = await serving(lab);
  const wanted = operation.serving.at(-1);
  const isDone = wanted === undefined ? after === undefined : after !== undefined && after >= wanted;
  return isDone
    ? undefined
    : `the same command again leaves ${after ?? 'nothing'} serving, not ${wanted} (first: ${failure?.code})`;
}

/** How often core asks for what dockerd answers with a 500, in a lab. */
const triesOfRead = 3;

/** The fault at one request. A 500 also strikes a read that is asked again: the operation is to see it. */
function faultAt(request: number, fault: Fault): FaultPlan {
  let [seen, struck] = [0, 0];
  let path: string | undefined;
  return (call) => {
    seen += 1;
    if (seen === request) path = call.path;
    const isAgain = fault.kind === 'error-500' && call.method === 'GET' && struck < triesOfRead;
    if (call.path !== path || (seen !== request && !isAgain)) return undefined;
    struck += 1;
    return fault;
  };
}

/** What is wrong after faults wherever the seed puts them, and the same command once more when they are over. */
export async function sweepSeed({ operation, ...beginning }: Prepared, seed: number): Promise<string | undefined> {
  await using lab = await openBeginning(beginning);
  const faults = faultsBySeed(seed, { share: 0.03, faults: sweptFaults });
  const failure = await underFaults(lab, faults, () => attempt(lab, operation));
  if (failure?.code === 'bug') return failure.what;
  await pass(lab.sandbox.timeline, 130_000);
  const between = await serving(lab);
  if (!operation.serving.includes(between))
    return `leaves ${between ?? 'nothing'} serving after ${failure?.code ?? 'success'}`;
  const again = await attempt(lab, operation);
  return again && `the same command again: ${again.code} ${again.why} (first: ${failure?.code})`;
}

/** The failure, as a person would be told; undefined when it succeeded or there was nothing to do. */
async function attempt(lab: SandboxLab, operation: SweptOperation): Promise<ErrorFacts | undefined> {
  try {
    const last = (await lab.carryOut(() => operation.review(lab))).at(-1);
    return last?.kind === 'operation-failed' ? last.error : undefined;
  } catch (error) {
    if (!(error instanceof ExpectedError)) return { code: 'bug', what: String((error as Error).stack) } as ErrorFacts;
    return errorFacts(error);
  }
}

/** The release that answers at the study's address. */
async function serving(lab: SandboxLab): Promise<string | undefined> {
  const entry = await lab.server.entry();
  const { status, headers } = await entry.request({ host, path: '/login' });
  return status === 200 ? headers['x-oforest-release'] : undefined;
}
