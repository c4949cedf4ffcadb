import type { Activity, BackupManifest } from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import { type List, type Listed, listRules, newList, shownOf } from '../list.ts';
import { type Next, nextSerial, pop, push, stay, withTop } from '../next.ts';
import { type BackupsRead, findStudy, type Opened, type TuiState } from '../state.ts';
import { whyNotNow } from '../why-not-now.ts';
import { openReview } from './review.ts';

/** What there is to go back to, of one study or of all. */
export interface BackupsScreen extends Opened {
  readonly name: 'backups';
  readonly of: 'one' | 'all';
  /** Which one; undefined where no study was known yet that could have been meant. */
  readonly stack: string | undefined;
  /** Stacks that are being looked into: one after the other, because each look is a small job on the server. */
  readonly pending: readonly string[];
  readonly list: List;
}

export interface ListedBackup {
  readonly stack: string;
  readonly backup: BackupManifest;
}

export function openBackups(state: TuiState, stack: string | undefined): Next {
  const screen: BackupsScreen = {
    name: 'backups',
    serial: nextSerial(state),
    of: 'one',
    stack,
    pending: [],
    list: newList,
  };
  const opened = push(state, screen);
  return read(opened.state, screen, stacksOf(state, screen));
}

/** The stacks whose backups the screen shows. */
export function stacksOf({ studies = [] }: TuiState, { of, stack }: BackupsScreen): readonly string[] {
  if (of === 'all') return studies.map((study) => study.stack);
  return stack === undefined ? [] : [stack];
}

export function whoseOf({ of, stack }: BackupsScreen): string {
  return of === 'all' ? 'all experiments' : (stack ?? 'an experiment');
}

/** Said where nothing was found: "There is no backup of trust-game yet." */
export function noBackupYet(screen: BackupsScreen): string {
  return screen.of === 'all' ? 'No experiment has a backup yet.' : `There is no backup of ${whoseOf(screen)} yet.`;
}

/** A look that is under way is begun anew: what it had left is looked into as well. */
function read(state: TuiState, screen: BackupsScreen, stacks: readonly string[]): Next {
  const pending = [...new Set([...screen.pending, ...stacks])];
  if (stacks.length === 0) return stay(state);
  const screens = state.screens.map((one) => (one.serial === screen.serial ? { ...screen, pending } : one));
  return stay({ ...state, screens }, { kind: 'read-backups', serial: screen.serial, stacks: pending });
}

export function withBackups(state: TuiState, stack: string, found: BackupsRead): TuiState {
  const screens = state.screens.map((screen) =>
    screen.name === 'backups' ? { ...screen, pending: screen.pending.filter((one) => one !== stack) } : screen,
  );
  const newest =
    found.kind === 'read'
      ? found.list.backups
          .map(({ takenAt }) => takenAt)
          .toSorted()
          .at(-1)
      : undefined;
  const isNews = newest !== undefined && findStudy(state, stack)?.backedUpAt !== newest;
  const studies = isNews
    ? state.studies?.map((study) => (study.stack === stack ? { ...study, backedUpAt: newest } : study))
    : state.studies;
  return { ...state, studies, screens, backups: { ...state.backups, [stack]: found } };
}

/** After a comparison: what an operation ended on since, and what nobody looked into yet, where it is shown. */
export function readWhatChanged(state: TuiState, before: readonly Activity[]): Next {
  const opened = state.screens.find((one) => one.name === 'backups');
  if (!opened) return stay(state);
  const screen = { ...opened, stack: opened.stack ?? state.studies?.[0]?.stack };
  const running = new Set(before.filter(({ endedAt }) => endedAt === undefined).map(({ operation }) => operation));
  const known = new Set(before.map(({ operation }) => operation));
  const ended = state.activity.filter(
    ({ operation, endedAt }) => endedAt !== undefined && (running.has(operation) || !known.has(operation)),
  );
  const changed = new Set(ended.map(({ stack }) => stack));
  const stacks = stacksOf(state, screen).filter(
    (stack) => changed.has(stack) || !(stack in state.backups || screen.pending.includes(stack)),
  );
  return read(state, screen, stacks);
}

const newestFirst = (one: ListedBackup, other: ListedBackup) => other.backup.takenAt.localeCompare(one.backup.takenAt);

export const listedBackups: Listed<ListedBackup, BackupsScreen> = {
  all: (state, screen) =>
    stacksOf(state, screen).flatMap((stack) => {
      const found = state.backups[stack];
      return found?.kind === 'read' ? found.list.backups.map((backup) => ({ stack, backup })) : [];
    }),
  idOf: ({ stack, backup }) => `${stack}/${backup.id}`,
  textOf: ({ stack, backup: { id, reason = '' } }) => `${stack} ${id} ${reason}`,
  orders: [
    { by: 'Age', compare: newestFirst },
    { by: 'Rows', compare: (one, other) => other.backup.rows - one.backup.rows },
    { by: 'Size', compare: (one, other) => other.backup.bytes - one.backup.bytes },
  ],
};

function under(state: TuiState, screen: BackupsScreen): ListedBackup | undefined {
  return shownOf(state, screen, listedBackups).under;
}

/** What is there now is replaced: the review asks for the name. */
function restore(state: TuiState, screen: BackupsScreen): Next {
  const chosen = under(state, screen);
  const study = findStudy(state, chosen?.stack);
  if (!chosen || !study) return stay(state);
  const why = whyNotNow(study, state);
  if (why !== undefined) return stay({ ...state, notice: `Restore a backup: ${why}` });
  const { experiment, environment, stack } = study;
  return openReview(state, {
    verb: 'restore',
    study: { experiment, environment, stack },
    backup: chosen.backup.id,
  });
}

function showOthers(state: TuiState, screen: BackupsScreen): Next {
  const stack = under(state, screen)?.stack ?? screen.stack;
  const shown: BackupsScreen = {
    ...screen,
    of: screen.of === 'one' ? 'all' : 'one',
    stack,
    list: { ...screen.list, top: 0, held: undefined },
  };
  const unread = stacksOf(state, shown).filter((one) => !(one in state.backups));
  return read(withTop(state, shown), shown, unread);
}

const bindings: readonly Binding<BackupsScreen>[] = [
  {
    keys: ['Enter', 'Right'],
    does: 'see what restoring this backup would change',
    hint: 'restore it…',
    when: (state, screen) => under(state, screen) !== undefined,
    run: restore,
  },
  {
    keys: ['Tab'],
    does: 'the backups of all experiments, or of the one under the cursor alone',
    hint: 'one or all',
    run: showOthers,
  },
  {
    keys: ['r'],
    does: 'look again now',
    hint: 'look again',
    run: (state, screen) => read(state, screen, stacksOf(state, screen)),
  },
  { keys: ['Esc', 'Left'], does: 'go back', hint: 'back', run: (state) => pop(state) },
];

export const backupsRules: ScreenRules<BackupsScreen> = listRules(listedBackups, bindings);
