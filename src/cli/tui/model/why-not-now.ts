import type { Study, TuiState } from './state.ts';
import { workOn } from './verbs.ts';

/** Why nothing can be changed about a study at the moment; undefined when it can. A server that is being reached is waited for. */
export function whyNotNow({ busy }: Pick<Study, 'busy'>, { link, server }: TuiState): string | undefined {
  if (link.kind === 'nowhere') return 'No server is chosen yet.';
  if (link.kind === 'offline') return `${server} does not answer.`;
  return busy && workOn(busy);
}
