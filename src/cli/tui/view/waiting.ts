import { failureIn } from '../model/layout.ts';
import type { TuiState } from '../model/state.ts';
import { errorLines, roomBelow } from './error.ts';
import { emptyLine, type Line, line } from './line.ts';
import type { Look } from './look.ts';

/** While nothing is known yet: what is being asked for, or why nothing comes. Undefined once the server has answered. */
export function waitingLines(state: TuiState, what: string, look: Look): readonly Line[] | undefined {
  const { server, link, now, asOf } = state;
  // What only a person can mend is told at the foot of every screen.
  if (link.kind === 'offline')
    return failureIn(state) ? [] : [emptyLine, ...errorLines(link.error, roomBelow(state), look)];
  if (link.kind !== 'connecting' && asOf !== undefined) return undefined;
  const waits = link.kind !== 'connecting' || now - link.since > 300;
  return waits ? [emptyLine, line(`  Asking ${server} for ${what}…`)] : [];
}
