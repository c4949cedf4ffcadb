import type { ExperimentSummary, PlatformPlan, Review, Secret } from '../../../core/index.ts';
import type { ConnectAnswers, PrepareAnswers } from './first-run.ts';
import type { Size } from './layout.ts';
import type { HostKey } from './screens/connect.ts';

/** Which study, as the summaries name it. */
export type Subject = Pick<ExperimentSummary, 'experiment' | 'environment' | 'stack'>;

/** What a person asked for, before it is reviewed. */
export type Asked = (
  | { readonly verb: 'deploy'; readonly study: Subject; readonly image: string; readonly addColumns?: true }
  | { readonly verb: 'rollback'; readonly study: Subject; readonly to?: number }
  | { readonly verb: 'restore'; readonly study: Subject; readonly backup: string }
  | { readonly verb: PlainVerb; readonly study: Subject }
) &
  Exceptions;

/** What a person decided after it was refused for that reason, and never before. */
export interface Exceptions {
  /** Pages that the database does not explain do not count. */
  readonly ignoreOpenPages?: true;
  /** People were found who cannot be seen at a glance: the review asks about them. */
  readonly peopleFound?: true;
}

export type PlainVerb = 'start' | 'stop' | 'restart' | 'backup' | 'reset' | 'undo' | 'delete' | 'undelete' | 'purge';

/** What to do about people in a session: be refused, wait until they are done, or disturb them for a reason. */
export type People =
  | { readonly kind: 'refuse' }
  | { readonly kind: 'wait' }
  | { readonly kind: 'interrupt'; readonly reason: string };

/** What the reducer wants done; it does nothing itself. `serial` names the screen that waits for the answer. */
export type Effect =
  | { readonly kind: 'look-again' }
  /** `withLog`: its last lines as well. */
  | { readonly kind: 'read-study'; readonly stack: string; readonly withLog?: true }
  /** `others`: what is to become of somebody else's operation, or of one that was interrupted. */
  | { readonly kind: 'review'; readonly serial: number; readonly asked: Asked; readonly others: 'show' | 'wait' }
  | { readonly kind: 'read-backups'; readonly serial: number; readonly stacks: readonly string[] }
  | { readonly kind: 'read-links'; readonly serial: number; readonly stack: string }
  | { readonly kind: 'read-admin'; readonly serial: number; readonly stack: string }
  | { readonly kind: 'export'; readonly serial: number; readonly stack: string; readonly folder: string }
  | { readonly kind: 'check-server' }
  /** `typed` is the name that was typed, where the review wants one. */
  | {
      readonly kind: 'start';
      readonly serial: number;
      readonly asked: Asked;
      readonly review: Review;
      readonly people: People;
      readonly typed: string | undefined;
    }
  | { readonly kind: 'follow'; readonly serial: number; readonly operation: string }
  | { readonly kind: 'follow-log'; readonly serial: number; readonly stack: string }
  /** Ends whatever still runs for a screen: a review, a follower, a log. What waits for people goes on. */
  | { readonly kind: 'close'; readonly serial: number }
  /** Ends what waits for people since the screen of this serial asked for it. */
  | { readonly kind: 'stop-waiting'; readonly serial: number }
  | { readonly kind: 'cancel'; readonly operation: string }
  | { readonly kind: 'copy'; readonly text: string | Secret; readonly what: string }
  /** Into a new file of this name in the current folder. */
  | { readonly kind: 'save'; readonly name: string; readonly text: string }
  | { readonly kind: 'browse'; readonly url: string }
  | { readonly kind: 'repaint'; readonly size: Size }
  | { readonly kind: 'list-servers'; readonly serial: number }
  /** Leaves the server that is shown, and shows another. */
  | { readonly kind: 'go-to-server'; readonly name: string }
  /** `trust`: write this key down first, because a person has compared it. */
  | {
      readonly kind: 'try-server';
      readonly serial: number;
      readonly answers: ConnectAnswers;
      readonly trust?: HostKey;
    }
  /** Into the config, as the current one. */
  | { readonly kind: 'save-server'; readonly serial: number; readonly answers: ConnectAnswers }
  | { readonly kind: 'plan-platform'; readonly serial: number; readonly answers: PrepareAnswers }
  | { readonly kind: 'apply-platform'; readonly serial: number; readonly plan: PlatformPlan }
  /** `text` is undefined where nobody wants to type it. */
  | { readonly kind: 'answer-passphrase'; readonly question: number; readonly text: string | undefined }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'leave'; readonly exitCode: number };
