import type { Clock } from '../../clock.ts';
import type { RecordedVerb } from '../../domain/verb.ts';
import { type ErrorFacts, errorFacts } from '../../errors.ts';
import type { OperationState } from '../../records/operation-record.ts';
import type { TimetableWarning } from './timetable.ts';

/** What the keeper says, for its log. */
export type KeeperLine =
  | { kind: 'active' }
  | { kind: 'passive'; holder: string }
  | { kind: 'replaced' }
  | {
      kind: 'running';
      operation: string;
      verb: RecordedVerb;
      stack: string;
      because: 'accepted' | 'stale' | 'timetable';
    }
  | { kind: 'ended'; operation: string; verb: RecordedVerb; stack: string; state: OperationState; error?: ErrorFacts }
  | { kind: 'postponed'; what: string; stack: string; error: ErrorFacts }
  | { kind: 'warning'; warning: TimetableWarning }
  | { kind: 'problem'; what: string; error: ErrorFacts }
  | { kind: 'ending'; running: number };

export interface Mail {
  readonly subject: string;
  readonly text: string;
}

export interface Reporter {
  say(line: KeeperLine): void;
  /** Says it, unless the same was said lately, and has it mailed. */
  alarm(line: KeeperLine): void;
  problem(what: string, error: unknown): void;
  /** Sends what has gathered, when it is time to; at once with `now`. */
  deliver(when?: 'now'): Promise<void>;
}

/** What is wrong and stays wrong is said again after so long. */
const repeatAfterMs = 12 * 3_600_000;
/** From the first alarm, so that what belongs together comes in one mail; and between two mails. */
const gatherMs = 60_000;
const betweenMailsMs = 15 * 60_000;

/** Every line goes to the log; alarms go by mail as well where there is one, gathered and not again and again. */
export function createReporter({
  say,
  mail,
  name,
  clock,
}: {
  say: (line: KeeperLine) => void;
  mail?: ((mail: Mail) => Promise<void>) | undefined;
  name: string;
  clock: Clock;
}): Reporter {
  const saidAt = new Map<string, number>();
  let gathered: { at: Date; line: KeeperLine }[] = [];
  let lastMailAt = Number.NEGATIVE_INFINITY;
  const isNew = (key: string) => {
    const now = clock.now().getTime();
    for (const [known, at] of saidAt) if (now - at >= repeatAfterMs) saidAt.delete(known);
    const isKnown = saidAt.has(key);
    if (!isKnown) saidAt.set(key, now);
    return !isKnown;
  };
  const alarm = (line: KeeperLine) => {
    if (!isNew(keyOf(line))) return;
    say(line);
    if (mail) gathered.push({ at: clock.now(), line });
  };
  return {
    say,
    alarm,
    problem: (what, error) => alarm({ kind: 'problem', what, error: errorFacts(error) }),
    async deliver(when) {
      const [first] = gathered;
      const now = clock.now().getTime();
      if (!mail || !first) return;
      if (when !== 'now' && (now - first.at.getTime() < gatherMs || now - lastMailAt < betweenMailsMs)) return;
      const lines = gathered;
      gathered = [];
      lastMailAt = now;
      try {
        await mail({
          subject:
            lines.length === 1
              ? `oForest: ${describeKeeperLine(first.line)}`.slice(0, 150)
              : `oForest: ${lines.length} problems`,
          text: `${lines.map(({ at, line }) => `${at.toISOString()}  ${describeKeeperLine(line)}${todoOf(line)}`).join('\n\n')}\n\n-- \nThe keeper ${name}\n`,
        });
      } catch (error) {
        const line: KeeperLine = { kind: 'problem', what: 'sending a mail', error: errorFacts(error) };
        if (isNew(keyOf(line))) say(line);
        gathered = [...lines, ...gathered];
      }
    },
  };
}

/** The one plain sentence for a line of the keeper's log. */
export function describeKeeperLine(line: KeeperLine): string {
  switch (line.kind) {
    case 'active':
      return 'At work: operations, and the timetable.';
    case 'passive':
      return `Waiting: ${line.holder} is at work.`;
    case 'replaced':
      return 'Another keeper has taken over.';
    case 'running':
      return `Running ${line.verb} on ${line.stack} (${line.operation}${line.because === 'stale' ? ', left unfinished by another process' : line.because === 'timetable' ? ', by the timetable' : ''}).`;
    case 'ended':
      return `${line.verb} on ${line.stack} (${line.operation}) ${line.state}${line.error ? `: ${sentenceOf(line.error)}` : '.'}`;
    case 'postponed':
      return `Not now: ${line.what} of ${line.stack}. ${sentenceOf(line.error)}`;
    case 'warning':
      return describeWarning(line.warning);
    case 'problem':
      return `Failed: ${line.what}. ${sentenceOf(line.error)}`;
    case 'ending':
      return line.running === 0 ? 'Ending.' : `Ending, once what runs is done (${line.running}).`;
  }
}

function describeWarning({ code, stack, since }: TimetableWarning): string {
  const time = since.replace(/\.\d+Z$/, 'Z');
  return code === 'purge-due'
    ? `${stack} was deleted and could be brought back until ${time}: \`oforest purge\` removes it for good.`
    : `${stack} has no backup since ${time}.`;
}

function sentenceOf({ what, why }: ErrorFacts): string {
  return why ?? `${what}.`;
}

function todoOf(line: KeeperLine): string {
  const error = 'error' in line ? line.error : undefined;
  return [error?.now, error?.hint]
    .filter((text) => text !== undefined)
    .map((text) => `\n  ${text}`)
    .join('');
}

/** Alarms that mean the same, whatever their details. */
function keyOf(line: KeeperLine): string {
  switch (line.kind) {
    case 'problem':
      return `problem ${line.what} ${line.error.code}`;
    case 'warning':
      return `warning ${line.warning.code} ${line.warning.stack}`;
    case 'ended':
      return `ended ${line.operation}`;
    default:
      return JSON.stringify(line);
  }
}
