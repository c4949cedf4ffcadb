import {
  addEvent,
  counted,
  describeResult,
  noProgress,
  nounOfVerb,
  type OperationEvent,
  type OperationResult,
  type Progress,
  type RecordedVerb,
} from '../../../../core/index.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import type { Asked } from '../effects.ts';
import { type Next, nextSerial, pop, push, stay, swap, withTop } from '../next.ts';
import { copyReport } from '../report.ts';
import { findStudy, type Opened, type Study, type TuiState } from '../state.ts';
import { moved } from '../window.ts';
import { openAdmin } from './admin.ts';
import { openCancel } from './cancel.ts';
import { imageInPlace } from './image.ts';
import { openLinks } from './links.ts';
import { openLogs } from './logs.ts';
import { type Choice, choicesAfter, reviewInPlace } from './review.ts';

/** An operation while it runs, and how it ended. The window only watches: it goes on without it. */
export interface ProgressScreen extends Opened {
  readonly name: 'progress';
  readonly operation: string;
  readonly stack: string;
  readonly verb: RecordedVerb;
  /** What was asked for, where it was from here: the same can be asked again. */
  readonly asked: Asked | undefined;
  /** Where it runs, as far as this window knows. */
  readonly where: 'keeper' | 'here' | undefined;
  readonly progress: Progress;
  /** The line under the cursor, once there is something to choose. */
  readonly cursor: number;
}

type Watched = Pick<ProgressScreen, 'operation' | 'stack' | 'verb'> & Partial<Pick<ProgressScreen, 'where' | 'asked'>>;

/** Of an operation that runs or ran: rebuilt from its record. */
export function openProgress(state: TuiState, of: Watched): Next {
  const screen = watching(of, nextSerial(state));
  return push(state, screen, { kind: 'follow', serial: screen.serial, operation: of.operation });
}

/** In the place of the review that started it. */
export function watchStarted(state: TuiState, of: Watched): Next {
  const screen = watching(of, nextSerial(state));
  return swap(state, screen, { kind: 'follow', serial: screen.serial, operation: of.operation });
}

export function watching({ operation, stack, verb, where, asked }: Watched, serial: number): ProgressScreen {
  return { name: 'progress', serial, operation, stack, verb, asked, where, progress: noProgress, cursor: 0 };
}

export function withEvent(screen: ProgressScreen, event: OperationEvent): ProgressScreen {
  return { ...screen, progress: addEvent(screen.progress, event) };
}

/** What can be done about the failure of what was asked for here. */
export function choicesIn({ asked, progress: { end } }: ProgressScreen): readonly Choice[] {
  return asked && end?.kind === 'failed' ? choicesAfter(asked, end.error) : [];
}

/** How it ended, in sentences: of a backup, what it holds. */
export function doneText({ verb, progress: { steps } }: ProgressScreen, result: OperationResult): string {
  const made = steps.flatMap(({ said }) => said).findLast((event) => event.kind === 'backup-made');
  return verb === 'backup' && made
    ? `Done: the backup ${made.backup} holds ${counted(made.rows, 'row')}, checked by a test restore.`
    : describeResult(result);
}

const isRunning = (_: TuiState, { progress }: ProgressScreen) => progress.end === undefined;
const hasFailed = (_: TuiState, { progress }: ProgressScreen) => progress.end?.kind === 'failed';
const hasChoices = (_: TuiState, screen: ProgressScreen) => choicesIn(screen).length > 0;
const addressOf = ({ progress: { end } }: ProgressScreen) =>
  end?.kind === 'finished' && end.result.state === 'running' ? end.result.url : undefined;
const hasAddress = (_: TuiState, screen: ProgressScreen) => addressOf(screen) !== undefined;
const isServing = (state: TuiState, screen: ProgressScreen) =>
  hasAddress(state, screen) && findStudy(state, screen.stack) !== undefined;

function withStudy(state: TuiState, stack: string, open: (state: TuiState, study: Study) => Next): Next {
  const study = findStudy(state, stack);
  return study ? open(state, study) : stay(state);
}

const bindings: readonly Binding<ProgressScreen>[] = [
  {
    keys: ['Up', 'Down', 'k', 'j'],
    does: 'choose what to do about the failure',
    hint: 'choose',
    when: hasChoices,
    run: (state, screen, key) => {
      const count = choicesIn(screen).length;
      return stay(withTop(state, { ...screen, cursor: moved(screen.cursor, key, { count, height: count }) ?? 0 }));
    },
  },
  {
    keys: ['Enter'],
    does: 'do what is chosen; it is reviewed first',
    hint: 'do it',
    when: hasChoices,
    run: (state, screen) => {
      const takes = choicesIn(screen)[screen.cursor]?.takes;
      return takes?.kind === 'ask' ? reviewInPlace(state, takes.asked, takes.others) : pop(state);
    },
  },
  {
    keys: ['d'],
    does: 'do it again; it is reviewed first',
    hint: 'again',
    when: (state, screen) => hasFailed(state, screen) && screen.asked !== undefined,
    run: (state, { asked }) => (asked ? askAgain(state, asked) : stay(state)),
  },
  {
    keys: ['x'],
    does: 'ask the operation to stop where it safely can',
    hint: 'cancel it…',
    when: isRunning,
    run: openCancel,
  },
  {
    keys: ['c'],
    does: 'copy the report of the failure',
    hint: 'copy the report',
    when: hasFailed,
    run: (state, { operation, verb, stack, progress: { end } }) =>
      end?.kind === 'failed'
        ? stay(state, copyReport(end.error, `${operation}, ${nounOfVerb(verb)} of ${stack}`))
        : stay(state),
  },
  {
    keys: ['o'],
    does: 'open the study in the browser',
    hint: 'open it',
    when: hasAddress,
    run: (state, screen) => stay(state, { kind: 'browse', url: addressOf(screen) ?? '' }),
  },
  {
    keys: ['p'],
    does: 'see the links that participants get',
    hint: 'participant links',
    when: isServing,
    run: (state, { stack }) => withStudy(state, stack, openLinks),
  },
  {
    keys: ['m'],
    does: "see where oTree's admin page is, and its password",
    hint: 'admin page',
    when: isServing,
    run: (state, { stack }) => withStudy(state, stack, openAdmin),
  },
  {
    keys: ['l'],
    does: 'see the logs of the study',
    hint: 'logs',
    when: (state, { stack }) => findStudy(state, stack)?.state !== 'deleted',
    run: (state, { stack }) => openLogs(state, stack),
  },
  {
    keys: ['Esc', 'Left'],
    does: 'go back; what runs goes on',
    hint: 'back',
    run: (state) => pop(state),
  },
  { keys: ['Enter'], does: 'go back', when: (state, screen) => !hasChoices(state, screen), run: (state) => pop(state) },
];

/** An image that failed is seldom the one to be tried again: it is asked for anew. */
function askAgain(state: TuiState, asked: Asked): Next {
  return asked.verb === 'deploy'
    ? imageInPlace(state, { ...asked.study, image: asked.image })
    : reviewInPlace(state, asked);
}

export const progressRules: ScreenRules<ProgressScreen> = { bindings };
