import type { Size } from '../model/layout.ts';
import { type TuiState, topScreen } from '../model/state.ts';
import { frameOf } from './frame.ts';
import type { Line } from './line.ts';
import type { Look } from './look.ts';

/** What is to be seen: each line, and the picture as a whole, is the same object as before while it looks the same. */
export interface Picture {
  readonly lines: readonly Line[];
  readonly size: Size;
  /** Of the screen on top. */
  readonly serial: number;
}

/** Looks at a state again and again. A size that was told anew makes a new picture: the screen may have been wiped. */
export function picturesOf(read: () => TuiState, look: Look): () => Picture {
  let state = read();
  let picture = { lines: frameOf(state, look), size: state.size, serial: topScreen(state).serial };
  return () => {
    if (read() === state) return picture;
    state = read();
    const before = picture;
    const { size } = state;
    const { serial } = topScreen(state);
    const lines = frameOf(state, look).map((line, row) => sameOr(before.lines[row], line));
    const isSame = lines.length === before.lines.length && lines.every((line, row) => line === before.lines[row]);
    if (!isSame || size !== before.size || serial !== before.serial) picture = { lines, size, serial };
    return picture;
  };
}

function sameOr(before: Line | undefined, line: Line): Line {
  const isSame =
    before?.length === line.length &&
    line.every(({ text, color, bold, dim, inverse }, index) => {
      const cell = before[index];
      return (
        cell?.text === text &&
        cell.color === color &&
        cell.bold === bold &&
        cell.dim === dim &&
        cell.inverse === inverse
      );
    });
  return isSame ? before : line;
}
