import { describe, expect, it } from 'vitest';
import type { TuiState } from '../../../../src/cli/tui/model/state.ts';
import { openApp } from '../support/open-app.ts';
import { diceOf } from '../support/random-states.ts';
import { aTuiState, someStudies } from '../support/states.ts';

describe('the screen at a size', () => {
  it('is after 60 sizes what it would have been from the start', async () => {
    const dice = diceOf(9);
    await using app = await openApp(aTuiState({ size: { columns: 200, rows: 50 }, studies: someStudies(200) }));
    for (let turn = 0; turn < 60; turn += 1) {
      app.terminal.resize({ columns: 60 + dice(140), rows: 15 + dice(35) });
      if (turn % 7 === 0) await app.press('Down');
      if (turn % 3 === 0) await app.drawn();
    }
    for (const size of [
      { columns: 60, rows: 15 },
      { columns: 120, rows: 40 },
      { columns: 81, rows: 24 },
    ]) {
      await app.resize(size);
      expect(app.screen.styled()).toEqual(await fresh(app.store.read()));
    }
  });

  it('shows nothing of the size before on the way', async () => {
    await using app = await openApp(aTuiState({ size: { columns: 120, rows: 40 }, studies: someStudies(200) }));
    app.terminal.forget();

    await app.resize({ columns: 80, rows: 24 });

    const longest = Math.max(
      ...app.terminal.written
        .join('')
        .split('\n')
        .map((line) => line.replaceAll(/\u001b\[[?\d;]*[a-zA-Z]/g, '').length),
    );
    expect(longest).toBeLessThanOrEqual(80);
  });

  it('is painted anew by Ctrl-L, whatever another program wrote on it', async () => {
    await using app = await openApp(aTuiState());
    const before = app.screen.styled();
    app.terminal.stdout.write('\u001b[5;5HBroadcast message from root\u001b[24;1H');

    await app.press('Ctrl-L');

    expect(app.screen.styled()).toEqual(before);
  });

  it.each([
    [60, 15],
    [40, 10],
  ])('of %i columns and %i rows lists, opens and quits', async (columns, rows) => {
    await using app = await openApp(aTuiState({ size: { columns, rows } }));
    expect(app.screen.text()).toContain('study-0000');

    await app.press('Down', 'Enter');
    expect(app.screen.text()).toContain('Deploy an image');
    expect(app.screen.text()).toContain('study-0001');

    await app.press('Esc', 'q');
    expect(app.effects.map(({ kind }) => kind)).toContain('leave');
  });

  it('that is too small is a sentence, and q quits', async () => {
    await using app = await openApp(aTuiState({ size: { columns: 39, rows: 7 } }));
    expect(app.screen.lines().slice(0, 2)).toEqual(['oForest needs 40x8, this is 39x7.', 'q quits.']);

    await app.press('q');
    expect(app.effects).toEqual([{ kind: 'leave', exitCode: 0 }]);
  });
});

async function fresh(state: TuiState): Promise<readonly string[]> {
  await using app = await openApp(state);
  return app.screen.styled();
}
