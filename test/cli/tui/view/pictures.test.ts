import { expect, it } from 'vitest';
import type { TuiState } from '../../../../src/cli/tui/model/state.ts';
import { picturesOf } from '../../../../src/cli/tui/view/pictures.ts';
import { aStudy, aTuiState } from '../support/states.ts';

function lookingAt(state: TuiState) {
  let shown = state;
  const picture = picturesOf(() => shown, { ascii: false });
  const before = picture();
  return {
    before,
    after: (next: TuiState) => {
      shown = next;
      return picture();
    },
  };
}

it('is the same while it looks the same, though the state is another', () => {
  const state = aTuiState();
  const { before, after } = lookingAt(state);
  expect(after({ ...state, now: state.now + 1, details: {} })).toBe(before);
});

it('keeps the lines that look as before', () => {
  const [one, other] = [aStudy({ experiment: 'one' }), aStudy({ experiment: 'other' })] as const;
  const state = aTuiState({ studies: [one, other] });
  const { before, after } = lookingAt(state);
  const { lines } = after({ ...state, studies: [one, { ...other, release: 4 }] });
  expect(lines.flatMap((line, row) => (line === before.lines[row] ? [] : [row]))).toEqual([5]);
});

it('is another when the size is told again: the screen may have been wiped', () => {
  const state = aTuiState();
  const { before, after } = lookingAt(state);
  expect(after({ ...state, size: { ...state.size } })).not.toBe(before);
});
