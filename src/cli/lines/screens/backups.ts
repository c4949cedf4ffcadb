import { formatBytes } from '../../render/format.ts';
import { type BackupsScreen, listedBackups, stacksOf, whoseOf } from '../../tui/model/screens/backups.ts';
import type { TuiState } from '../../tui/model/state.ts';
import { sayList } from '../listed.ts';
import type { Say, Spoken } from '../spoken.ts';
import { agoInWords, counted, sentence } from '../words.ts';

export const sayBackups: Say<'backups'> = (state, screen): Spoken => {
  const list = sayList(state, screen, {
    listed: listedBackups,
    row: ({ stack, backup: { takenAt, reason, rows, bytes, verifiedAt } }) => {
      const made = reason === undefined ? '' : `, ${reason}`;
      const proof = verifiedAt === undefined ? 'never verified' : `verified ${agoInWords(verifiedAt, state.now)}`;
      return {
        label: `${stack}, ${agoInWords(takenAt, state.now)}${made}, ${counted(rows, 'row')}, ${formatBytes(bytes)}, ${proof}`,
      };
    },
    head: headOf(state, screen),
    one: 'backup',
  });
  const left = screen.pending.length;
  return { ...list, ...(left > 0 && { waitsFor: `looking into ${counted(left, 'experiment')}` }) };
};

function headOf(state: TuiState, screen: BackupsScreen): string {
  const whose = whoseOf(screen);
  const { length } = listedBackups.all(state, screen);
  const failed = stacksOf(state, screen).flatMap((stack) => {
    const found = state.backups[stack];
    return found?.kind === 'failed' ? [found.error] : [];
  });
  if (length > 0) return `Backups of ${whose}, ${counted(length, 'backup')}. Open one to restore it.`;
  if (screen.pending.length > 0) return `Looking for the backups of ${whose}.`;
  const [error] = failed;
  if (error) return sentence(`${error.what} failed: ${error.why ?? 'the reason is not known'}`);
  return `There is no backup of ${whose} yet.`;
}
