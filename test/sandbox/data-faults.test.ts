import { afterEach, describe, expect, it } from 'vitest';
import { randomText } from '../../src/core/clock.ts';
import { ExpectedError, errorFacts } from '../../src/core/errors.ts';
import { readAudit } from '../../src/core/operations/read-audit.ts';
import { reviewUndelete } from '../../src/core/operations/review/review-data.ts';
import { holderOf } from '../../src/core/records/lock.ts';
import { endStates } from '../../src/core/records/operation-record.ts';
import { observeStack } from '../../src/core/swarm/observe-stack.ts';
import { type Call, type Fault, faultsByRule, noFaults, randomNumbers } from '../../src/sandbox/engine/faults.ts';
import { pass } from '../../src/sandbox/timeline.ts';
import { clusterOf, rowsIn } from '../support/sandbox-data.ts';
import { openSandboxLab, type SandboxLab } from '../support/sandbox-lab.ts';
import { trust } from '../support/trust-game.ts';
import { type Beginning, beginningOf, openBeginning } from './beginning.ts';
import { type KilledOperation, killedOperations, stack } from './killed-operations.ts';

const opened: SandboxLab[] = [];
afterEach(async () => {
  for (const lab of opened.splice(0)) await lab[Symbol.asyncDispose]();
});

function operationNamed(name: string): KilledOperation {
  const found = killedOperations.find((operation) => operation.name === name);
  if (!found) throw new Error(`there is no ${name} among the operations`);
  return found;
}

async function openAt(beginning: Beginning): Promise<SandboxLab> {
  const lab = await openBeginning(beginning);
  opened.push(lab);
  return lab;
}

/** The moment before an operation on data. */
async function openBefore({ from }: KilledOperation): Promise<SandboxLab> {
  const lab = await openSandboxLab();
  opened.push(lab);
  await lab.prepare();
  await from(lab);
  return lab;
}

/** How it ended, as whoever asked is told; undefined where it succeeded. */
async function outcome(lab: SandboxLab, { review }: KilledOperation) {
  try {
    const last = (await lab.run(await review(lab))).at(-1);
    return last?.kind === 'operation-failed' ? last.error : undefined;
  } catch (error) {
    if (!(error instanceof ExpectedError)) throw error;
    return errorFacts(error);
  }
}

/** What is so, whatever anybody was told. */
async function truth(lab: SandboxLab) {
  const { web, db, lock, operations } = await observeStack(stack, lab.server);
  const entry = await lab.server.entry();
  const { status } = await entry.request({ host: 'trust.lab.test', path: '/login' });
  // A lock may have been taken by what never got as far as its record: whoever comes next frees it.
  const holder = lock && holderOf(lock);
  const held = operations.find(({ request }) => request.id === holder?.operation);
  const isThere = db !== undefined && clusterOf(lab, stack).database('otree') !== undefined;
  return {
    rows: isThere ? rowsIn(lab, stack) : undefined,
    answers: status === 200,
    web: web?.Spec.Mode.Replicated?.Replicas,
    isHeld: holder !== undefined && held !== undefined,
    isOpen: operations.some(({ state }) => !endStates.includes(state)),
  };
}

const isSwitched = (lab: SandboxLab) =>
  clusterOf(lab, stack).databases.some(({ name }) => name.startsWith('otree_old_')) &&
  clusterOf(lab, stack).databases.every(({ name }) => !name.startsWith('otree_new_'));

/** Strikes the first so many requests that are like this. */
function strike(lab: SandboxLab, fault: Fault, times: number, isMeant: (call: Call) => boolean): void {
  let left = times;
  lab.sandbox.engine.faults = (call) => {
    if (left === 0 || !isMeant(call)) return undefined;
    left -= 1;
    return fault;
  };
}

/** From the first request that is like this on, everything fails for so long. */
function fallSilent(lab: SandboxLab, ms: number, isMeant: (call: Call) => boolean): void {
  let until: number | undefined;
  lab.sandbox.engine.faults = (call) => {
    const now = lab.sandbox.timeline.now();
    if (until === undefined && isMeant(call)) until = now + ms;
    return until !== undefined && now < until ? { kind: 'error-500' } : undefined;
  };
}

