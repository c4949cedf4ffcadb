import type { ErrorFacts } from '../errors.ts';

/** The steps a person sees, in the words of `describe.ts`. */
export const stepIds = [
  'record-release',
  'create-network',
  'store-secrets',
  'start-database',
  'try-image',
  'keep-page-times',
  'update-web',
  'stop-web',
  'prove',
  'settle',
  'record-proven',
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
  | { kind: 'serving'; release: number; url: string; path: 'forwarded' | 'public' }
  | { kind: 'settled'; release: number; soakSeconds: number };

/** Something worth knowing that is no failure. */
export type Notice =
  | { code: 'page-times-not-kept'; why: string }
  | { code: 'admin-login-not-checked'; why: string }
  | { code: 'export-paths-closed'; otree: string; paths: readonly string[] };

/** What a finished operation leaves: plain facts for `--json`. */
export interface OperationResult {
  stack: string;
  release?: number;
  url?: string;
  state: 'running' | 'stopped';
}

export type OperationEvent = (
  | StepEvent
  | { kind: 'operation-started'; verb: string; stack: string }
  | { kind: 'operation-finished'; result: OperationResult }
  | { kind: 'operation-failed'; error: ErrorFacts }
) & { at: string; operation: string };
