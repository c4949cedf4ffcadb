/**
 * The failures we foresee, each with the exit code of the command line (docs/exit-codes.md).
 * A code is a promise: scripts may compare it. The words around it are not.
 */
export const errorCodes = {
  // usage and configuration
  'usage-wrong': 2,
  'config-invalid': 2,
  'name-invalid': 2,
  'host-name-invalid': 2,
  'image-reference-invalid': 2,
  'variable-invalid': 2,
  'label-refused': 2,
  'file-unreadable': 2,
  'certificate-invalid': 2,
  // something named does not exist
  'server-not-configured': 3,
  'experiment-not-found': 3,
  'release-not-found': 3,
  'operation-not-found': 3,
  'image-not-found': 3,
  'variable-not-found': 3,
  'backup-not-found': 3,
  'archive-not-found': 3,
  'booking-not-found': 3,
  // set-up and rights
  'host-key-unknown': 4,
  'host-key-changed': 4,
  'key-refused': 4,
  'key-locked': 4,
  'docker-denied': 4,
  'swarm-inactive': 4,
  'not-a-manager': 4,
  'platform-missing': 4,
  'format-too-new': 4,
  'registry-denied': 4,
  // refused, nothing changed
  'operation-running': 5,
  'plan-changed': 5,
  'name-taken': 5,
  'address-taken': 5,
  'experiment-stopped': 5,
  'prepare-refused': 5,
  'port-taken': 5,
  'participants-present': 5,
  'open-pages-present': 5,
  'participants-unreadable': 5,
  'slot-booked': 5,
  'study-held': 5,
  'study-retired': 5,
  misfit: 5,
  'backup-foreign': 5,
  // out of reach, nothing changed
  'host-unknown': 6,
  'host-refused': 6,
  'host-unreachable': 6,
  'connection-lost': 6,
  'timed-out': 6,
  'docker-unreachable': 6,
  'engine-unsupported': 6,
  'quorum-lost': 6,
  'registry-unreachable': 6,
  'node-unreachable': 6,
  // confirmation
  'confirmation-missing': 7,
  // a release that does not work: 8 while an earlier one serves, 1 on a first deployment
  'image-platform-wrong': 8,
  'image-crashed': 8,
  'image-unhealthy': 8,
  'image-pull-failed': 8,
  'image-lacks-shell': 8,
  'image-lacks-otree': 8,
  'image-lacks-settings': 8,
  'image-work-dir-unreadable': 8,
  'memory-exhausted': 8,
  'node-unsuitable': 8,
  'network-exhausted': 8,
  'disk-full': 8,
  'database-unhealthy': 8,
  'route-missing': 8,
  'wrong-release-answers': 8,
  'certificate-untrusted': 8,
  'study-open': 8,
  'admin-login-fails': 8,
  'deployment-stalled': 8,
  // the rest
  'engine-refused': 1,
  'version-conflict': 1,
  'operation-failed': 1,
  'runner-lost': 1,
  'operation-cancelled': 1,
  'backup-failed': 1,
  'backup-damaged': 1,
  'backup-space': 1,
  'connections-stay': 1,
  'job-failed': 1,
  cancelled: 130,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof errorCodes;

export interface ErrorText {
  /** Why it happened, one sentence. */
  why?: string;
  /** What is true now, one sentence: "Nothing was changed." */
  now?: string;
  /** What to do; starts with a verb. */
  hint?: string;
  /** The last lines of a log, already masked. */
  log?: readonly string[];
  /** Facts for scripts; never a secret, never participant data. */
  details?: Readonly<Record<string, string | number | boolean | readonly string[]>>;
  cause?: unknown;
}

/** A failure that a person can act on. Anything else that is thrown is a bug of ours. */
export class ExpectedError extends Error {
  override readonly name = 'ExpectedError';
  readonly code: ErrorCode;
  readonly why: string | undefined;
  readonly now: string | undefined;
  readonly hint: string | undefined;
  readonly log: readonly string[];
  readonly details: NonNullable<ErrorText['details']>;

  /** `what` is what was being done: "connecting to swarm.lab.example.edu". */
  constructor(code: ErrorCode, what: string, text: ErrorText = {}) {
    super(what, { cause: text.cause });
    this.code = code;
    this.why = text.why;
    this.now = text.now;
    this.hint = text.hint;
    this.log = text.log ?? [];
    this.details = text.details ?? {};
  }

  /** The same failure with knowledge added by a caller; what the thrower said stays. */
  with(more: Pick<ErrorText, 'now' | 'hint' | 'details'>): ExpectedError {
    return new ExpectedError(this.code, this.message, {
      why: this.why,
      now: this.now ?? more.now,
      hint: this.hint ?? more.hint,
      log: this.log,
      details: { ...more.details, ...this.details },
      cause: this.cause,
    });
  }

  /** The same failure when more has happened since: what is true by then, and what to do, the caller knows better. */
  overtakenBy({ now, hint = this.hint, details }: Pick<ErrorText, 'now' | 'hint' | 'details'>): ExpectedError {
    const { code, message, why, log, cause } = this;
    return new ExpectedError(code, message, { why, log, cause, now, hint, details: { ...this.details, ...details } });
  }
}

/** A failure as plain data: what `--json` prints and the operation record keeps. */
export interface ErrorFacts {
  code: ErrorCode | 'bug';
  what: string;
  why?: string;
  now?: string;
  hint?: string;
  log?: readonly string[];
  details?: ErrorText['details'];
}

export function errorFacts(error: unknown): ErrorFacts {
  if (!(error instanceof ExpectedError))
    return { code: 'bug', what: error instanceof Error ? error.message : String(error) };
  const { code, message: what, why, now, hint, log, details } = error;
  return {
    code,
    what,
    ...(why && { why }),
    ...(now && { now }),
    ...(hint && { hint }),
    ...(log.length > 0 && { log }),
    ...(Object.keys(details).length > 0 && { details }),
  };
}

export function errorFromFacts(facts: ErrorFacts): Error {
  const { code, what, ...text } = facts;
  return code === 'bug' ? new Error(what) : new ExpectedError(code, what, text);
}

/** What a script sees. A release that fails while nothing else serves is a plain failure: there is no earlier one. */
export function exitCodeOf({ code, details }: ErrorFacts): number {
  if (code === 'bug') return 70;
  const exitCode = errorCodes[code];
  return exitCode === 8 && details?.serves === 'nothing' ? 1 : exitCode;
}
