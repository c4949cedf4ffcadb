import { describe, expect, it } from 'vitest';
import type { Verb } from '../../../src/core/domain/verb.ts';
import {
  acquireLock,
  beat,
  claimLock,
  confirmLock,
  holderOf,
  type Lock,
  releaseLock,
  takeOverLock,
} from '../../../src/core/records/lock.ts';
import { myExp } from '../../support/builders.ts';
import { openRecordLab, type RecordLab } from '../../support/record-lab.ts';

const ada = { via: 'ssh', sshUser: 'ada', host: 'laptop' } as const;
const lockName = 'of.lock.my-exp';

const acquire = (lab: RecordLab, operation: string, verb: Verb = 'deploy'): Promise<Lock> =>
  acquireLock({ stack: myExp, operation, verb, actor: ada }, lab);

const takeOver = (lab: RecordLab, operation: string): Promise<Lock> => takeOverLock({ stack: myExp, operation }, lab);

describe('the lock of a stack', () => {
  it('is made once, and holds who does what since when', async () => {
    await using lab = await openRecordLab();

    expect(await acquire(lab, 'first')).toEqual({
      stack: 'my-exp',
      operation: 'first',
      epoch: 1,
    });
    expect(holderOf(lab.config(lockName))).toEqual({
      operation: 'first',
      verb: 'deploy',
      actor: ada,
      epoch: 1,
      since: '2027-01-01T09:00:00.000Z',
    });
  });

  it('is refused to a second, who is told whom to wait for', async () => {
    await using lab = await openRecordLab();
    await acquire(lab, 'first');
    lab.pass(59);

    await expect(acquire(lab, 'second')).rejects.toMatchObject({
      code: 'operation-running',
      why: 'ada@laptop (SSH, not verified) is running `deploy` since 2027-01-01T09:00:00.000Z.',
      now: 'Nothing was changed.',
      hint: 'Watch it with `oforest watch first`, or try again when it is done.',
      details: { operation: 'first', verb: 'deploy', since: '2027-01-01T09:00:00.000Z' },
    });
  });

  it('has one winner when two come at the same moment', async () => {
    await using lab = await openRecordLab();
    lab.beforeNextWrite(() => acquire(lab, 'quicker'));

    await expect(acquire(lab, 'slower')).rejects.toMatchObject({ code: 'operation-running' });
    expect(holderOf(lab.config(lockName))?.operation).toBe('quicker');
  });

  it('has one winner as well when it is free and two come', async () => {
    await using lab = await openRecordLab();
    await releaseLock(await acquire(lab, 'earlier'), lab);
    lab.beforeNextWrite(() => acquire(lab, 'quicker'));

    await expect(acquire(lab, 'slower')).rejects.toMatchObject({ code: 'operation-running' });
  });

  it('is free again after its operation, and its epoch goes on', async () => {
    await using lab = await openRecordLab();
    await releaseLock(await acquire(lab, 'first'), lab);

    expect(holderOf(lab.config(lockName))).toBeUndefined();
    expect(await acquire(lab, 'second')).toMatchObject({ epoch: 2 });
  });

  it('stays held by a holder who shows that he lives', async () => {
    await using lab = await openRecordLab();
    const lock = await acquire(lab, 'first');
    lab.pass(50);
    await beat(lock, lab);
    lab.pass(50);

    await expect(acquire(lab, 'second')).rejects.toMatchObject({ code: 'operation-running' });
  });

  it('of one who has not shown that he lives for 60 s stays with his operation, which is to be ended first', async () => {
    await using lab = await openRecordLab();
    await acquire(lab, 'first');
    lab.pass(60);

    await expect(acquire(lab, 'second')).rejects.toMatchObject({ code: 'operation-running' });
  });

  it('is taken over for the same operation under a new epoch, and its earlier holder has lost it', async () => {
    await using lab = await openRecordLab();
    const lost = await acquire(lab, 'first');
    lab.pass(60);

    expect(await takeOver(lab, 'first')).toEqual({ stack: 'my-exp', operation: 'first', epoch: 2 });
    await expect(confirmLock(lost, lab)).rejects.toMatchObject({
      code: 'operation-running',
      why: 'The lock was taken away from this operation.',
    });
    await expect(beat(lost, lab)).rejects.toMatchObject({ code: 'operation-running' });
    await releaseLock(lost, lab);
    expect(holderOf(lab.config(lockName))).toMatchObject({ operation: 'first', epoch: 2 });
  });

  it('is not taken over from one who lives, nor for an operation that does not hold it', async () => {
    await using lab = await openRecordLab();
    await acquire(lab, 'first');
    lab.pass(59);
    await expect(takeOver(lab, 'first')).rejects.toMatchObject({ code: 'operation-running' });
    lab.pass(1);
    await expect(takeOver(lab, 'other')).rejects.toMatchObject({ code: 'operation-running' });
  });

  it('has one runner for its operation, until it is taken over', async () => {
    await using lab = await openRecordLab();
    await acquire(lab, 'first');
    const claim = (runner: string) => claimLock({ stack: myExp, operation: 'first', runner }, lab);

    expect(await claim('laptop:1')).toEqual({ stack: 'my-exp', operation: 'first', epoch: 1 });
    expect(await claim('laptop:1')).toMatchObject({ epoch: 1 });
    await expect(claim('keeper:2')).rejects.toMatchObject({ code: 'operation-running' });

    lab.pass(60);
    await takeOver(lab, 'first');
    expect(await claim('keeper:2')).toMatchObject({ epoch: 2 });
    await expect(claim('laptop:1')).rejects.toMatchObject({ code: 'operation-running' });
  });

  it('is taken over by one of two who try at the same moment', async () => {
    await using lab = await openRecordLab();
    await acquire(lab, 'first');
    lab.pass(60);
    lab.beforeNextWrite(() => takeOver(lab, 'first'));

    await expect(takeOver(lab, 'first')).rejects.toMatchObject({ code: 'operation-running' });
    expect(holderOf(lab.config(lockName))?.epoch).toBe(2);
  });

  it('does not pass to the same operation under another epoch', async () => {
    await using lab = await openRecordLab();
    const lock = await acquire(lab, 'first');

    await expect(confirmLock({ ...lock, epoch: 7 }, lab)).rejects.toMatchObject({ code: 'operation-running' });
  });

  it('is freed although somebody else writes it at the same moment', async () => {
    await using lab = await openRecordLab();
    const lock = await acquire(lab, 'first');
    lab.beforeNextWrite(() => beat(lock, lab));
    await releaseLock(lock, lab);

    expect(holderOf(lab.config(lockName))).toBeUndefined();
  });

  it('of a newer oForest is not touched', async () => {
    await using lab = await openRecordLab();
    await releaseLock(await acquire(lab, 'first'), lab);
    const config = lab.config(lockName);
    await lab.swarm.relabelConfig(config, { ...config.Spec.Labels, 'org.oforest.format': '2' });

    await expect(acquire(lab, 'second')).rejects.toMatchObject({ code: 'format-too-new', details: { format: 2 } });
  });
});