const isSwap = (lab: SandboxLab) => {
  const { services } = lab.sandbox.model.store;
  return [...services.values()].some(
    ({ Spec }) => Spec.Name === 'trust_job' && Spec.Labels?.['org.oforest.step'] === 'swap-databases',
  );
};

describe.each(['reset', 'undo', 'restore'])('%s, when the answer to the switch is lost', (name) => {
  const operation = operationNamed(name);

  it.each<Fault>([{ kind: 'error-500' }, { kind: 'reset-before' }, { kind: 'reset-after' }])(
    'because its job cannot be removed ($kind), goes on with the new data',
    async (fault) => {
      const lab = await openBefore(operation);
      strike(lab, fault, 1, ({ method }) => method === 'DELETE' && isSwap(lab) && isSwitched(lab));

      expect(await outcome(lab, operation)).toBeUndefined();

      const wanted = operation.leaves === 'nothing' ? 0 : expect.any(Number);
      expect(await truth(lab)).toMatchObject({ rows: wanted, answers: true, isHeld: false, isOpen: false });
      if (operation.leaves === 'data') expect(rowsIn(lab, stack)).toBeGreaterThan(0);
    },
  );

  it('because nobody answers for half a minute, goes on with the new data', async () => {
    const lab = await openBefore(operation);
    fallSilent(lab, 30_000, () => isSwap(lab) && isSwitched(lab));

    expect(await outcome(lab, operation)).toBeUndefined();

    expect(await truth(lab)).toMatchObject({ answers: true, isHeld: false, isOpen: false });
    expect(rowsIn(lab, stack) > 0).toBe(operation.leaves === 'data');
  });

  it('because nobody answers for an hour, is left with its lock, and finished by whoever comes next', async () => {
    const lab = await openBefore(operation);
    fallSilent(lab, 3_600_000, () => isSwap(lab) && isSwitched(lab));

    const failure = await outcome(lab, operation);

    expect(failure).toBeDefined();
    lab.sandbox.engine.faults = noFaults;
    expect(await truth(lab)).toMatchObject({ answers: false, isHeld: true, isOpen: true });
    await pass(lab.sandbox.timeline, 70_000);
    const [asked] = (await observeStack(stack, lab.server)).operations;
    await lab.carryOut(async () => {
      const review = await operation.review(lab);
      return review.interrupted ? review : { ...review, plan: [] };
    });
    const [ended] = (await observeStack(stack, lab.server)).operations;
    expect(ended).toMatchObject({ request: { id: asked?.request.id }, state: 'succeeded' });
    expect(await truth(lab)).toMatchObject({ answers: true, isHeld: false, isOpen: false });
    expect(rowsIn(lab, stack) > 0).toBe(operation.leaves === 'data');
  });
});

describe('a switch that was not done', () => {
  it('because its job cannot be made for a while is taken back, and says so truly', async () => {
    const operation = operationNamed('reset');
    const lab = await openBefore(operation);
    const rows = rowsIn(lab, stack);
    let isStopped = false;
    strike(lab, { kind: 'error-500' }, 3, ({ method, path }) => {
      const web = [...lab.sandbox.model.store.services.values()].find(({ Spec }) => Spec.Name === 'trust_web');
      isStopped ||= web?.Spec.Mode?.Replicated?.Replicas === 0;
      return isStopped && method === 'POST' && path === '/services/create';
    });

    expect(await outcome(lab, operation)).toMatchObject({
      now: expect.stringMatching(/^The data is as it was\. v1 serves again/),
    });

    expect(await truth(lab)).toMatchObject({ rows, answers: true, isHeld: false, isOpen: false });
  });
});

