import { describe, expect, it } from 'vitest';
import { randomText } from '../../../../src/core/clock.ts';
import { parseStackName } from '../../../../src/core/domain/stack-name.ts';
import { ExpectedError } from '../../../../src/core/errors.ts';
import { bookSlot } from '../../../../src/core/operations/bookings.ts';
import { leaveToKeeper } from '../../../../src/core/operations/keeper/keeper.ts';
import { describeKeeperLine } from '../../../../src/core/operations/keeper/keeper-report.ts';
import { surveyStudies } from '../../../../src/core/operations/keeper/kept-studies.ts';
import { createTimetable, type KeptData, lastNight } from '../../../../src/core/operations/keeper/timetable.ts';
import { reviewRestart } from '../../../../src/core/operations/review/review-running.ts';
import { runOperation } from '../../../../src/core/operations/run-operation.ts';
import { resumeOperation, startOperation } from '../../../../src/core/operations/start-operation.ts';
import { acquireLock, beat, holderOf } from '../../../../src/core/records/lock.ts';
import { createOperationRecord, findOperation, noteOperation } from '../../../../src/core/records/operation-record.ts';
import { recordLabels } from '../../../../src/core/records/record.ts';
import { aRequest } from '../../../support/builders.ts';
import { reviewTrust, trust } from '../../../support/trust-game.ts';
import { anna, keepersForEachTest, stack } from './keepers-for-each-test.ts';

describe('a keeper takes operations', () => {
  const keepers = keepersForEachTest();
  const { accept, finish, now, pass, start, stateOf, until } = keepers;

  it('that were left to it, within seconds; without a keeper nothing can be left', async () => {
    await accept('operation1');
    expect(await leaveToKeeper('operation1', keepers.lab.server)).toBeUndefined();
    const keeper = start('a:1');
    await until(() => keeper.kinds().includes('active'));
    expect(await leaveToKeeper('operation1', keepers.lab.server)).toMatchObject({ name: 'a:1' });
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
    await noteOperation('operation2', { state: 'running', runner: 'laptop:1' }, keepers.lab.server);
    for (let beats = 0; beats < 20; beats += 1) {
      await beat(lock, keepers.lab.server);
      await pass(10);
    }
    expect(keeper.ran).toEqual(['operation1']);
  });

  it('whose runner has vanished, after taking them over', async () => {
    const resumed: string[] = [];
    await accept('operation1');
    await noteOperation('operation1', { state: 'running', runner: 'laptop:1' }, keepers.lab.server);
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
      await noteOperation(id, { state: 'succeeded' }, keepers.lab.server);
    };
    const keeper = start('a:1', { run });
    await until(() => keeper.kinds().includes('active'));
    for (const name of ['one-study', 'two-study', 'six-study']) {
      const study = parseStackName(name);
      await acquireLock({ stack: study, operation: `of-${name}`, verb: 'restart', actor: anna }, keepers.lab.server);
      await createOperationRecord(
        { request: aRequest({ id: `of-${name}`, stack: study, actor: anna }) },
        keepers.lab.server,
      );
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
    expect((await findOperation('operation1', keepers.lab.server))?.events.at(-1)).toMatchObject({
      kind: 'operation-failed',
      error: { code: 'runner-lost' },
    });
  });

  it('and frees what is held by one that has ended, or never got as far as its record', async () => {
    const isFree = async () => {
      const lock = await keepers.lab.server.swarm.findConfig('of.lock.trust');
      return lock !== undefined && holderOf(lock) === undefined;
    };
    const keeper = start('a:1', { resume: (operation) => resumeOperation(operation, keepers.lab.server) });
    await until(() => keeper.kinds().includes('active'));
    await acquireLock({ stack, operation: 'operation1', verb: 'restart', actor: anna }, keepers.lab.server);
    expect(await until(isFree)).toBeGreaterThan(55);

    await accept('operation2');
    await noteOperation('operation2', { state: 'succeeded' }, keepers.lab.server);
    expect(await until(isFree)).toBeGreaterThan(55);
    expect(keeper.ran).toEqual([]);
    expect(keeper.kinds()).toEqual(['active']);
  });

  it('and is not kept from the others by a record that it cannot read', async () => {
    const labels = {
      ...recordLabels('operation', 'odd', { 'org.oforest.state': 'accepted' }),
      'org.oforest.format': '2',
    };
    await keepers.lab.server.swarm.createConfig('of.op.odd.odd', labels, Buffer.from('{}'));
    const keeper = start('a:1');
    await accept('operation1');
    await until(() => keeper.ran.includes('operation1'));
    expect(keeper.said()).toContainEqual(expect.stringMatching(/^Failed: reading the record of\.op\.odd\.odd\./));
  });

  it('and runs a real one to its end while its client only follows', async () => {
    const { lab } = keepers;
    await lab.run(await reviewTrust(lab));
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
    const review = await reviewRestart(trust, lab.server);
    const { swarm } = lab.server;
    const id = await startOperation(review, { actor: anna }, { swarm, clock: lab.clock, random: randomText });
    await leaveToKeeper(id, lab.server);
    await until(async () => (await stateOf(id)) === 'succeeded');
    expect(keeper.said()).toContain(`Running restart on trust (${id}).`);
  });
});

describe('a keeper at night', () => {
  const timetable = createTimetable({ timeZone: 'UTC' });
  const night = lastNight(stack, new Date('2027-01-05T12:00:00Z'), timetable);
  const keepers = keepersForEachTest({ start: night.getTime() - 10 * 60_000 });
  const { accept, finish, now, pass, start } = keepers;

  it('makes the backup of the night once the booked slot is over, and by itself', async () => {
    const { lab } = keepers;
    await lab.run(await reviewTrust(lab));
    const needs = { swarm: lab.server.swarm, random: randomText };
    const until_ = new Date(night.getTime() + 15 * 60_000);
    await bookSlot({ stack, from: new Date(now()), until: until_ }, anna, needs);
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
  }, 60_000);
});
