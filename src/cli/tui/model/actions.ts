import { isDown } from '../../../core/index.ts';
import type { Asked, PlainVerb } from './effects.ts';
import type { Key } from './keys.ts';
import { type Next, stay } from './next.ts';
import { openAdmin } from './screens/admin.ts';
import { openBackups } from './screens/backups.ts';
import { openExport } from './screens/export.ts';
import { openHistory } from './screens/history.ts';
import { openImage } from './screens/image.ts';
import { openLinks } from './screens/links.ts';
import { openLogs } from './screens/logs.ts';
import { openNewStudy } from './screens/new-study.ts';
import { openProgress } from './screens/progress.ts';
import { openReview } from './screens/review.ts';
import { openRollback } from './screens/rollback.ts';
import type { Study, TuiState } from './state.ts';
import { whyNotNow } from './why-not-now.ts';

/**
 * What it does to people and data. `look`: nothing. `reversible`: a review, then Enter. `disruptive`: people may notice, so
 * the review asks about them. `final`: data or a study goes, so its name is typed.
 */
export type Tier = 'look' | 'reversible' | 'disruptive' | 'final';

/** One thing that can be done with a study: in its menu, by its key, from the palette. */
export interface Action {
  readonly id: string;
  readonly key: Key;
  readonly label: (study: Study, state: TuiState) => string;
  /** Whatever the study, in words for the help: "roll back to an earlier release". */
  readonly does: string;
  /** As the hints below a list say it; absent where they leave it out. */
  readonly hint?: string;
  readonly tier: Tier;
  /** Whether the study is such that it makes sense at all. */
  readonly fits: (study: Study) => boolean;
  /** Why it cannot be done now; undefined when it can. */
  readonly blocked?: (study: Study, state: TuiState) => string | undefined;
  readonly run: (state: TuiState, study: Study) => Next;
}

const isThere = ({ state }: Study) => state !== 'deleted';
const isUp = ({ state }: Study) => !isDown(state);

/** What only looks does not wait for anybody's work on the study. */
function whyUnreached(_: Study, state: TuiState): string | undefined {
  return whyNotNow({ busy: undefined }, state);
}

const ask =
  (verb: PlainVerb) =>
  (state: TuiState, { experiment, environment, stack }: Study): Next =>
    openReview(state, { verb, study: { experiment, environment, stack } } satisfies Asked);

