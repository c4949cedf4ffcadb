import { describe, expect, it } from 'vitest';
import { findPlatform, loadPlatform, savePlatform } from '../../../src/core/records/platform-record.ts';
import { aPlatform } from '../../support/builders.ts';
import { openRecordLab } from '../../support/record-lab.ts';

describe('the settings of a platform', () => {
  it('are missing on a Swarm that was never prepared, and the error says how', async () => {
    await using lab = await openRecordLab();
    const { swarm } = lab;

    expect(await findPlatform(swarm)).toBeUndefined();
    await expect(loadPlatform(swarm)).rejects.toMatchObject({
      code: 'platform-missing',
      hint: expect.stringContaining('oforest server prepare'),
    });
  });

  it('are those with the highest number, also from 10 on', async () => {
    await using lab = await openRecordLab();
    const { swarm } = lab;
    for (let number = 1; number <= 11; number += 1) await savePlatform(swarm, aPlatform({ httpPort: 8000 + number }));

    expect(await findPlatform(swarm)).toEqual({ ...aPlatform({ httpPort: 8011 }), number: 11 });
  });

  it('are kept five times back', async () => {
    await using lab = await openRecordLab();
    for (let number = 1; number <= 8; number += 1) await savePlatform(lab.swarm, aPlatform());

    expect(lab.configs.map(({ Spec }) => Spec.Name)).toEqual([4, 5, 6, 7, 8].map((number) => `of.platform.${number}`));
  });

  it('are not written over those of somebody who was quicker', async () => {
    await using lab = await openRecordLab();
    const { swarm, beforeNextWrite } = lab;
    beforeNextWrite(() => savePlatform(swarm, aPlatform({ domain: 'theirs.test' })));

    await expect(savePlatform(swarm, aPlatform({ domain: 'ours.test' }))).rejects.toMatchObject({
      code: 'version-conflict',
      now: 'Theirs are in force.',
    });
    expect((await loadPlatform(swarm)).domain).toBe('theirs.test');
  });
});
