import { describe, expect, it } from 'vitest';
import { initialState } from '../../../src/cli/tui/model/initial-state.ts';
import { skeletonOf } from '../../../src/cli/tui/skeleton.ts';
import { openApp } from './support/open-app.ts';
import { openScreen } from './support/screen.ts';
import { someNow } from './support/states.ts';

describe('what stands on the terminal while the program is loaded', () => {
  it.each([
    [60, 15],
    [80, 24],
    [120, 40],
  ])('stands where the first frame has it, at %i columns and %i rows', async (columns, rows) => {
    const size = { columns, rows };
    const screen = openScreen(size);
    screen.write(skeletonOf(size, { ascii: false }));
    await screen.settled();
    await using app = await openApp(initialState({ server: 'lab', size, now: someNow }));

    expect(screen.text()).toContain('oForest');
    for (const [row, text] of screen.lines().entries())
      if (text !== '') expect(app.screen.lines()[row]?.slice(0, text.length)).toBe(text);
  });

  it('is nothing where the screen is too small for anything', () => {
    expect(skeletonOf({ columns: 30, rows: 5 }, { ascii: false })).toBe('\u001b[H');
  });
});
