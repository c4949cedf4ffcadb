import { reduce } from '../../../../src/cli/tui/model/reduce.ts';
import { type TuiState, topScreen } from '../../../../src/cli/tui/model/state.ts';
import { frameOf } from '../../../../src/cli/tui/view/frame.ts';

/** The state after these keys, each typed when what came of the one before can be seen. */
export function pressed(state: TuiState, ...keys: readonly string[]): TuiState {
  return keys.reduce((before, key) => {
    const after = reduce(before, { kind: 'key', key }, before.now).state;
    return reduce(after, { kind: 'drawn', serial: topScreen(after).serial }, after.now).state;
  }, state);
}

/** What is on the screen, line by line, without spaces at the right end. */
export function shownLines(state: TuiState, { ascii = false } = {}): readonly string[] {
  return frameOf(state, { ascii }).map((cells) =>
    cells
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );
}
