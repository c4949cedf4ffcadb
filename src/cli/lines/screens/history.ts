import { counted } from '../../../core/index.ts';
import { fitWord, listedReleases, stateWord } from '../../tui/model/screens/history.ts';
import { sayList } from '../listed.ts';
import type { Say, Spoken } from '../spoken.ts';
import { agoInWords, sentence } from '../words.ts';

export const sayHistory: Say<'history'> = (state, screen): Spoken => {
  const details = state.details[screen.stack];
  const asking = `asking for the releases of ${screen.stack}`;
  if (!details) return { told: [sentence(asking)], choices: [], asks: '', waitsFor: asking };
  return sayList(state, screen, {
    listed: listedReleases,
    row: (release) => {
      const fits = fitWord(release);
      const data = fits === '' ? '' : `, data: ${fits}`;
      const { release: number, author, createdAt } = release;
      return {
        about: String(number),
        label: `v${number}, ${stateWord(release).toLowerCase()}, by ${author}, ${agoInWords(createdAt, state.now)}${data}`,
      };
    },
    head:
      details.releases.length > 0
        ? `History of ${screen.stack}, ${counted(details.releases.length, 'release')}. Open one to roll back to it.`
        : `Nothing is known of the releases of ${screen.stack}.`,
    one: 'release',
  });
};
