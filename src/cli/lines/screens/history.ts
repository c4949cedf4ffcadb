import { fitWord, listedReleases, stateWord } from '../../tui/model/screens/history.ts';
import { sayList } from '../listed.ts';
import type { Say } from '../spoken.ts';
import { agoInWords, counted } from '../words.ts';

export const sayHistory: Say<'history'> = (state, screen) =>
  sayList(state, screen, {
    listed: listedReleases,
    row: (release) => {
      const fits = fitWord(release);
      const data = fits === '' ? '' : `, data: ${fits}`;
      const { release: number, author, createdAt } = release;
      return {
        label: `v${number}, ${stateWord(release).toLowerCase()}, by ${author}, ${agoInWords(createdAt, state.now)}${data}`,
      };
    },
    head: headOf(state.details[screen.stack], screen.stack),
    one: 'release',
  });

function headOf(details: { releases: readonly unknown[]; error?: unknown } | undefined, stack: string): string {
  if (details && details.releases.length > 0)
    return `History of ${stack}, ${counted(details.releases.length, 'release')}. Open one to roll back to it.`;
  return details ? `Nothing is known of the releases of ${stack}.` : `Asking for the releases of ${stack}.`;
}
