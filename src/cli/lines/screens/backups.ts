import { counted } from '../../../core/index.ts';
import { formatBytes } from '../../render/format.ts';
import { type BackupsScreen, listedBackups, noBackupYet, stacksOf, whoseOf } from '../../tui/model/screens/backups.ts';
import type { TuiState } from '../../tui/model/state.ts';
import { sayList } from '../listed.ts';
import type { Say, Spoken } from '../spoken.ts';
import { agoInWords, sentence } from '../words.ts';

export const sayBackups: Say<'backups'> = (state, screen): Spoken => {
  const left = screen.pending.length;
  const looking = `Looking for the backups of ${whoseOf(screen)}.`;
  // Those of one after the other: numbers would be heard that the next one changes.
  if (left > 0)
    return { told: [looking], choices: [], asks: '', waitsFor: `looking into ${counted(left, 'experiment')}` };
  return sayList(state, screen, {
    listed: listedBackups,
    row: ({ stack, backup: { id, takenAt, reason, rows, bytes, verifiedAt } }) => {
      const made = reason === undefined ? '' : `, ${reason}`;
      const proof = verifiedAt === undefined ? 'never verified' : `verified ${agoInWords(verifiedAt, state.now)}`;
      return {
        about: `${stack}/${id}`,
        label: `${stack}, ${agoInWords(takenAt, state.now)}${made}, ${counted(rows, 'row')}, ${formatBytes(bytes)}, ${proof}`,
      };
    },
    head: headOf(state, screen),
    one: 'backup',
  });
};

function headOf(state: TuiState, screen: BackupsScreen): string {
  const whose = whoseOf(screen);
  const { length } = listedBackups.all(state, screen);
  const failed = stacksOf(state, screen).flatMap((stack) => {
    const found = state.backups[stack];
    return found?.kind === 'failed' ? [found.error] : [];
  });
  if (length > 0) return `Backups of ${whose}, ${counted(length, 'backup')}. Open one to restore it.`;
  const [error] = failed;
  if (error) return sentence(`${error.what} failed: ${error.why ?? 'the reason is not known'}`);
  return noBackupYet(screen);
}
