import type {
  Activity,
  AdminAccess,
  BackupList,
  ErrorFacts,
  ExperimentStatus,
  ExperimentSummary,
  OperationEvent,
  ParticipantLink,
  PeopleSeen,
  ReleaseSummary,
  Review,
  ServerReport,
} from '../../../core/index.ts';
import type { Key } from './keys.ts';
import type { Size } from './layout.ts';
import type { LogPart, NewLine } from './log-lines.ts';
import type { Tried } from './screens/connect.ts';
import type { ExportPhase } from './screens/export.ts';
import type { Feed } from './screens/logs.ts';
import type { PreparePhase } from './screens/prepare.ts';
import type { KnownServer } from './screens/servers.ts';
import type { Link } from './state.ts';

/** What happens to the terminal UI from outside. */
export type Message =
  /** `together`: how many keys came in the same chunk, where that was more than one. */
  | { readonly kind: 'key'; readonly key: Key; readonly together?: number }
  | { readonly kind: 'pasted'; readonly text: string }
  | { readonly kind: 'resized'; readonly size: Size }
  /** The screen of this serial, and so all below it, can be seen. */
  | { readonly kind: 'drawn'; readonly serial: number }
  | { readonly kind: 'ticked' }
  | News;

/** What the server, or the terminal, tells. `serial` is that of the screen which asked. */
export type News =
  | { readonly kind: 'linked'; readonly link: Link }
  | { readonly kind: 'remembered'; readonly studies: readonly ExperimentSummary[]; readonly asOf: number }
  | {
      readonly kind: 'compared';
      readonly studies: readonly ExperimentSummary[];
      readonly activity: readonly Activity[];
      readonly at: number;
    }
  | { readonly kind: 'people-seen'; readonly people: PeopleSeen }
  | {
      readonly kind: 'study-read';
      readonly stack: string;
      readonly status: ExperimentStatus;
      readonly releases: readonly ReleaseSummary[];
      readonly people: PeopleSeen | undefined;
    }
  | { readonly kind: 'log-glanced'; readonly stack: string; readonly lines: readonly NewLine[] }
  | { readonly kind: 'study-unread'; readonly stack: string; readonly error: ErrorFacts }
  | { readonly kind: 'backups-read'; readonly stack: string; readonly list: BackupList }
  | { readonly kind: 'backups-unread'; readonly stack: string; readonly error: ErrorFacts }
  | { readonly kind: 'links-read'; readonly serial: number; readonly links: readonly ParticipantLink[] }
  | { readonly kind: 'links-unread'; readonly serial: number; readonly error: ErrorFacts }
  | { readonly kind: 'admin-read'; readonly serial: number; readonly access: AdminAccess }
  | { readonly kind: 'admin-unread'; readonly serial: number; readonly error: ErrorFacts }
  | { readonly kind: 'exporting'; readonly serial: number; readonly phase: ExportPhase }
  | { readonly kind: 'checked'; readonly report: ServerReport }
  | { readonly kind: 'unchecked'; readonly error: ErrorFacts }
  | {
      readonly kind: 'reviewed';
      readonly serial: number;
      readonly review: Review;
      readonly people: PeopleSeen | undefined;
    }
  | { readonly kind: 'refused'; readonly serial: number; readonly error: ErrorFacts }
  /** What a review or a start waits for: "Waiting for the deployment by anna." */
  | { readonly kind: 'waiting'; readonly serial: number; readonly sentence: string }
  | { readonly kind: 'started'; readonly serial: number; readonly operation: string; readonly where: 'keeper' | 'here' }
  | { readonly kind: 'event'; readonly serial: number; readonly event: OperationEvent }
  | { readonly kind: 'log-lines'; readonly serial: number; readonly lines: readonly NewLine[] }
  | { readonly kind: 'log-feed'; readonly serial: number; readonly part: LogPart; readonly feed: Feed }
  /** `usual`: where a command goes that names none. */
  | {
      readonly kind: 'servers-listed';
      readonly serial: number;
      readonly servers: readonly KnownServer[];
      readonly usual: string | undefined;
    }
  | { readonly kind: 'tried'; readonly serial: number; readonly tried: Tried }
  | { readonly kind: 'preparing'; readonly serial: number; readonly phase: PreparePhase }
  | { readonly kind: 'server-saved'; readonly serial: number; readonly server: string }
  | { readonly kind: 'server-unsaved'; readonly serial: number; readonly error: ErrorFacts }
  /** The key in the file has to be unlocked before the server can be reached. */
  | {
      readonly kind: 'passphrase-wanted';
      readonly question: number;
      readonly file: string;
      readonly isAgain: boolean;
    }
  /** It is of no use any more. */
  | { readonly kind: 'passphrase-unwanted'; readonly question: number }
  | { readonly kind: 'said'; readonly text: string }
  | { readonly kind: 'failed'; readonly error: ErrorFacts };
