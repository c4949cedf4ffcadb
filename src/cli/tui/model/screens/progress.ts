import {
  addEvent,
  counted,
  describeResult,
  type ErrorFacts,
  noProgress,
  nounOfVerb,
  type OperationEvent,
  type OperationResult,
  type Progress,
  type RecordedVerb,
} from '../../../../core/index.ts';
import { askedAgain } from '../asked-again.ts';
import type { Binding, ScreenRules } from '../bindings.ts';
import type { Asked } from '../effects.ts';
import { type FailureWindow, failureWindow, pageAbove, pageBelow } from '../failure-rows.ts';
import type { Key } from '../keys.ts';
import { type Layout, layoutIn } from '../layout.ts';
import { type Next, nextSerial, pop, push, stay, swap, withTop } from '../next.ts';
import { copyReport } from '../report.ts';
import { findStudy, type Opened, type Study, type TuiState } from '../state.ts';
import { waysOut } from '../ways-out.ts';
import { movedAmong } from '../window.ts';
import { openAdmin } from './admin.ts';
import { openCancel } from './cancel.ts';
import { imageInPlace } from './image.ts';
import { openLinks } from './links.ts';
import { openLogs } from './logs.ts';
import { reviewInPlace } from './review.ts';

/** An operation while it runs, and how it ended. The window only watches: it goes on without it. */
export interface ProgressScreen extends Opened {
  readonly name: 'progress';
  readonly operation: string;
  readonly stack: string;
  readonly verb: RecordedVerb;
  /** What was asked for, so that it can be asked for again; undefined where no screen asks for such a thing. */
  readonly asked: Asked | undefined;
  /** Where it runs, as far as this window knows. */
  readonly where: 'keeper' | 'here' | undefined;
  readonly progress: Progress;
  /** The line under the cursor, once there is something to choose. */
  readonly cursor: number;
  /** First row of a failure that was scrolled; undefined: what matters most of it. */
  readonly top: number | undefined;
}

/** What can be done about a failure. */
interface WayOn {
  readonly label: string;
  readonly takes:
    | { readonly kind: 'image'; readonly asked: Extract<Asked, { verb: 'deploy' }> }
    | { readonly kind: 'ask'; readonly asked: Asked }
    | { readonly kind: 'log' }
    | { readonly kind: 'back' };
}

type Watched = Pick<ProgressScreen, 'operation' | 'stack' | 'verb'> & Partial<Pick<ProgressScreen, 'where' | 'asked'>>;

/** Of an operation that runs or ran: rebuilt from its record. */
export function openProgress(state: TuiState, of: Watched): Next {
  const screen = watching({ asked: askedAgain(state, of.operation), ...of }, nextSerial(state));
  return push(state, screen, { kind: 'follow', serial: screen.serial, operation: of.operation });
}

/** In the place of the review that started it. */
export function watchStarted(state: TuiState, of: Watched): Next {
  const screen = watching(of, nextSerial(state));
  return swap(state, screen, { kind: 'follow', serial: screen.serial, operation: of.operation });
}

export function watching({ operation, stack, verb, where, asked }: Watched, serial: number): ProgressScreen {
  return {
    name: 'progress',
    serial,
    operation,
    stack,
    verb,
    asked,
    where,
    progress: noProgress,
    cursor: 0,
    top: undefined,
  };
}

export function withEvent(screen: ProgressScreen, event: OperationEvent): ProgressScreen {
  return { ...screen, progress: addEvent(screen.progress, event) };
}

/** What can be done about a failure. The same image seldom works the second time: another one comes first. */
export function choicesIn(state: TuiState, { asked, stack, progress: { end } }: ProgressScreen): readonly WayOn[] {
  if (!asked || end?.kind !== 'failed') return [];
  const again: WayOn = {
    label: asked.verb === 'deploy' ? 'Try the same again' : 'Try again',
    takes: { kind: 'ask', asked },
  };
  const other = waysOut(asked, end.error).map(({ label, asked }): WayOn => ({ label, takes: { kind: 'ask', asked } }));
  return [
    ...(asked.verb === 'deploy'
      ? [{ label: 'Deploy another image', takes: { kind: 'image', asked } } as const, ...other, again]
      : [again, ...other]),
    ...(hasLog(state, stack) ? [{ label: 'Read the log of the study', takes: { kind: 'log' } } as const] : []),
    { label: 'Back', takes: { kind: 'back' } },
  ];
}

