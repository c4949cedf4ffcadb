import { describe, expect, it } from 'vitest';
import { acquireLock, beat, confirmLock, holderOf, type Lock, releaseLock } from '../../../src/core/records/lock.ts';
import { myExp } from '../../support/builders.ts';
import { type RecordSwarm, recordSwarm } from './record-swarm.ts';

const ada = { via: 'ssh', sshUser: 'ada', host: 'laptop' } as const;
const lockName = 'of.lock.my-exp';

const acquire = (lab: RecordSwarm, operation: string, verb = 'deploy'): Promise<Lock> =>
  acquireLock({ stack: myExp, operation, verb, actor: ada }, lab);

describe('the lock of a stack', () => {
  it('is made once, and holds who does what since when', async () => {
    const lab = recordSwarm();

    expect(await acquire(lab, 'first')).toEqual({
      stack: 'my-exp',
      operation: 'first',
      epoch: 1,
      takenOverFrom: undefined,
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
    const lab = recordSwarm();
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
    const lab = recordSwarm();
    lab.beforeNextWrite(() => acquire(lab, 'quicker'));

    await expect(acquire(lab, 'slower')).rejects.toMatchObject({ code: 'operation-running' });
    expect(holderOf(lab.config(lockName))?.operation).toBe('quicker');
  });

  it('has one winner as well when it is free and two come', async () => {
    const lab = recordSwarm();
    await releaseLock(await acquire(lab, 'earlier'), lab);
    lab.beforeNextWrite(() => acquire(lab, 'quicker'));

    await expect(acquire(lab, 'slower')).rejects.toMatchObject({ code: 'operation-running' });
  });

  it('is free again after its operation, and its epoch goes on', async () => {
    const lab = recordSwarm();
    await releaseLock(await acquire(lab, 'first'), lab);

    expect(holderOf(lab.config(lockName))).toBeUndefined();
    expect(await acquire(lab, 'second')).toMatchObject({ epoch: 2, takenOverFrom: undefined });
  });

  it('stays held by a holder who shows that he lives', async () => {
    const lab = recordSwarm();
    const lock = await acquire(lab, 'first');
    lab.pass(50);
    await beat(lock, lab);
    lab.pass(50);

    await expect(acquire(lab, 'second')).rejects.toMatchObject({ code: 'operation-running' });
  });

  it('is taken over from one who has not for 60 s, under a new epoch', async () => {
    const lab = recordSwarm();
    const lost = await acquire(lab, 'first');
    lab.pass(60);

    expect(await acquire(lab, 'second')).toMatchObject({ operation: 'second', epoch: 2, takenOverFrom: 'first' });
    await expect(confirmLock(lost, lab)).rejects.toMatchObject({ code: 'operation-running' });
    await expect(beat(lost, lab)).rejects.toMatchObject({ code: 'operation-running' });
  });

  it('is not freed by the one it was taken from', async () => {
    const lab = recordSwarm();
    const lost = await acquire(lab, 'first');
    lab.pass(60);
    await acquire(lab, 'second');
    await releaseLock(lost, lab);

    expect(holderOf(lab.config(lockName))?.operation).toBe('second');
  });

  it('does not pass to the same operation under another epoch', async () => {
    const lab = recordSwarm();
    const lock = await acquire(lab, 'first');

    await expect(confirmLock({ ...lock, epoch: 7 }, lab)).rejects.toMatchObject({ code: 'operation-running' });
  });

  it('is freed although somebody else writes it at the same moment', async () => {
    const lab = recordSwarm();
    const lock = await acquire(lab, 'first');
    lab.beforeNextWrite(() => beat(lock, lab));
    await releaseLock(lock, lab);

    expect(holderOf(lab.config(lockName))).toBeUndefined();
  });

  it('of a newer oForest is not touched', async () => {
    const lab = recordSwarm();
    await releaseLock(await acquire(lab, 'first'), lab);
    const config = lab.config(lockName);
    await lab.swarm.relabelConfig(config, { ...config.Spec.Labels, 'org.oforest.format': '2' });

    await expect(acquire(lab, 'second')).rejects.toMatchObject({ code: 'format-too-new', details: { format: 2 } });
  });
});
