import type { ReleaseSummary } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { type List, type Listed, listRules, newList, shownOf } from '../list.ts';
import { type Next, nextSerial, pop, push, stay } from '../next.ts';
import { findStudy, type Opened, type Study, type TuiState } from '../state.ts';
import { whyNotNow } from '../why-not-now.ts';
import { openReview } from './review.ts';

/** What a study has run, the newest first; any of it can be run again. */
export interface HistoryScreen extends Opened {
  readonly name: 'history';
  readonly stack: string;
  readonly list: List;
}

export function openHistory(state: TuiState, { stack }: Study): Next {
  const screen: HistoryScreen = { name: 'history', serial: nextSerial(state), stack, list: newList };
  return push(state, screen, { kind: 'read-study', stack });
}

const none: readonly ReleaseSummary[] = [];

/** As people say it. */
export function stateWord({ serving, state }: ReleaseSummary): string {
  if (serving) return 'Serving';
  return { stored: 'Stored', applying: 'Beginning', proven: 'Proven', failed: 'Failed' }[state];
}

/** Whether its tables and pages are those of the data there is. */
export function fitWord({ serving, fits }: ReleaseSummary): string {
  if (serving) return '';
  return fits === undefined ? 'not compared' : fits.replace('-', ' ');
}

export const listedReleases: Listed<ReleaseSummary, HistoryScreen> = {
  all: ({ details }, { stack }) => details[stack]?.releases ?? none,
  idOf: ({ release }) => String(release),
  textOf: (release) =>
    `v${release.release} ${stateWord(release)} ${fitWord(release)} ${release.author} ${release.image}`,
  orders: [{ by: 'Release' }],
};

function rollBack(state: TuiState, screen: HistoryScreen): Next {
  const release = shownOf(state, screen, listedReleases).under;
  const study = findStudy(state, screen.stack);
  if (!release || !study) return stay(state);
  const name = `v${release.release}`;
  const why = release.serving ? 'it is what serves now.' : whyNotNow(study, state);
  if (why !== undefined) return stay({ ...state, notice: `Roll back to ${name}: ${why}` });
  const { experiment, environment, stack } = study;
  return openReview(state, { verb: 'rollback', study: { experiment, environment, stack }, to: release.release });
}

const bindings: readonly Binding<HistoryScreen>[] = [
  {
    keys: ['Enter', 'Right'],
    does: 'see what rolling back to this release would change',
    hint: 'roll back to it…',
    when: (state, screen) => shownOf(state, screen, listedReleases).under !== undefined,
    run: rollBack,
  },
  {
    keys: ['r'],
    does: 'look again now',
    run: (state, { stack }) => stay(state, { kind: 'read-study', stack }, { kind: 'look-again' }),
  },
  { keys: ['Esc', 'Left'], does: 'go back', hint: 'back', run: (state) => pop(state) },
];

export const historyRules: ScreenRules<HistoryScreen> = listRules(listedReleases, bindings);
