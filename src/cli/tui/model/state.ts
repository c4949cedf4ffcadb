import type {
  Activity,
  BackupList,
  ErrorFacts,
  ExperimentStatus,
  ExperimentSummary,
  ReleaseSummary,
  ServerReport,
} from '../../../core/index.ts';
import type { FirstRun } from './first-run.ts';
import type { Size } from './layout.ts';
import type { NewLine } from './log-lines.ts';
import type { ActivityScreen } from './screens/activity.ts';
import type { AdminScreen } from './screens/admin.ts';
import type { BackupsScreen } from './screens/backups.ts';
import type { CancelScreen } from './screens/cancel.ts';
import type { CheckScreen } from './screens/check.ts';
import type { ConnectScreen } from './screens/connect.ts';
import type { ExperimentsScreen } from './screens/experiments.ts';
import type { ExportScreen } from './screens/export.ts';
import type { HelpScreen } from './screens/help.ts';
import type { HistoryScreen } from './screens/history.ts';
import type { ImageScreen } from './screens/image.ts';
import type { LinksScreen } from './screens/links.ts';
import type { LogsScreen } from './screens/logs.ts';
import type { NewStudyScreen } from './screens/new-study.ts';
import type { PaletteScreen } from './screens/palette.ts';
import type { PassphraseScreen } from './screens/passphrase.ts';
import type { PrepareScreen } from './screens/prepare.ts';
import type { ProgressScreen } from './screens/progress.ts';
import type { ReviewScreen } from './screens/review.ts';
import type { RollbackScreen } from './screens/rollback.ts';
import type { ServersScreen } from './screens/servers.ts';
import type { StudyScreen } from './screens/study.ts';
import type { WaitScreen } from './screens/wait.ts';
import type { WelcomeScreen } from './screens/welcome.ts';
import type { Wait } from './waits.ts';

/** Everything that is shown, as plain data. Reduced from keys and news alone; see `reduce`. */
export interface TuiState {
  readonly size: Size;
  /** Unix ms; moves with every message, so that ages are computed when something is drawn. */
  readonly now: number;
  readonly server: string;
  /** Where a command goes that names no server; undefined where it would be refused. */
  readonly usualServer: string | undefined;
  readonly link: Link;
  /** By name. Undefined until something is known, if only from an earlier visit. */
  readonly studies: readonly Study[] | undefined;
  /** Unix ms of the last full comparison with the server. */
  readonly asOf: number | undefined;
  /** What was read of single studies, by stack. */
  readonly details: Readonly<Record<string, StudyDetails>>;
  /** What runs or ran lately, newest first. */
  readonly activity: readonly Activity[];
  /** What begins once nobody is in a session, as far as this window waits for that. */
  readonly waits: readonly Wait[];
  readonly serverLook: ServerLook;
  readonly firstRun: FirstRun;
  /** What there is to go back to, by stack, as far as anybody looked. */
  readonly backups: Readonly<Record<string, BackupsRead>>;
  /** From the lowest to the one on top, which alone gets keys. */
  readonly screens: readonly Screen[];
  /** Serial of the screen, or the question, that was opened last. None is given twice. */
  readonly opened: number;
  /** Serial of the newest screen that was drawn: keys typed before a dialog could be seen are not meant for it. */
  readonly drawn: number;
  /** One line above the hints, until the next key. */
  readonly notice: string | undefined;
  /** In the same place while there is no notice; stays until Esc puts it away. */
  readonly failure: ErrorFacts | undefined;
  /** Unix ms until when a second Ctrl-C leaves. */
  readonly leavesUntil: number | undefined;
}

/** How the window stands to its server. Times are unix ms. */
export type Link =
  /** No server was chosen yet. */
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'connecting'; readonly since: number }
  | { readonly kind: 'live' }
  /** No comparison succeeded for a minute, though nothing says that the server is gone; `error`: what it answered. */
  | { readonly kind: 'stale'; readonly error?: ErrorFacts }
  | {
      readonly kind: 'offline';
      readonly since: number;
      readonly error: ErrorFacts;
      /** `when-asked`: trying again by itself would not help, or would lock us out. */
      readonly nextTryAt: number | 'now' | 'when-asked';
    };

/** Older than this nothing is shown as live. */
export const staleAfterMs = 60_000;

export interface Study extends ExperimentSummary {
  /** People in sessions; undefined while nobody knows. */
  readonly people: number | undefined;
  /** When its newest backup was made, RFC 3339; undefined while nobody knows of one. */
  readonly backedUpAt: string | undefined;
  /** What is being done to it. */
  readonly busy: Busy | undefined;
}

/** An operation that runs; what it is at, and the release that it makes, once that is known. */
export type Busy = Pick<Activity, 'operation' | 'verb' | 'by'> & Partial<Pick<Activity, 'step' | 'place' | 'release'>>;

export interface StudyDetails {
  readonly status: ExperimentStatus | undefined;
  readonly releases: readonly ReleaseSummary[];
  /** "2 people are on a page." */
  readonly people: string | undefined;
  /** Its last lines, once they were read. */
  readonly log?: readonly NewLine[];
  /** Why the last look at it came to nothing. */
  readonly error?: ErrorFacts;
}

export type BackupsRead =
  | { readonly kind: 'read'; readonly list: BackupList }
  | { readonly kind: 'failed'; readonly error: ErrorFacts };

/** What was found of the server itself, when it was last looked at. */
export interface ServerLook {
  readonly isLooking: boolean;
  readonly found:
    | undefined
    /** `at`: Unix ms. */
    | { readonly kind: 'report'; readonly report: ServerReport; readonly at: number }
    | { readonly kind: 'failed'; readonly error: ErrorFacts; readonly at: number };
}

/** What all screens have: `serial` tells one opening, and one question, from the next. */
export interface Opened {
  readonly serial: number;
}

export type Screen =
  | ExperimentsScreen
  | ActivityScreen
  | BackupsScreen
  | CheckScreen
  | ConnectScreen
  | HistoryScreen
  | StudyScreen
  | ImageScreen
  | NewStudyScreen
  | RollbackScreen
  | ReviewScreen
  | CancelScreen
  | WaitScreen
  | ProgressScreen
  | ExportScreen
  | LinksScreen
  | AdminScreen
  | LogsScreen
  | ServersScreen
  | PassphraseScreen
  | PrepareScreen
  | PaletteScreen
  | HelpScreen
  | WelcomeScreen;

export type ScreenName = Screen['name'];
export type ScreenOf<Name extends ScreenName> = Extract<Screen, { name: Name }>;

export function topScreen({ screens }: TuiState): Screen {
  const top = screens.at(-1);
  if (!top) throw new Error('there is always a screen');
  return top;
}

export function findStudy({ studies }: TuiState, stack: string | undefined): Study | undefined {
  return studies?.find((study) => study.stack === stack);
}
