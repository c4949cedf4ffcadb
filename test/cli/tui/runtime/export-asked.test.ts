import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { ExportPhase } from '../../../../src/cli/tui/model/screens/export.ts';
import { exportAsked } from '../../../../src/cli/tui/runtime/export-asked.ts';
import { playSession } from '../../../support/sandbox-data.ts';
import { openSandboxLab } from '../../../support/sandbox-lab.ts';
import { reviewTrust } from '../../../support/trust-game.ts';

it('writes the files into a new folder below the home, and refuses one that has something in it', async () => {
  const home = await mkdtemp(join(tmpdir(), 'oforest-export-'));
  onTestFinished(() => rm(home, { recursive: true }));
  await using lab = await openSandboxLab();
  await lab.prepare();
  await lab.run(await reviewTrust(lab));
  playSession(lab, 'trust', { participants: 2 });
  const shown: ExportPhase[] = [];
  const needs = { ...lab, home, show: (phase: ExportPhase) => shown.push(phase) };

  const done = await exportAsked({ stack: 'trust', folder: '~/data' }, needs);

  const folder = join(home, 'data');
  expect(done).toMatchObject({ kind: 'done', folder, missing: [] });
  expect(await readdir(folder)).toContain('wide.csv');
  await expect(exportAsked({ stack: 'trust', folder }, needs)).rejects.toMatchObject({ code: 'usage-wrong' });
});
