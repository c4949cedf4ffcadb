import { type ListedState, wordOfState } from '../../../../core/index.ts';
import { actions, actionsFor, begin, doesOf, generalActions, hintOf, keysOfActions } from '../actions.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import type { Key } from '../keys.ts';
import { type List, type Listed, listRules, newList, shownOf } from '../list.ts';
import { type Next, nextSerial, push, readStudy, stay } from '../next.ts';
import type { Opened, Study, TuiState } from '../state.ts';
import { isUnprepared } from './check.ts';
import { openPrepare } from './prepare.ts';

/** The list of all studies: the lowest screen, from which everything is reached. */
export interface ExperimentsScreen extends Opened {
  readonly name: 'experiments';
  readonly list: List;
}

export const experimentsScreen: ExperimentsScreen = { name: 'experiments', serial: 1, list: newList };

const none: readonly Study[] = [];

export const listedStudies: Listed<Study, ExperimentsScreen> = {
  all: ({ studies = none }) => studies,
  idOf: ({ stack }) => stack,
  textOf: ({ stack, state, busy, owner }) => `${stack} ${wordOfState[state]} ${busy?.verb ?? ''} ${owner}`,
  orders: [
    { by: 'Experiment' },
    { by: 'State', compare: (one, other) => urgencyOf(one) - urgencyOf(other) },
    { by: 'People', compare: (one, other) => (other.people ?? -1) - (one.people ?? -1) },
    { by: 'Backup', compare: (one, other) => (one.backedUpAt ?? '').localeCompare(other.backedUpAt ?? '') },
    { by: 'Changed', compare: (one, other) => other.changedAt.localeCompare(one.changedAt) },
  ],
};

/** What does not run as it should comes first, then what is being done; what is off on purpose comes last. */
function urgencyOf({ state, busy }: Study): number {
  if (state === 'going-back') return 0;
  return busy ? 1 : (['updating', 'running', 'stopped', 'deleted'] satisfies ListedState[]).indexOf(state) + 2;
}

export function studyUnderCursor(state: TuiState, screen: ExperimentsScreen): Study | undefined {
  return shownOf(state, screen, listedStudies).under;
}

/** What destroys has no key in a list: it stands in the menu of the experiment. */
const listActions = actions.filter(({ tier }) => tier !== 'final');

const bindings: readonly Binding<ExperimentsScreen>[] = [
  {
    keys: ['Enter', 'Right', 'a'],
    does: 'open the experiment and all that can be done with it',
    hint: 'open',
    when: (state, screen) => studyUnderCursor(state, screen) !== undefined,
    run: (state, screen) => openStudy(state, studyUnderCursor(state, screen)),
  },
  {
    keys: ['Enter'],
    does: 'prepare a server that never was, before the first study',
    hint: 'prepare it',
    when: (state) => state.studies?.length === 0 && isUnprepared(state),
    run: openPrepare,
  },
  ...keysOfActions(listActions).map(
    (key): Binding<ExperimentsScreen> => ({
      keys: [key],
      does: doesOf(key, listActions),
      ...hintOf(key, listActions),
      when: (state, screen) => actionUnder(state, screen, key) !== undefined,
      blocked: (state, screen) => {
        const found = actionUnder(state, screen, key);
        return found?.action.blocked?.(found.study, state);
      },
      run: (state, screen) => {
        const found = actionUnder(state, screen, key);
        return found ? begin(found.action, state, found.study) : stay(state);
      },
    }),
  ),
  ...generalActions.map(
    ({ key, label, hint, run }): Binding<ExperimentsScreen> => ({
      keys: [key],
      does: label.toLowerCase(),
      hint,
      run,
    }),
  ),
];

function actionUnder(state: TuiState, screen: ExperimentsScreen, key: Key) {
  const study = studyUnderCursor(state, screen);
  const action = study && actionsFor(study).find((one) => one.key === key && one.tier !== 'final');
  return study && action && { study, action };
}

function openStudy(state: TuiState, study: Study | undefined): Next {
  if (!study) return stay(state);
  const { stack } = study;
  const screen = { name: 'study', serial: nextSerial(state), stack, at: undefined } as const;
  // A server that is not reached is asked once it is compared with; what is known is all there is until then.
  const isReached = state.link.kind === 'live' || state.link.kind === 'stale';
  return isReached ? push(state, screen, readStudy(stack)) : push(state, screen);
}

export const experimentsRules: ScreenRules<ExperimentsScreen> = listRules(listedStudies, bindings);
