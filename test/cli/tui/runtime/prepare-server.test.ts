import { expect, it } from 'vitest';
import { noFirstRun } from '../../../../src/cli/tui/model/first-run.ts';
import type { PreparePhase } from '../../../../src/cli/tui/model/screens/prepare.ts';
import { applyAsked, planAsked } from '../../../../src/cli/tui/runtime/prepare-server.ts';
import { parseHostName } from '../../../../src/core/index.ts';
import { openSandboxLab } from '../../../support/sandbox-lab.ts';

const answers = { ...noFirstRun.prepare, domain: 'other.test', certificates: 'none' } as const;

it('makes of what was answered what `server prepare` makes of its options, and tells each change', async () => {
  await using lab = await openSandboxLab();
  const needs = { clock: lab.clock, signal: lab.signal, home: '/nonexistent' };
  // Images of the sandbox's own registry are recorded with it.
  await lab.prepare({ domain: parseHostName('lab.test') });
  const plan = await planAsked(answers, lab.server, needs);
  expect(plan.changes.map(({ subject }) => subject)).toContain('platform');

  const phases: PreparePhase[] = [];
  for await (const phase of applyAsked(plan, lab.server, needs)) phases.push(phase);
  const begun = phases.flatMap((phase) => (phase.kind === 'applying' ? [phase.begun] : []));
  expect(begun.at(-1)).toBe(plan.changes.length);
  expect(phases.at(-1)).toMatchObject({ kind: 'prepared', where: '*.other.test' });

  expect((await planAsked(answers, lab.server, needs)).changes).toEqual([]);
});

it('needs the files that it was told of', async () => {
  await using lab = await openSandboxLab();
  const asked = planAsked(
    { ...answers, certificates: 'files', certificateFile: '~/chain.pem', keyFile: '~/key.pem' },
    lab.server,
    { clock: lab.clock, signal: lab.signal, home: '/nonexistent' },
  );
  await expect(asked).rejects.toMatchObject({ code: 'file-unreadable', message: 'reading /nonexistent/chain.pem' });
});
