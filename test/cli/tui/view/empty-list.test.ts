import { describe, expect, it } from 'vitest';
import type { ServerCheck } from '../../../../src/core/index.ts';
import { shownLines } from '../support/press.ts';
import { aTuiState, someNow } from '../support/states.ts';
import { effectsOf, walkFrom } from '../support/walk.ts';

const docker: ServerCheck = { name: 'docker', outcome: 'ok', sentence: 'Docker 29.' };
const platform: ServerCheck = { name: 'platform', outcome: 'failed', sentence: 'Never prepared.' };
const empty = () =>
  walkFrom(aTuiState({ studies: undefined })).hear({ kind: 'compared', studies: [], activity: [], at: someNow });
const looked = (...checks: readonly ServerCheck[]) =>
  empty().hear({ kind: 'checked', report: { outcome: 'ok', checks } });
const text = ({ state }: ReturnType<typeof empty>) => shownLines(state).join('\n');

describe('a server without experiments', () => {
  it('says how to get one: the key, the command and the guide', () => {
    const shown = text(looked(docker));
    expect(shown).toContain('n  New experiment');
    expect(shown).toContain('oforest deploy my-experiment --image');
    expect(shown).toContain('docs/guide-researchers.md');
  });

  it('says first how it is prepared, where it never was', () => {
    const shown = text(looked(docker, platform));
    expect(shown).toContain('never prepared for studies');
    expect(shown).not.toContain('New experiment\n');
  });

  it('is not called unprepared when nobody could look', () => {
    expect(text(looked(platform))).not.toContain('never prepared for studies');
  });

  it('is looked at once for that, and not after each comparison', () => {
    const again = looked(docker).hear({ kind: 'compared', studies: [], activity: [], at: someNow });
    expect(effectsOf(again, 'check-server')).toHaveLength(1);
  });
});
