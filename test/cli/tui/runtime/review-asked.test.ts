import { expect, it } from 'vitest';
import { reviewAsked } from '../../../../src/cli/tui/runtime/review-asked.ts';
import { reviewBackup } from '../../../../src/core/operations/review/review-data.ts';
import { openSandboxLab } from '../../../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../../../support/trust-game.ts';

it('asks for the name before a restore replaces the data, and not before a backup', async () => {
  await using lab = await openSandboxLab();
  await lab.prepare();
  await lab.run(await reviewTrust(lab));
  await lab.run(await reviewBackup(trust, lab.server));
  const study = { experiment: 'trust', environment: 'production', stack: 'trust' };

  const restore = await reviewAsked({ verb: 'restore', study, backup: 'any' }, lab.server, lab.signal);
  const backup = await reviewAsked({ verb: 'backup', study }, lab.server, lab.signal);

  expect(restore).toMatchObject({ verb: 'restore', wants: 'typed-name' });
  expect(backup).toMatchObject({ verb: 'backup', wants: 'nothing' });
});
