import { describe, expect, it } from 'vitest';
import { acquireKeeper, beatKeeper, findKeeper, releaseKeeper } from '../../../src/core/records/keeper-record.ts';
import { openRecordLab } from '../../support/record-lab.ts';

describe('the record of the keeper', () => {
  it('says who is at work, and since when', async () => {
    await using lab = await openRecordLab();
    expect(await findKeeper(lab.swarm)).toBeUndefined();
    expect(await acquireKeeper('manager1:7', lab)).toEqual({ name: 'manager1:7', epoch: 1 });
    expect(await findKeeper(lab.swarm)).toEqual({ name: 'manager1:7', since: '2027-01-01T09:00:00.000Z' });
  });

  it('is one keeper’s, as long as it lives', async () => {
    await using lab = await openRecordLab();
    const lease = (await acquireKeeper('a:1', lab))!;
    lab.pass(49);
    expect(await acquireKeeper('b:1', lab)).toBeUndefined();
    expect(await beatKeeper(lease, lab)).toBe(true);
    lab.pass(49);
    expect(await acquireKeeper('b:1', lab)).toBeUndefined();
    expect((await findKeeper(lab.swarm))?.name).toBe('a:1');
  });

  it('passes to another when it has not been beaten, and not back', async () => {
    await using lab = await openRecordLab();
    const lost = (await acquireKeeper('a:1', lab))!;
    lab.pass(50);
    expect(await findKeeper(lab.swarm)).toBeUndefined();
    expect(await acquireKeeper('b:1', lab)).toEqual({ name: 'b:1', epoch: 2 });
    expect(await beatKeeper(lost, lab)).toBe(false);
    await releaseKeeper(lost, lab);
    expect((await findKeeper(lab.swarm))?.name).toBe('b:1');
  });

  it('is free at once when it was left', async () => {
    await using lab = await openRecordLab();
    await releaseKeeper((await acquireKeeper('a:1', lab))!, lab);
    expect(await findKeeper(lab.swarm)).toBeUndefined();
    expect(await acquireKeeper('b:1', lab)).toMatchObject({ name: 'b:1', epoch: 2 });
  });

  it('has one winner, whether it is made, free or stale', async () => {
    await using lab = await openRecordLab();
    for (const epoch of [1, 2, 3]) {
      let quicker: unknown;
      lab.beforeNextWrite(async () => {
        quicker = await acquireKeeper('quick:1', lab);
      });
      expect(await acquireKeeper('slow:1', lab)).toBeUndefined();
      expect(quicker).toEqual({ name: 'quick:1', epoch });
      if (epoch === 1) await releaseKeeper({ name: 'quick:1', epoch }, lab);
      else lab.pass(50);
    }
  });

  it('tells an earlier life of the same process name from this one', async () => {
    await using lab = await openRecordLab();
    const before = (await acquireKeeper('a:1', lab))!;
    lab.pass(50);
    await acquireKeeper('a:1', lab);
    expect(await beatKeeper(before, lab)).toBe(false);
  });

  it('is kept although somebody writes it at the same moment', async () => {
    await using lab = await openRecordLab();
    const lease = (await acquireKeeper('a:1', lab))!;
    lab.beforeNextWrite(() => beatKeeper(lease, lab));
    expect(await beatKeeper(lease, lab)).toBe(true);
  });

  it('of a newer oForest is not touched', async () => {
    await using lab = await openRecordLab();
    await acquireKeeper('a:1', lab);
    const config = lab.config('of.keeper');
    await lab.swarm.relabelConfig(config, { ...config.Spec.Labels, 'org.oforest.format': '2' });
    await expect(acquireKeeper('b:1', lab)).rejects.toMatchObject({ code: 'format-too-new' });
    await expect(findKeeper(lab.swarm)).rejects.toMatchObject({ code: 'format-too-new' });
  });
});
