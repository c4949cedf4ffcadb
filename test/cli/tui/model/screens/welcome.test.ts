import { describe, expect, it } from 'vitest';
import { noFirstRun } from '../../../../../src/cli/tui/model/first-run.ts';
import { nowhere } from '../../../../../src/cli/tui/model/initial-state.ts';
import { topScreen } from '../../../../../src/cli/tui/model/state.ts';
import { shownLines } from '../../support/press.ts';
import { aTuiState, someNow } from '../../support/states.ts';
import { walkFrom } from '../../support/walk.ts';

const sizes = [
  { columns: 40, rows: 10 },
  { columns: 60, rows: 15 },
  { columns: 80, rows: 24 },
];
const begun = (size = { columns: 80, rows: 24 }) => walkFrom(nowhere({ size, now: someNow, firstRun: noFirstRun }));
const names = ({ state }: ReturnType<typeof begun>) => state.screens.map(({ name }) => name);

describe('the welcome', () => {
  it.each(sizes)('shows all that can be chosen at $columns columns and $rows rows', (size) => {
    const text = shownLines(begun(size).state).join('\n');
    for (const choice of ['Try it on the sandbox', 'Connect to your own server', 'Leave'])
      expect(text).toContain(choice);
  });

  it('goes to the sandbox', () => {
    expect(begun().press('Enter').effects.at(-1)).toEqual({ kind: 'go-to-server', name: 'sandbox' });
  });

  it('lets people leave', () => {
    expect(begun().press('Down', 'Down', 'Enter').effects).toEqual([{ kind: 'leave', exitCode: 0 }]);
  });

  it('is where one stays while there is nowhere to go: no list of no server', () => {
    expect(names(begun().press('1', '2', '3', '4', 'Esc', 'Left', 'r'))).toEqual(['welcome']);
    const palette = shownLines(begun().press(':').state).join('\n');
    expect(palette).not.toMatch(/Go to|New experiment/);
  });

  it('leads to the servers there are', () => {
    expect(names(begun().press('g'))).toEqual(['welcome', 'servers']);
  });

  it('can be read again later, and left as it was', () => {
    const again = walkFrom(aTuiState()).press('i');
    expect(shownLines(again.state).join('\n')).toContain('Go back');
    expect(topScreen(again.press('Down', 'Down', 'Enter').state).name).toBe('experiments');
  });
});
