import type { ReleaseSummary } from '../../../core/index.ts';
import { withTop } from '../../tui/model/next.ts';
import { type RollbackScreen, releasesToChoose } from '../../tui/model/screens/rollback.ts';
import { topScreen } from '../../tui/model/state.ts';
import { fitWords } from '../../tui/view/rollback.ts';
import { press, type Say } from '../spoken.ts';
import { agoInWords, withStop } from '../words.ts';

export const sayRollback: Say<'rollback'> = (state, screen) => {
  const { stack } = screen.study;
  const releases = releasesToChoose(state, screen);
  if (!releases)
    return {
      told: [`Reading the releases of ${stack}.`],
      choices: [],
      asks: '',
      waitsFor: `reading the releases of ${stack}`,
    };
  if (releases.length === 0)
    return { told: [`There is no earlier release of ${stack} to go back to.`], choices: [], asks: 'Type back.' };
  return {
    told: [`Which release of ${stack} shall run again? Its data stays as it is.`],
    choices: releases.map((release) => ({
      label: labelOf(release, state.now),
      about: `${release.release} ${release.fits}`,
      run: (now) => press('Enter')(withTop(now, { ...(topScreen(now) as RollbackScreen), at: release.release })),
    })),
    asks: 'Type a number, or back. Nothing changes yet: what would is told next.',
  };
};

function labelOf({ release, createdAt, author, image, fits }: ReleaseSummary, now: number): string {
  const made = `Release ${release}, ${agoInWords(createdAt, now)} by ${author}, ${image}`;
  return withStop(`${made}: ${fitWords[fits ?? 'unknown']}`);
}