describe('after the switch', () => {
  it('what cannot be watched to its end is told as it is, and written into the audit', async () => {
    const operation = operationNamed('reset');
    const lab = await openBefore(operation);
    let isSettling = false;
    strike(lab, { kind: 'task-crash', service: '_web' }, 1, ({ method, path }) => {
      const open = [...lab.sandbox.model.store.configs.values()].map(({ Spec }) => Spec.Labels ?? {});
      isSettling ||= open.some((labels) =>
        /"kind":"step-started","step":"settle"/.test(
          labels['org.oforest.verb'] === 'reset' ? (labels['org.oforest.events'] ?? '') : '',
        ),
      );
      return isSettling && method === 'GET' && path === '/tasks';
    });

    const failure = await outcome(lab, operation);

    expect(failure).toMatchObject({
      now: expect.stringMatching(/^The new data is in place and v1 answers on it at .* The old data is whole/),
      hint: expect.stringContaining('only if it does not work'),
      details: { serves: 'v1' },
    });
    expect(await truth(lab)).toMatchObject({ rows: 0, answers: true, isHeld: false });
    const { server, clock, signal } = lab;
    const audit = await readAudit(stack, { swarm: server.swarm, clock, signal, random: randomText });
    expect(audit).toMatchObject([{ verb: 'reset' }]);
  });
});

describe('a deletion that fails', () => {
  it('once the study counts as deleted stays one, and says so', async () => {
    const operation = operationNamed('delete');
    const lab = await openBefore(operation);
    strike(lab, { kind: 'strange' }, 1, ({ method, path }) => {
      const db = [...lab.sandbox.model.store.services.values()].find(({ Spec }) => Spec.Name === 'trust_db');
      return db?.Spec.Mode?.Replicated?.Replicas === 0 && method === 'GET' && path === '/tasks';
    });

    const failure = await outcome(lab, operation);

    expect(failure).toMatchObject({
      now: expect.stringMatching(/^trust is deleted and its data is kept until 20/),
      hint: expect.stringContaining('oforest undelete trust'),
    });
    expect(await truth(lab)).toMatchObject({ answers: false, web: 0, isHeld: false, isOpen: false });
    lab.sandbox.engine.faults = noFaults;
    const back = (await lab.run(await reviewUndelete(trust, lab.server))).at(-1);
    expect(back).toMatchObject({ kind: 'operation-finished' });
    expect(rowsIn(lab, stack)).toBeGreaterThan(0);
  });
});

describe('a purge that fails', () => {
  it('before anything was emptied says that the data is whole, and undelete brings it back', async () => {
    const operation = operationNamed('purge');
    const lab = await openBefore(operation);
    // Somebody has started its database by hand.
    const db = (await observeStack(stack, lab.server)).db!;
    await lab.server.swarm.updateService(db, { ...db.Spec, Mode: { Replicated: { Replicas: 1 } } });
    await pass(lab.sandbox.timeline, 5_000);
    strike(lab, { kind: 'error-500' }, 1, ({ path }) => path === `/services/${db.ID}/update`);

    expect(await outcome(lab, operation)).toMatchObject({
      now: 'The data of trust is whole, and still kept.',
      hint: expect.stringContaining('undelete'),
    });

    lab.sandbox.engine.faults = noFaults;
    const back = (await lab.run(await reviewUndelete(trust, lab.server))).at(-1);
    expect(back).toMatchObject({ kind: 'operation-finished' });
    expect(rowsIn(lab, stack)).toBeGreaterThan(0);
  });

  it('later says so, and the same command finishes it', async () => {
    const operation = operationNamed('purge');
    const lab = await openBefore(operation);
    strike(lab, { kind: 'strange' }, 1, ({ method, path }) => {
      const { services } = lab.sandbox.model.store;
      const isWebGone = [...services.values()].every(({ Spec }) => Spec.Name !== 'trust_web');
      return isWebGone && method === 'GET' && path === '/tasks';
    });

    const told = {
      now: expect.stringMatching(/^trust is being removed/),
      hint: expect.stringContaining('oforest purge'),
    };
    expect(await outcome(lab, operation)).toMatchObject(told);
    // Another one that gets nowhere cannot know how far the first came.
    let reads = 0;
    strike(lab, { kind: 'strange' }, 1, ({ path }) => {
      const open = [...lab.sandbox.model.store.configs.values()].map(({ Spec }) => Spec.Labels ?? {});
      const isRunning = open.some((labels) => labels['org.oforest.state'] === 'running');
      reads += isRunning && path === '/tasks' ? 1 : 0;
      return reads === 2;
    });
    expect(await outcome(lab, operation)).toMatchObject(told);

    lab.sandbox.engine.faults = noFaults;
    expect(await outcome(lab, operation)).toBeUndefined();
  });
});

