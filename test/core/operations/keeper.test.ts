import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { randomText } from '../../../src/core/clock.ts';
import { parseEnvironment } from '../../../src/core/domain/environment.ts';
import { parseExperimentName } from '../../../src/core/domain/experiment-name.ts';
import { parseStackName } from '../../../src/core/domain/stack-name.ts';
import { ExpectedError } from '../../../src/core/errors.ts';
import { bookSlot } from '../../../src/core/operations/bookings.ts';
import { type KeeperNeeds, leaveToKeeper, runKeeper } from '../../../src/core/operations/keeper.ts';
import { describeKeeperLine, type KeeperLine } from '../../../src/core/operations/keeper-report.ts';
import { surveyStudies } from '../../../src/core/operations/kept-studies.ts';
import { reviewDeploy, reviewRestart } from '../../../src/core/operations/review.ts';
import { runOperation } from '../../../src/core/operations/run-operation.ts';
import { resumeOperation, startOperation } from '../../../src/core/operations/start-operation.ts';
import { createTimetable, type KeptData, lastNight } from '../../../src/core/operations/timetable.ts';
import { findKeeper } from '../../../src/core/records/keeper-record.ts';
import { acquireLock, beat, holderOf } from '../../../src/core/records/lock.ts';
import { createOperationRecord, findOperation, noteOperation } from '../../../src/core/records/operation-record.ts';
import { recordLabels } from '../../../src/core/records/record.ts';
import type { SwarmGateway } from '../../../src/core/swarm/gateway.ts';
import { aRequest } from '../../support/builders.ts';
import { openSandboxLab, type SandboxLab } from '../../support/sandbox-lab.ts';

const trust = parseStackName('trust');
const subject = { experiment: parseExperimentName('trust'), environment: parseEnvironment('production') };
const anna = { via: 'ssh', sshUser: 'anna', host: 'laptop' } as const;

/** A gateway that can be cut off: its calls fail, or never come back, as for a process that was killed or stopped. */
function cutOff(swarm: SwarmGateway) {
  let state: 'fine' | 'failing' | 'silent' = 'fine';
  const gateway = new Proxy(swarm, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      return (...words: unknown[]) => {
        if (state === 'failing') return Promise.reject(new ExpectedError('connection-lost', 'asking the manager'));
        return state === 'silent' ? new Promise(() => undefined) : value.apply(target, words);
      };
    },
  });
  return {
    gateway,
    set: (next: typeof state) => {
      state = next;
    },
  };
}

