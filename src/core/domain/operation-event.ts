import type { ErrorFacts } from '../errors.ts';
import type { FitVerdict } from './fit.ts';
import type { PeopleTold } from './guard.ts';
import type { StudyState } from './study-state.ts';
import type { RecordedVerb } from './verb.ts';

/** The steps a person sees, in the words of `describe.ts`. */
export const stepIds = [
  'fence',
  'record-release',
  'create-network',
  'store-secrets',
  'start-database',
  'try-image',
  'check-fit',
  'guard',
  'keep-page-times',
  'dump',
  'verify-backup',
  'prove-upload',
  'add-columns',
  'create-database',
  'fill-database',
  'copy-archive',
  'drop-copy',
  'stop-web',
  'swap-databases',
  'reopen-database',
  'update-web',
  'prove',
  'settle',
  'record-proven',
  'show-closed',
  'hide-closed',
  'retire',
  'stop-database',
  'drop-data',
  'remove-study',
  'audit',
  'tidy',
  'undo',
] as const;
export type StepId = (typeof stepIds)[number];

/** What an operation says while it runs: ids and facts, never colour, markup or a bare boolean. */
export type StepEvent =
  | { kind: 'step-started'; step: StepId }
  | { kind: 'step-finished'; step: StepId; outcome: 'changed' | 'unchanged' | 'skipped' }
  | { kind: 'waiting'; step: StepId; on: string }
  | { kind: 'notice'; notice: Notice }
  | { kind: 'release-recorded'; release: number }
  | { kind: 'guarded'; people: PeopleTold }
  | { kind: 'fit-checked'; verdict: FitVerdict; sentences: readonly string[] }
  | { kind: 'backup-made'; backup: string; bytes: number; rows: number }
  | { kind: 'data-switched'; archive: string }
  | { kind: 'serving'; release: number; url: string; path: 'forwarded' | 'public' }
  | { kind: 'settled'; release: number; soakSeconds: number };

/** Something worth knowing that is no failure. */
export type Notice =
  | { code: 'page-times-not-kept'; why: string }
  | { code: 'admin-login-not-checked'; why: string }
  | { code: 'export-paths-closed'; otree: string; paths: readonly string[] }
  | { code: 'closed-page-missing' }
  | { code: 'people-interrupted'; reason: string; sentence: string };

/** What a finished operation leaves: plain facts for `--json`. */
export interface OperationResult {
  stack: string;
  release?: number;
  url?: string;
  state: Extract<StudyState, 'running' | 'stopped' | 'deleted'> | 'purged';
  /** The backup that was made or used. */
  backup?: string;
  /** Name of the database that was set aside: `undo` brings it back. */
  archive?: string;
  /** RFC 3339: until when it can be brought back. */
  until?: string;
}

export type OperationEvent = (
  | StepEvent
  /** `steps`: those to be expected, in their order; missing in records of an earlier oForest. */
  | { kind: 'operation-started'; verb: RecordedVerb; stack: string; steps?: readonly StepId[] }
  | { kind: 'operation-finished'; result: OperationResult }
  | { kind: 'operation-failed'; error: ErrorFacts }
) & { at: string; operation: string };
