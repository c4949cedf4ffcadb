import type { TuiState } from '../model/state.ts';
import { emptyLine, type Line, line } from './line.ts';

/** While nothing is known yet: what is being asked for, or why nothing comes. Undefined once the server has answered. */
export function waitingLines({ server, link, now, asOf }: TuiState, what: string): readonly Line[] | undefined {
  if (link.kind === 'offline')
    return [emptyLine, line(`  ${server} does not answer: ${link.error.why ?? link.error.what}`)];
  if (link.kind !== 'connecting' && asOf !== undefined) return undefined;
  const waits = link.kind !== 'connecting' || now - link.since > 300;
  return waits ? [emptyLine, line(`  Asking ${server} for ${what}…`)] : [];
}
