import { describe, expect, it } from 'vitest';
import { topScreen } from '../../../../../src/cli/tui/model/state.ts';
import { shownLines } from '../../support/press.ts';
import { aStudy, aTuiState } from '../../support/states.ts';
import { effectsOf, type Walk, walkFrom } from '../../support/walk.ts';
import { reviewed } from '../../support/walk-reviews.ts';

const menu = () => walkFrom(aTuiState({ studies: [aStudy()] })).press('Enter');
const text = ({ state }: Walk) => shownLines(state).join('\n');
const folder = 'trust-game-data-2026-11-20';

describe('an export', () => {
  it('asks for the folder, proposes one, and says the command', () => {
    const walk = menu().press('e');

    expect(text(walk)).toContain(`> ${folder}▏`);
    expect(text(walk)).toContain(`Same as:  oforest export trust-game --out ${folder}`);
    const { serial } = topScreen(walk.state);
    expect(effectsOf(walk.press('Enter'), 'export')).toEqual([{ kind: 'export', serial, stack: 'trust-game', folder }]);
  });

  it('tells how far it is, and the whole path at the end', () => {
    const begun = menu().press('e', 'Enter');
    const { serial } = topScreen(begun.state);
    const running = begun.hear({
      kind: 'exporting',
      serial,
      phase: { kind: 'running', fetched: { done: 500, total: 900 } },
    });
    const path = `/home/ada/studies/${folder}`;
    const done = running.hear({
      kind: 'exporting',
      serial,
      phase: { kind: 'done', folder: path, files: 4, missing: [] },
    });

    expect(text(running)).toContain('500 B of 900 B');
    expect(text(done)).toContain('Done: 4 files in');
    expect(text(done)).toContain(path);
    expect(effectsOf(done.press('c'), 'copy').map((effect) => effect.text)).toEqual([path]);
  });

  it('keeps what was typed where it fails', () => {
    const begun = menu().press('e', 'Enter');
    const { serial } = topScreen(begun.state);
    const error = { code: 'usage-wrong', what: 'exporting', why: 'There is something in it already.' } as const;
    const failed = begun.hear({ kind: 'exporting', serial, phase: { kind: 'failed', error } });

    expect(text(failed)).toContain('There is something in it already.');
    expect(text(failed.press('Enter'))).toContain(`> ${folder}▏`);
  });

  it('ends with its screen', () => {
    const walk = menu().press('e', 'Enter');
    const { serial } = topScreen(walk.state);

    expect(effectsOf(walk.press('Esc'), 'close').map((effect) => effect.serial)).toContain(serial);
  });
});

describe('before data goes', () => {
  it.each(['R', 'X'])('%s offers to save it, and keeps the question and what was typed', (key) => {
    const asked = reviewed(menu().press(key), { review: { wants: 'typed-name' } }).type('trust');

    expect(text(asked)).toContain('Tab export the data first');
    const exporting = asked.press('Tab');
    expect(topScreen(exporting.state).name).toBe('export');
    expect(text(exporting.press('Esc'))).toContain('> trust▏');
  });

  it('is nothing to save where no session was held', () => {
    const held = { sessions: 0, participants: 0 };
    const asked = reviewed(menu().press('R'), { review: { wants: 'typed-name', held } });

    expect(text(asked)).not.toContain('Tab export');
  });
});
