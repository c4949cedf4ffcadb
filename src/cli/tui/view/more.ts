import { counted } from '../../../core/index.ts';
import { type Line, line } from './line.ts';

/** What has no room is never left out in silence. */
export function moreLine({ above, below }: { readonly above: number; readonly below: number }): Line {
  const parts = [
    ...(below > 0 ? [`${counted(below, 'more line')}: PgDn`] : []),
    ...(above > 0 ? [`${below > 0 ? above : counted(above, 'line')} above: PgUp`] : []),
  ];
  return line({ text: `  … ${parts.join(', ')}`, bold: true });
}
