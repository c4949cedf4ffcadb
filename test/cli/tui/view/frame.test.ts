import { describe, expect, it } from 'vitest';
import { screenNames } from '../../../../src/cli/tui/model/screens.ts';
import type { ScreenName, TuiState } from '../../../../src/cli/tui/model/state.ts';
import { frameOf } from '../../../../src/cli/tui/view/frame.ts';
import { widthOfLine } from '../../../../src/cli/tui/view/line.ts';
import { shownLines } from '../support/press.ts';
import { diceOf, randomState } from '../support/random-states.ts';
import { aTuiState } from '../support/states.ts';

const sizes = [
  ...[[1, 1] as const, [20, 5] as const, [39, 24] as const, [40, 8] as const, [40, 10] as const, [60, 15] as const],
  ...[[79, 23] as const, [80, 24] as const, [100, 15] as const, [120, 40] as const, [200, 50] as const],
  [240, 70] as const,
];
const states = randomStates();
const reached = new Set<ScreenName>(states.flatMap(({ screens }) => screens.map(({ name }) => name)));

/** 600 of them, and more where some screen is rare among them. */
function randomStates(): readonly TuiState[] {
  const found: TuiState[] = [];
  const unseen = new Set<ScreenName>(screenNames);
  for (let seed = 0; seed < 600 || (unseen.size > 0 && seed < 4_000); seed += 1) {
    const state = randomState(diceOf(seed), { columns: 80, rows: 24 });
    found.push(state);
    for (const { name } of state.screens) unseen.delete(name);
  }
  return found;
}

describe('a frame', () => {
  it.each(sizes)('of %i columns and %i rows is of that size in any state', (columns, rows) => {
    const wrong = states.flatMap((state, seed) => {
      const lines = frameOf({ ...state, size: { columns, rows } }, { ascii: false });
      const widths = lines.map(widthOfLine);
      return lines.length === rows && widths.every((width) => width === columns) ? [] : [{ seed, rows: lines.length }];
    });

    expect(wrong).toEqual([]);
  });

  it('has nothing in it that a terminal obeys or that hides something', () => {
    const found = new Set<string>();
    for (const state of states)
      for (const cell of frameOf(state, { ascii: false }).flat())
        for (const [letter] of cell.text.matchAll(/[\p{Cc}\u202e\u200b\u00ad]/gu)) found.add(letter);

    expect([...found]).toEqual([]);
  });

  it('tells a notice that is longer than a line in two, and keeps the keys', () => {
    const notice = 'The sandbox is open: a pretend server on this computer (close it: oforest sandbox stop).';
    const lines = shownLines(aTuiState({ notice }));

    expect(lines.slice(-3, -1)).toEqual([
      ' The sandbox is open: a pretend server on this computer (close it: oforest',
      ' sandbox stop).',
    ]);
    expect(lines.at(-1)).toContain('? help');
  });

  it('is ASCII alone where the terminal shows nothing else, and as wide', () => {
    const lines = states.flatMap((state) => frameOf(state, { ascii: true }));

    expect(lines.filter((line) => line.some(({ text }) => /[^ -~]/.test(text)))).toEqual([]);
    expect(lines.filter((line) => widthOfLine(line) !== 80)).toEqual([]);
  });

  it('was made of every screen that there is', () => {
    expect(screenNames.filter((name) => !reached.has(name))).toEqual([]);
  });
});
