import { actions } from '../model/actions.ts';
import { hidingTour, nextOfTour, type TourStep, tourSteps } from '../model/first-run.ts';
import type { TuiState } from '../model/state.ts';

const keyOf = (id: string) => actions.find((action) => action.id === id)?.key ?? '';

const hints: Readonly<Record<TourStep, string>> = {
  deploy: `${keyOf('deploy')} on trust-game, an image that ends in v3`,
  watch: `${keyOf('watch')} on trust-game, to see the update through`,
  rollback: `${keyOf('rollback')} on trust-game, back to what ran before`,
  reset: `${keyOf('reset')} in its menu, for its typed name`,
  undo: `${keyOf('undo')} on trust-game, and its data is back`,
};

/** What to try next on the sandbox: "Sandbox, try 2/5: …"; undefined where there is nothing, or nobody wants to know or can try it yet. */
export function tourHint(state: TuiState): { readonly text: string; readonly hiddenBy: string } | undefined {
  const next = nextOfTour(state);
  if (next === undefined || state.link.kind !== 'live') return undefined;
  return {
    text: `Sandbox, try ${tourSteps.indexOf(next) + 1}/${tourSteps.length}: ${hints[next]}`,
    hiddenBy: hidingTour,
  };
}
