import { layoutOf } from '../../tui/model/layout.ts';
import { isTypedInto } from '../../tui/model/screens.ts';
import type { Screen, TuiState } from '../../tui/model/state.ts';
import { bodyOf } from '../../tui/view/bodies.ts';
import type { Line } from '../../tui/view/line.ts';
import { keysAsChoices, type Spoken, typeLine } from '../spoken.ts';

/** So narrow that a screen has one pane, and so high that nothing of it is left out. */
const onePane = layoutOf({ columns: 79, rows: 500 }, 'linux');

/**
 * A screen that has no words of its own yet: what it draws, line by line, and its keys as choices. Whatever can be done on
 * it can be done so; a screen that lists things is better told by a `Say` of its own.
 */
export function sayDrawn(state: TuiState, screen: Screen): Spoken {
  const { title, body, summary } = bodyOf(state, onePane, { ascii: true });
  return {
    told: [title, ...body, summary].map(textOf).filter((text) => /[\p{L}\p{N}]/u.test(text)),
    choices: keysAsChoices(state, screen),
    asks: isTypedInto(screen) ? 'Type a text, a number, back, or quit.' : 'Type a number, back, help, or quit.',
    ...(isTypedInto(screen) && { takes: (now: TuiState, text: string) => typeLine(text)(now) }),
  };
}

function textOf(line: Line): string {
  return line.map(({ text }) => text).join('');
}