describe('the keeper', () => {
  let lab: SandboxLab;
  const stops: AbortController[] = [];
  const ended: Promise<void>[] = [];

  beforeEach(async () => {
    lab = await openSandboxLab();
    await lab.prepare();
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) stop.abort();
    await Promise.all(ended.splice(0));
    await lab[Symbol.asyncDispose]();
  });

  async function deployTrust() {
    const image = lab.image('samples/trust-game:v1');
    await lab.run(await reviewDeploy({ ...subject, image }, { ...lab.server, signal: lab.signal }));
  }
  const pass = (seconds: number) => lab.clock.sleep(seconds * 1000, lab.signal);
  const now = () => lab.clock.now().getTime();
  /** Seconds of the sandbox's time until it holds. */
  async function until(holds: () => boolean | Promise<boolean>, limitSeconds = 200): Promise<number> {
    const from = now();
    while (!(await holds())) {
      if (now() - from > limitSeconds * 1000) throw new Error(`still not after ${limitSeconds} s: ${holds}`);
      await pass(1);
    }
    return (now() - from) / 1000;
  }
  const finish = async (id: string) => {
    await noteOperation(id, { state: 'succeeded' }, lab.server);
    const lock = await lab.server.swarm.findConfig('of.lock.trust');
    if (lock) await lab.server.swarm.relabelConfig(lock, { ...lock.Spec.Labels, 'org.oforest.operation': '' });
  };

  function start(name: string, more: Partial<KeeperNeeds> = {}) {
    const lines: KeeperLine[] = [];
    const ran: string[] = [];
    const stop = new AbortController();
    stops.push(stop);
    const end = runKeeper({
      swarm: lab.server.swarm,
      clock: lab.clock,
      signal: stop.signal,
      name,
      run: async (id) => {
        ran.push(id);
        await finish(id);
      },
      resume: async () => true,
      say: (line) => lines.push(line),
      ...more,
    });
    // One that was cut off for good never ends.
    if (!more.swarm) ended.push(end);
    return {
      lines,
      ran,
      stop,
      end,
      kinds: () => lines.map(({ kind }) => kind),
      said: () => lines.map(describeKeeperLine),
    };
  }
  async function accept(id: string, more: Parameters<typeof aRequest>[0] = {}) {
    const lock = await acquireLock({ stack: trust, operation: id, verb: 'restart', actor: anna }, lab.server);
    const createdAt = lab.clock.now().toISOString();
    await createOperationRecord(
      { request: aRequest({ id, stack: trust, actor: anna, createdAt, ...more }) },
      lab.server,
    );
    return lock;
  }
  const stateOf = async (id: string) => (await findOperation(id, lab.server))?.state;

  describe('of two', () => {
    it('one is at work, and the other takes over within 60 s when it is killed', async () => {
      const cut = cutOff(lab.server.swarm);
      const first = start('a:1', { swarm: cut.gateway });
      await until(() => first.kinds().includes('active'));
      const second = start('b:2');
      await until(() => second.kinds().includes('passive'));
      await pass(300);
      expect(second.said()).toEqual(['Waiting: a:1 is at work.']);
      expect((await findKeeper(lab.server.swarm))?.name).toBe('a:1');

      cut.set('silent');
      expect(await until(() => second.kinds().includes('active'))).toBeLessThanOrEqual(60);
      expect((await findKeeper(lab.server.swarm))?.name).toBe('b:2');
    });

    it('the other goes on at once when the first ends, and what the first runs is run to its end', async () => {
      const first = start('a:1', {
        run: async (id) => {
          await pass(30);
          await finish(id);
        },
      });
      await until(() => first.kinds().includes('active'));
      const second = start('b:2');
      await accept('operation1');
      await leaveToKeeper('operation1', lab.server);
      await until(() => first.kinds().includes('running'));
      await noteOperation('operation1', { state: 'running' }, lab.server);

      first.stop.abort();
      expect(await until(() => second.kinds().includes('active'))).toBeLessThanOrEqual(6);
      await first.end;
      expect(await stateOf('operation1')).toBe('succeeded');
      expect(first.said().slice(-2)).toEqual([
        'Ending, once what runs is done (1).',
        'restart on trust (operation1) succeeded.',
      ]);
      expect(second.ran).toEqual([]);
    });

    it('one that is cut off does nothing more, and waits once it is back', async () => {
      const cut = cutOff(lab.server.swarm);
      const first = start('a:1', { swarm: cut.gateway });
      await until(() => first.kinds().includes('active'));
      const second = start('b:2');
      cut.set('failing');
      await until(() => second.kinds().includes('active'));
      expect(first.kinds()).toContain('replaced');
      cut.set('fine');
      await until(() => first.kinds().at(-1) === 'passive');
      await accept('operation1');
      await until(async () => (await stateOf('operation1')) === 'succeeded');
      expect(first.ran).toEqual([]);
      expect(second.ran).toEqual(['operation1']);
    });

    it('one that was stopped for a while and goes on has lost its place', async () => {
      // Its time stands still with it: what it knows of the last beat looks fresh.
      let frozen: number | undefined;
      const clock = { ...lab.clock, now: () => new Date(frozen ?? now()) };
      const first = start('a:1', { clock });
      await until(() => first.kinds().includes('active'));
      frozen = now();
      const second = start('b:2');
      await until(() => second.kinds().includes('active'));
      frozen = undefined;
      await until(() => first.kinds().includes('replaced'));
      expect((await findKeeper(lab.server.swarm))?.name).toBe('b:2');
    });
  });

  describe('takes operations', () => {
    it('that were left to it, within seconds; without a keeper nothing can be left', async () => {
      await accept('operation1');
      expect(await leaveToKeeper('operation1', lab.server)).toBeUndefined();
      const keeper = start('a:1');
      await until(() => keeper.kinds().includes('active'));
      expect(await leaveToKeeper('operation1', lab.server)).toMatchObject({ name: 'a:1' });
      expect(await until(() => keeper.ran.length > 0)).toBeLessThanOrEqual(4);
      expect(keeper.said()).toContain('Running restart on trust (operation1).');
    });

    it('that nobody began, and not those whose runner is on its way or lives', async () => {
      const keeper = start('a:1');
      await until(() => keeper.kinds().includes('active'));
      await accept('operation1');
      expect(await until(() => keeper.ran.length > 0)).toBeGreaterThan(12);

      const lock = await accept('operation2');
      await pass(5);
      await noteOperation('operation2', { state: 'running', runner: 'laptop:1' }, lab.server);
      for (let beats = 0; beats < 20; beats += 1) {
        await beat(lock, lab.server);
        await pass(10);
      }
      expect(keeper.ran).toEqual(['operation1']);
    });

    it('whose runner has vanished, after taking them over', async () => {
      const resumed: string[] = [];
      await accept('operation1');
      await noteOperation('operation1', { state: 'running', runner: 'laptop:1' }, lab.server);
      const keeper = start('a:1', {
        resume: async ({ operation }) => {
          resumed.push(operation);
          return true;
        },
      });
      const seconds = await until(() => keeper.ran.length > 0);
      expect(seconds).toBeGreaterThan(55);
      expect(seconds).toBeLessThanOrEqual(65);
      expect(resumed).toEqual(['operation1']);
      expect(keeper.said()).toContain('Running restart on trust (operation1, left unfinished by another process).');
    });

    it('each once, however long it takes, and several at a time', async () => {
      const begun: string[] = [];
      const run = async (id: string) => {
        begun.push(id);
        await pass(100);
        await noteOperation(id, { state: 'succeeded' }, lab.server);
      };
      const keeper = start('a:1', { run });
      await until(() => keeper.kinds().includes('active'));
      for (const name of ['one-study', 'two-study', 'six-study']) {
        const stack = parseStackName(name);
        await acquireLock({ stack, operation: `of-${name}`, verb: 'restart', actor: anna }, lab.server);
        await createOperationRecord({ request: aRequest({ id: `of-${name}`, stack, actor: anna }) }, lab.server);
      }
      await until(() => begun.length === 3, 40);
      await until(() => keeper.lines.filter(({ kind }) => kind === 'ended').length === 3);
      expect(begun.toSorted()).toEqual(['of-one-study', 'of-six-study', 'of-two-study']);
    });

    it('again a minute later when they could not be run, and quietly when somebody else runs them', async () => {
      const tries: number[] = [];
      const run = async (id: string) => {
        tries.push(now());
        if (tries.length === 1) throw new ExpectedError('connection-lost', 'asking the manager', { why: 'It broke.' });
        if (tries.length === 2) throw new ExpectedError('operation-running', 'starting');
        await finish(id);
      };
      const keeper = start('a:1', { run });
      await accept('operation1');
      await until(() => tries.length === 3);
      expect(tries[1]! - tries[0]!).toBeGreaterThanOrEqual(60_000);
      expect(keeper.lines.filter(({ kind }) => kind === 'problem').map(describeKeeperLine)).toEqual([
        'Failed: running the operation operation1. It broke.',
      ]);
    });

    it('and closes the record of one that has lost its lock, so that nobody waits for it', async () => {
      await accept('operation1');
      await finish('none');
      const keeper = start('a:1');
      await until(async () => (await stateOf('operation1')) === 'interrupted');
      expect(keeper.ran).toEqual([]);
      expect((await findOperation('operation1', lab.server))?.events.at(-1)).toMatchObject({
        kind: 'operation-failed',
        error: { code: 'runner-lost' },
      });
    });

    it('and frees what is held by one that has ended, or never got as far as its record', async () => {
      const isFree = async () => {
        const lock = await lab.server.swarm.findConfig('of.lock.trust');
        return lock !== undefined && holderOf(lock) === undefined;
      };
      const keeper = start('a:1', { resume: (operation) => resumeOperation(operation, lab.server) });
      await until(() => keeper.kinds().includes('active'));
      await acquireLock({ stack: trust, operation: 'operation1', verb: 'restart', actor: anna }, lab.server);
      expect(await until(isFree)).toBeGreaterThan(55);

      await accept('operation2');
      await noteOperation('operation2', { state: 'succeeded' }, lab.server);
      expect(await until(isFree)).toBeGreaterThan(55);
      expect(keeper.ran).toEqual([]);
      expect(keeper.kinds()).toEqual(['active']);
    });

    it('and is not kept from the others by a record that it cannot read', async () => {
      const labels = {
        ...recordLabels('operation', 'odd', { 'org.oforest.state': 'accepted' }),
        'org.oforest.format': '2',
      };
      await lab.server.swarm.createConfig('of.op.odd.odd', labels, Buffer.from('{}'));
      const keeper = start('a:1');
      await accept('operation1');
      await until(() => keeper.ran.includes('operation1'));
      expect(keeper.said()).toContainEqual(expect.stringMatching(/^Failed: reading the record of\.op\.odd\.odd\./));
    });
  });

  it('makes the backup of the night once the booked slot is over, and by itself', async () => {
    const timetable = createTimetable({ timeZone: 'UTC' });
    const night = lastNight(trust, new Date('2027-01-05T12:00:00Z'), timetable);
    await using nightly = await openSandboxLab({ start: night.getTime() - 10 * 60_000 });
    lab = nightly;
    await lab.prepare();
    await deployTrust();
    const needs = { swarm: lab.server.swarm, random: randomText };
    const until_ = new Date(night.getTime() + 15 * 60_000);
    await bookSlot({ stack: trust, from: new Date(now()), until: until_ }, anna, needs);
    const backups: KeptData['backups'][number][] = [];
    const begun: number[] = [];
    const keeper = start('a:1', {
      run: async (id) => {
        begun.push(now());
        await pass(40);
        const takenAt = lab.clock.now().toISOString();
        backups.push({ id: takenAt, takenAt, verifiedAt: takenAt, nightly: true });
        await finish(id);
      },
      chores: {
        timetable,
        studies: () => surveyStudies(lab.server),
        look: async () => ({ backups: [...backups], archives: [] }),
        start: async ({ kind }) => {
          const id = randomText(10);
          await accept(id, { verb: kind, actor: { via: 'keeper' } });
          return id;
        },
      },
    });
    await pass((until_.getTime() - now()) / 1000 + 600);
    expect(begun).toHaveLength(1);
    expect(begun[0]! - until_.getTime()).toBeGreaterThanOrEqual(0);
    expect(begun[0]! - until_.getTime()).toBeLessThanOrEqual(70_000);
    expect(keeper.said()).toContainEqual(
      expect.stringMatching(/^Running backup on trust \(\w+, by the timetable\)\.$/),
    );
    expect(keeper.kinds()).not.toContain('problem');
    expect(await lab.server.swarm.listConfigs({ label: 'org.oforest.kind', value: 'booking' })).toEqual([]);
    keeper.stop.abort();
    await keeper.end;
  }, 60_000);

  it('runs a real operation to its end while its client only follows', async () => {
    await deployTrust();
    const entry = await lab.server.entry();
    const run = (id: string) =>
      runOperation(id, {
        swarm: lab.server.swarm,
        entry,
        clock: lab.clock,
        random: randomText,
        signal: lab.signal,
        registryAuth: lab.server.registryAuth,
        runner: 'keeper:1',
      });
    const keeper = start('a:1', { run });
    await until(() => keeper.kinds().includes('active'));
    const review = await reviewRestart(subject, lab.server);
    const { swarm } = lab.server;
    const id = await startOperation(review, { actor: anna }, { swarm, clock: lab.clock, random: randomText });
    await leaveToKeeper(id, lab.server);
    await until(async () => (await stateOf(id)) === 'succeeded');
    expect(keeper.said()).toContain(`Running restart on trust (${id}).`);
  });
});