describe('a record that cannot be written', () => {
  it.each(['reset', 'delete', 'undo'])('for half a minute in a %s is written later', async (name) => {
    const operation = operationNamed(name);
    const lab = await openBefore(operation);
    let web: boolean | undefined;
    fallSilentFor(lab, 30_000, () => {
      const found = [...lab.sandbox.model.store.services.values()].find(({ Spec }) => Spec.Name === 'trust_web');
      web ??= found?.Spec.Mode?.Replicated?.Replicas === 0 ? true : undefined;
      return web === true;
    });

    const failure = await outcome(lab, operation);

    lab.sandbox.engine.faults = noFaults;
    const now = await truth(lab);
    expect(now).toMatchObject({ isHeld: false, isOpen: false });
    if (failure) expect(failure.now).toMatch(/^(The data is as it was|The new data is in place|trust is deleted)/);
    else expect(now.answers).toBe(operation.ends.at(-1) === 'served');
  });

  /** Records alone: what is in the way of one may not be in the way of the work. */
  function fallSilentFor(lab: SandboxLab, ms: number, isMeant: () => boolean): void {
    let until: number | undefined;
    lab.sandbox.engine.faults = ({ path }) => {
      const now = lab.sandbox.timeline.now();
      if (until === undefined && isMeant()) until = now + ms;
      return until !== undefined && now < until && path.startsWith('/configs') ? { kind: 'error-500' } : undefined;
    };
  }
});

/** Requests of each operation that are tried with each kind of fault. */
const sampled = 3;

describe.each(['reset', 'undo', 'restore', 'delete', 'purge'])('a fault in the middle of: %s', (name) => {
  const operation = operationNamed(name);
  const faults: readonly Fault[] = [
    { kind: 'error-500' },
    { kind: 'reset-after' },
    { kind: 'strange' },
    { kind: 'leader-lost', ms: 20_000 },
    { kind: 'leader-lost', ms: 120_000 },
  ];

  it('is told truly, leaves a lock only with an operation, and no data is lost', async () => {
    const lab = await openBefore(operation);
    const beginning = beginningOf(lab);
    const rows = rowsIn(lab, stack);
    lab.sandbox.engine.forgetCalls();
    expect(await outcome(lab, operation)).toBeUndefined();
    const requests = lab.sandbox.engine.calls.length;
    const wanted = (await truth(lab)).rows;

    const next = randomNumbers(name.length);
    for (const fault of faults)
      for (let count = 0; count < sampled; count += 1) {
        const at = 1 + Math.floor(next() * requests);
        const struck = await openAt(beginning);
        struck.sandbox.engine.faults = faultsByRule([{ fault, at }]);
        const failure = await outcome(struck, operation);
        struck.sandbox.engine.faults = noFaults;
        await pass(struck.sandbox.timeline, 140_000);
        const now = await truth(struck);
        const where = `${JSON.stringify(fault)} at request ${at} of ${requests}: ${JSON.stringify({ failure, now })}`;
        expect(now.isHeld, where).toBe(now.isOpen);
        if (!failure) expect(now.rows, where).toBe(wanted);
        else if (/^The data is as it was|^The data of trust is whole/.test(failure.now ?? ''))
          expect(now.rows, where).toBe(rows);
        else if (/^The new data/.test(failure.now ?? '')) expect(now.rows, where).toBe(wanted);
        if (failure?.details?.serves !== undefined)
          expect(now.answers, where).toBe(failure.details.serves !== 'nothing');
        await struck[Symbol.asyncDispose]();
      }
  }, 120_000);
});
