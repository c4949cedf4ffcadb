import { describe, expect, it } from 'vitest';
import { commandOf, type PrepareScreen } from '../../../../../src/cli/tui/model/screens/prepare.ts';
import { topScreen } from '../../../../../src/cli/tui/model/state.ts';
import type { PlatformPlan, ServerCheck } from '../../../../../src/core/index.ts';
import { shownLines } from '../../support/press.ts';
import { aTuiState, someNow } from '../../support/states.ts';
import { effectsOf, type Walk, walkFrom } from '../../support/walk.ts';

const checks: readonly ServerCheck[] = [
  { name: 'docker', outcome: 'ok', sentence: 'Docker 29.' },
  { name: 'platform', outcome: 'failed', sentence: 'Never prepared.' },
];
const unprepared = walkFrom(aTuiState({ studies: undefined })).hear(
  { kind: 'compared', studies: [], activity: [], at: someNow },
  { kind: 'checked', report: { outcome: 'failed', checks } },
);
const opened = unprepared.press('Enter');
const filled = opened.type('lab.test').press('Tab', 'Tab').type('ada@lab.test').press('Tab', 'Tab');

const aPlan = ({ interrupts = false } = {}) =>
  ({
    changes: [
      { action: 'create', subject: 'network', name: 'of_public', because: 'studies meet Traefik there', interrupts },
    ],
    notices: [{ code: 'not-encrypted', sentence: 'Nothing is encrypted.' }],
    wanted: {},
  }) as unknown as PlatformPlan;
const planned = (plan: PlatformPlan) => {
  const asked = filled.press('Enter');
  const { serial } = topScreen(asked.state);
  return asked.hear({ kind: 'preparing', serial, phase: { kind: 'planned', plan, cursor: 0 } });
};
const text = ({ state }: Walk) => shownLines(state).join('\n');
const sameAs = ({ state }: Walk) => commandOf('lab', topScreen(state) as PrepareScreen);

describe('preparing a server', () => {
  it('is one key from the list of a server that never was prepared', () => {
    expect(topScreen(opened.state).name).toBe('prepare');
    expect(text(opened)).toContain('Domain');
  });

  it('is no longer offered once somebody else has prepared it', () => {
    const again = unprepared.hear({ kind: 'compared', studies: [], activity: [], at: someNow });
    expect(effectsOf(again, 'check-server')).toHaveLength(2);
    const prepared = checks.map((check) => ({ ...check, outcome: 'ok' as const }));
    const ready = again.hear({ kind: 'checked', report: { outcome: 'ok', checks: prepared } });
    expect(text(ready)).toContain('No experiments here yet.');
  });

  it('asks for the plan with what was answered, and names the command that does the same', () => {
    expect(text(filled)).toContain('oforest server prepare lab --domain lab.test --acme ada@lab.test');
    expect(effectsOf(filled.press('Enter'), 'plan-platform')).toMatchObject([
      { answers: { domain: 'lab.test', certificates: 'acme', email: 'ada@lab.test' } },
    ]);
  });

  it('takes images from elsewhere, where the server reaches no Docker Hub', () => {
    const named = filled.type('lab.test/postgres:17').press('Up').type('lab.test/traefik:v3');
    const images = { traefikImage: 'lab.test/traefik:v3', postgresImage: 'lab.test/postgres:17' };
    expect(effectsOf(named.press('Enter', 'Enter'), 'plan-platform')).toMatchObject([{ answers: images }]);
    expect(sameAs(named)).toMatch(/ --traefik-image lab.test\/traefik:v3 --postgres-image lab.test\/postgres:17$/);
  });

  it('asks for files, or for nothing, where certificates come from there', () => {
    const files = opened.press('Tab', 'Right');
    expect(text(files)).toContain('Its key');
    expect(text(files.press('Right'))).not.toMatch(/Its key|E-mail/);
    expect(text(files.press('Left'))).toContain('E-mail');
  });

  it('keeps what was typed when it is left', () => {
    expect(text(filled.press('Esc').press('Enter'))).toContain('lab.test');
  });

  it('shows what would change, and does it when that was seen', () => {
    const ready = planned(aPlan());
    expect(text(ready)).toContain('Nothing is encrypted.');
    expect(effectsOf(ready.pressAtOnce('Enter'), 'apply-platform')).toEqual([]);
    expect(effectsOf(ready.press('Enter'), 'apply-platform')).toHaveLength(1);
  });

  it('interrupts studies by no Enter alone', () => {
    const ready = planned(aPlan({ interrupts: true }));
    expect(effectsOf(ready.press('Enter'), 'apply-platform')).toEqual([]);
    expect(effectsOf(ready.press('Down', 'Enter'), 'apply-platform')).toHaveLength(1);
  });

  it('shows each change as it is made, and leads back to a list that is looked at anew', () => {
    const applying = planned(aPlan()).press('Enter');
    const { serial } = topScreen(applying.state);
    const begun = applying.hear({ kind: 'preparing', serial, phase: { kind: 'applying', plan: aPlan(), begun: 1 } });
    expect(text(begun)).toMatch(/↻ .*of_public/);
    const done = begun.hear({ kind: 'preparing', serial, phase: { kind: 'prepared', where: '*.lab.test', wrong: [] } });
    expect(text(done)).toContain('Ready for studies at *.lab.test.');
    expect(text(done.press('Enter'))).toContain('No experiments here yet.');
  });

  it('can be corrected when it was refused, and nothing was changed', () => {
    const asked = filled.press('Enter');
    const { serial } = topScreen(asked.state);
    const error = { code: 'host-name-invalid', what: 'reading the host', hint: 'Write it out.' } as const;
    const refused = asked.hear({ kind: 'preparing', serial, phase: { kind: 'failed', error } });
    expect(text(refused)).toContain('Write it out.');
    expect(text(refused.press('Esc'))).toContain('lab.test');
  });
});
