import { expect, it } from 'vitest';
import type { Message } from '../../../../src/cli/tui/model/messages.ts';
import { readBackups, readCheck } from '../../../../src/cli/tui/runtime/read-lists.ts';
import { reviewBackup } from '../../../../src/core/operations/review/review-data.ts';
import { openSandboxLab } from '../../../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../../../support/trust-game.ts';

it('reads the backups of each study, and of those that cannot be looked into why', async () => {
  await using lab = await openSandboxLab();
  await lab.prepare();
  await lab.run(await reviewTrust(lab));
  await lab.run(await reviewBackup(trust, lab.server));
  const heard: Message[] = [];

  await readBackups(['gone', 'trust'], { ...lab, dispatch: (message) => heard.push(message) });

  expect(heard).toContainEqual(expect.objectContaining({ kind: 'backups-unread', stack: 'gone' }));
  expect(heard).toContainEqual(
    expect.objectContaining({
      kind: 'backups-read',
      stack: 'trust',
      list: expect.objectContaining({ backups: [expect.objectContaining({ reason: 'asked', release: 1 })] }),
    }),
  );
});

it('reads nothing more once nobody waits for it', async () => {
  await using lab = await openSandboxLab();
  await lab.prepare();
  const heard: Message[] = [];

  const reading = readBackups(['a', 'b', 'c', 'd'], {
    ...lab,
    signal: AbortSignal.abort(),
    dispatch: (message) => heard.push(message),
  });

  await expect(reading).rejects.toThrow('aborted');
  expect(heard).toEqual([]);
});

it('reads how the server is', async () => {
  await using lab = await openSandboxLab();
  await lab.prepare();

  const news = await readCheck(lab);

  expect(news).toMatchObject({ kind: 'checked', report: { outcome: 'ok' } });
});
