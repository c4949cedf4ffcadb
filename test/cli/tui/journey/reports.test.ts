import { afterAll, beforeAll, expect, it } from 'vitest';
import { openProgress } from '../../../../src/cli/tui/model/screens/progress.ts';
import { topScreen } from '../../../../src/cli/tui/model/state.ts';
import { reviewChange, reviewDeploy, Secret } from '../../../../src/core/index.ts';
import { openSandboxLab, type SandboxLab } from '../../../support/sandbox-lab.ts';
import { reviewTrust, trust } from '../../../support/trust-game.ts';
import { aTuiState } from '../support/states.ts';
import { textOf } from '../support/text-of.ts';
import { effectsOf, walkFrom } from '../support/walk.ts';

const canary = 'correct-horse-battery-staple';
const before = process.env.OTREE_ADMIN_PASSWORD;
let lab: SandboxLab;
beforeAll(async () => {
  process.env.OTREE_ADMIN_PASSWORD = canary;
  lab = await openSandboxLab();
  await lab.prepare();
  await lab.run(await reviewTrust(lab, 'v1'));
  const value = new Secret(canary);
  const change = (state: Parameters<Parameters<typeof reviewChange>[0]['change']>[0]) => ({
    ...state,
    secrets: [...state.secrets, 'PROLIFIC_TOKEN'],
  });
  const slots = ['PROLIFIC_TOKEN', 'OTREE_ADMIN_PASSWORD'].map((slot) => ({ slot, value }));
  await lab.run(await reviewChange({ ...trust, verb: 'secret', change, newSecrets: slots }, lab.server));
}, 30_000);
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  if (before === undefined) delete process.env.OTREE_ADMIN_PASSWORD;
  else process.env.OTREE_ADMIN_PASSWORD = before;
});

it.each(['crash-at-import', 'never-healthy', 'no-settings', 'crash-late'])(
  'a deployment that failed (%s) is shown and reported without the secrets of the study or of this computer',
  async (tag) => {
    const image = lab.image(`samples/broken:${tag}`);
    const events = await lab.run(await reviewDeploy({ ...trust, image }, { ...lab.server, signal: lab.signal }));
    const opened = openProgress(aTuiState(), { operation: 'op1', stack: 'trust', verb: 'deploy' });
    const walk = events.reduce(
      (shown, event) => shown.hear({ kind: 'event', serial: topScreen(opened.state).serial, event }),
      walkFrom(opened.state),
    );
    const reported = walk.press('c');

    const [report] = effectsOf(reported, 'copy');
    expect(report?.text).toMatch(/^Failed: .*\n[\s\S]*Code: \S+/);
    expect(`${report?.text}${textOf(walk.state).join('\n')}${JSON.stringify(walk.state)}`).not.toContain(canary);
  },
);