/** Rows for that, above which the failure has to be seen. */
export function rowsOfChoices(state: TuiState, screen: ProgressScreen, { bodyRows }: Layout): number {
  const count = choicesIn(state, screen).length;
  return Math.min(count, Math.max(1, bodyRows - 4));
}

/** As much of the failure as there is room for; undefined where none is to be told. */
export function failureOf(state: TuiState, screen: ProgressScreen): FailureWindow | undefined {
  const { end } = screen.progress;
  if (end?.kind !== 'failed' || isCancel(end.error)) return undefined;
  const layout = layoutIn(state);
  const choices = rowsOfChoices(state, screen, layout);
  const rows = layout.bodyRows - choices - (choices > 0 ? 1 : 0);
  return failureWindow(end.error, { width: widthOfProgress(layout), rows, top: screen.top });
}

export function widthOfProgress({ columns }: Pick<Layout, 'columns'>): number {
  return Math.min(columns - 2, 96);
}

/** It ended as somebody wanted it, which is no failure. */
export function isCancel({ code }: ErrorFacts): boolean {
  return code === 'operation-cancelled';
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
const hasChoices = (state: TuiState, screen: ProgressScreen) => choicesIn(state, screen).length > 0;
const hasMore = (state: TuiState, screen: ProgressScreen) => {
  const { above, below } = failureOf(state, screen) ?? { above: 0, below: 0 };
  return above + below > 0;
};
const addressOf = ({ progress: { end } }: ProgressScreen) =>
  end?.kind === 'finished' && end.result.state === 'running' ? end.result.url : undefined;
const hasAddress = (_: TuiState, screen: ProgressScreen) => addressOf(screen) !== undefined;
const isServing = (state: TuiState, screen: ProgressScreen) =>
  hasAddress(state, screen) && findStudy(state, screen.stack) !== undefined;

/** A study that never served has none, nor one that is deleted. */
function hasLog(state: TuiState, stack: string): boolean {
  const study = findStudy(state, stack);
  return study !== undefined && study.state !== 'deleted';
}

function withStudy(state: TuiState, stack: string, open: (state: TuiState, study: Study) => Next): Next {
  const study = findStudy(state, stack);
  return study ? open(state, study) : stay(state);
}

const pages: Readonly<Record<Key, (shown: FailureWindow) => number | undefined>> = { PgUp: pageAbove, PgDn: pageBelow };

const bindings: readonly Binding<ProgressScreen>[] = [
  {
    keys: ['Up', 'Down', 'k', 'j'],
    does: 'choose what to do about the failure',
    hint: 'choose',
    when: hasChoices,
    run: (state, screen, key) => {
      const cursor = movedAmong(screen.cursor, key, choicesIn(state, screen).length);
      return stay(withTop(state, { ...screen, cursor }));
    },
  },
  {
    keys: ['Enter'],
    does: 'do what is chosen; a change is reviewed first',
    hint: 'do it',
    when: hasChoices,
    run: takeWay,
  },
  {
    keys: ['PgUp', 'PgDn'],
    does: 'read all of a failure and its log lines, where not all of it fits',
    hint: 'read on',
    when: hasMore,
    run: (state, screen, key) => {
      const shown = failureOf(state, screen);
      return stay(shown ? withTop(state, { ...screen, top: pages[key]?.(shown) }) : state);
    },
  },
  {
    keys: ['d'],
    does: 'deploy another image',
    when: (state, screen) => hasFailed(state, screen) && screen.asked?.verb === 'deploy',
    run: (state, { asked }) => (asked?.verb === 'deploy' ? otherImage(state, asked) : stay(state)),
  },
  {
    keys: ['d'],
    does: 'try it again; it is reviewed first',
    when: (state, screen) => hasFailed(state, screen) && screen.asked !== undefined && screen.asked.verb !== 'deploy',
    run: (state, { asked }) => (asked ? reviewInPlace(state, asked) : stay(state)),
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
    when: (state, { stack }) => hasLog(state, stack),
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

function takeWay(state: TuiState, screen: ProgressScreen): Next {
  const takes = choicesIn(state, screen)[screen.cursor]?.takes;
  switch (takes?.kind) {
    case 'image':
      return otherImage(state, takes.asked);
    case 'ask':
      return reviewInPlace(state, takes.asked);
    case 'log':
      return openLogs(state, screen.stack);
    default:
      return pop(state);
  }
}

function otherImage(state: TuiState, { study, image }: Extract<Asked, { verb: 'deploy' }>): Next {
  return imageInPlace(state, { ...study, image });
}

export const progressRules: ScreenRules<ProgressScreen> = { bindings };
