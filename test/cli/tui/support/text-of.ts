import type { TuiState } from '../../../../src/cli/tui/model/state.ts';
import { frameOf } from '../../../../src/cli/tui/view/frame.ts';

/** The screen as it is read: its lines without looks, and without the space at their ends. */
export function textOf(state: TuiState): readonly string[] {
  return frameOf(state, { ascii: false }).map((cells) =>
    cells
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );
}
