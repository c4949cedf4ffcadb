import type { ReleaseSummary } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import type { Subject } from '../effects.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import type { Opened, TuiState } from '../state.ts';
import { moved } from '../window.ts';
import { reviewInPlace } from './review.ts';

/** Which earlier release is to run again. */
export interface RollbackScreen extends Opened {
  readonly name: 'rollback';
  readonly study: Subject;
  /** The release under the cursor; undefined: the one that is proposed. */
  readonly at: number | undefined;
}

export function openRollback(state: TuiState, { experiment, environment, stack }: Subject): Next {
  const study = { experiment, environment, stack };
  return push(
    state,
    { name: 'rollback', serial: nextSerial(state), study, at: undefined },
    { kind: 'read-study', stack },
  );
}

/** Those that served once, newest first; undefined until they were read. */
export function releasesToChoose(
  { details }: Pick<TuiState, 'details'>,
  { study }: RollbackScreen,
): readonly ReleaseSummary[] | undefined {
  return details[study.stack]?.releases.filter(({ state, serving }) => state === 'proven' && !serving);
}

/** The line under the cursor; first the newest before the one that serves, of another image where there is one. */
export function chosenRelease(state: TuiState, screen: RollbackScreen): ReleaseSummary | undefined {
  const choice = releasesToChoose(state, screen) ?? [];
  const serving = state.details[screen.study.stack]?.releases.find((release) => release.serving);
  const earlier = choice.filter(({ release }) => serving === undefined || release < serving.release);
  return (
    choice.find(({ release }) => release === screen.at) ??
    earlier.find(({ digest }) => digest !== serving?.digest) ??
    earlier[0] ??
    choice[0]
  );
}

const bindings: readonly Binding<RollbackScreen>[] = [
  {
    keys: ['Up', 'Down', 'k', 'j', 'PgUp', 'PgDn', 'Home', 'End'],
    does: 'choose a release',
    hint: 'choose',
    when: (state, screen) => chosenRelease(state, screen) !== undefined,
    run: (state, screen, key) => {
      const choice = releasesToChoose(state, screen) ?? [];
      const chosen = chosenRelease(state, screen);
      const from = chosen ? choice.indexOf(chosen) : 0;
      const to = moved(from, key, { count: choice.length, height: 10 }) ?? from;
      return stay(withTop(state, { ...screen, at: choice[to]?.release }));
    },
  },
  {
    keys: ['Enter', 'Right'],
    does: 'see what going back to it would change',
    hint: 'next',
    when: (state, screen) => chosenRelease(state, screen) !== undefined,
    run: (state, screen) => {
      const chosen = chosenRelease(state, screen);
      return chosen ? reviewInPlace(state, { verb: 'rollback', study: screen.study, to: chosen.release }) : stay(state);
    },
  },
  {
    keys: ['Esc', 'Left'],
    does: 'go back; nothing changes',
    hint: 'cancel, nothing changes',
    run: (state) => pop(state),
  },
];

export const rollbackRules: ScreenRules<RollbackScreen> = { bindings };