/** In the order of the menu; those whose tier is `final` come last there. */
export const actions: readonly Action[] = [
  {
    id: 'watch',
    key: 'w',
    label: ({ busy }) => (busy ? `Watch what runs: ${busy.verb}` : 'Watch what runs'),
    does: 'watch what runs',
    tier: 'look',
    fits: ({ busy }) => busy !== undefined,
    blocked: whyUnreached,
    run: (state, { stack, busy }) =>
      busy ? openProgress(state, { operation: busy.operation, verb: busy.verb, stack }) : stay(state),
  },
  {
    id: 'deploy',
    key: 'd',
    label: () => 'Deploy an image',
    does: 'deploy an image',
    hint: 'deploy',
    tier: 'disruptive',
    fits: isThere,
    blocked: whyNotNow,
    run: (state, study) => openImage(state, study),
  },
  {
    id: 'rollback',
    key: 'b',
    label: () => 'Roll back to an earlier release',
    does: 'roll back to an earlier release',
    tier: 'disruptive',
    fits: ({ state, release }) => state !== 'deleted' && release > 1,
    blocked: whyNotNow,
    run: (state, study) => openRollback(state, study),
  },
  {
    id: 'logs',
    key: 'l',
    label: () => 'See the logs',
    does: 'see the logs',
    hint: 'logs',
    tier: 'look',
    fits: isThere,
    run: (state, { stack }) => openLogs(state, stack),
  },
  {
    id: 'history',
    key: 'h',
    label: () => 'History of releases',
    does: 'see the history of releases',
    tier: 'look',
    fits: () => true,
    run: openHistory,
  },
  {
    id: 'browse',
    key: 'o',
    label: () => 'Open in the browser',
    does: 'open it in the browser',
    tier: 'look',
    fits: isUp,
    run: (state, { url }) => stay(state, { kind: 'browse', url }),
  },
  {
    id: 'links',
    key: 'p',
    label: () => 'Participant links',
    does: 'see the links that participants get',
    tier: 'look',
    fits: isUp,
    blocked: whyUnreached,
    run: openLinks,
  },
  {
    id: 'admin',
    key: 'm',
    label: () => 'Admin page and its password',
    does: "see where oTree's admin page is, and its password",
    tier: 'look',
    fits: isUp,
    blocked: whyUnreached,
    run: openAdmin,
  },
  {
    id: 'backup',
    key: 's',
    label: () => 'Back up the data now',
    does: 'back up the data now',
    tier: 'reversible',
    fits: isThere,
    blocked: whyNotNow,
    run: ask('backup'),
  },
  {
    id: 'backups',
    key: 'v',
    label: () => 'View the backups, restore one',
    does: 'view the backups, restore one',
    tier: 'look',
    fits: () => true,
    run: (state, { stack }) => openBackups(state, stack),
  },
  {
    id: 'export',
    key: 'e',
    label: () => 'Export the data…',
    does: 'export the data into a folder of this computer',
    tier: 'look',
    fits: isThere,
    blocked: whyUnreached,
    run: openExport,
  },
  {
    id: 'restart',
    key: 'f',
    label: () => 'Restart oTree afresh',
    does: 'restart oTree',
    tier: 'disruptive',
    fits: isUp,
    blocked: whyNotNow,
    run: ask('restart'),
  },
  {
    id: 'stop',
    key: 't',
    label: () => 'Stop',
    does: 'stop it',
    tier: 'disruptive',
    fits: isUp,
    blocked: whyNotNow,
    run: ask('stop'),
  },
  {
    id: 'start',
    key: 't',
    label: () => 'Start',
    does: 'start it',
    tier: 'reversible',
    fits: ({ state }) => state === 'stopped',
    blocked: whyNotNow,
    run: ask('start'),
  },
  {
    id: 'undelete',
    key: 'u',
    label: () => 'Bring it back',
    does: 'bring it back',
    tier: 'reversible',
    fits: ({ state }) => state === 'deleted',
    blocked: whyNotNow,
    run: ask('undelete'),
  },
  {
    id: 'undo',
    key: 'u',
    label: () => 'Undo the last reset or restore',
    does: 'undo the last reset or restore',
    tier: 'disruptive',
    fits: isThere,
    blocked: whyNotNow,
    run: ask('undo'),
  },
  {
    id: 'reset',
    key: 'R',
    label: () => 'Reset the data…',
    does: 'reset the data',
    tier: 'final',
    fits: isThere,
    blocked: whyNotNow,
    run: ask('reset'),
  },
  {
    id: 'delete',
    key: 'X',
    label: () => 'Delete this experiment…',
    does: 'delete the experiment',
    tier: 'final',
    fits: isThere,
    blocked: whyNotNow,
    run: ask('delete'),
  },
  {
    id: 'purge',
    key: 'X',
    label: () => 'Remove it and its data for good…',
    does: 'remove it and its data for good',
    tier: 'final',
    fits: ({ state }) => state === 'deleted',
    blocked: whyNotNow,
    run: ask('purge'),
  },
];

/** What can be done without a study: by its key in the list, from the palette. */
export interface GeneralAction {
  readonly id: string;
  readonly key: Key;
  readonly label: string;
  readonly hint: string;
  readonly run: (state: TuiState) => Next;
}

export const generalActions: readonly GeneralAction[] = [
  { id: 'new-study', key: 'n', label: 'New experiment', hint: 'new', run: openNewStudy },
];

/** What can be done with a study as it is, in the order of its menu. */
export function actionsFor(study: Study): readonly Action[] {
  const fitting = actions.filter(({ fits }) => fits(study));
  return [...fitting.filter(({ tier }) => tier !== 'final'), ...fitting.filter(({ tier }) => tier === 'final')];
}

/** Each key once; what is done by the same key never fits the same study. */
export function keysOfActions(some: readonly Action[]): readonly Key[] {
  return [...new Set(some.map(({ key }) => key))];
}

/** The hint of a key, where what it does has one. */
export function hintOf(key: Key, some: readonly Action[]): { readonly hint?: string } {
  const hint = some.find((action) => action.key === key)?.hint;
  return hint === undefined ? {} : { hint };
}

/** What a key does, whatever the study: "stop it, or start it". */
export function doesOf(key: Key, some: readonly Action[]): string {
  return some
    .filter((action) => action.key === key)
    .map(({ does }) => does)
    .join(', or ');
}

/** Begins an action, or says why not. */
export function begin(action: Action, state: TuiState, study: Study): Next {
  const why = action.blocked?.(study, state);
  if (why !== undefined) return stay({ ...state, notice: `${action.label(study, state)}: ${why}` });
  return action.run(state, study);
}
