import {
  type Clock,
  ExpectedError,
  errorFacts,
  type LogLine,
  parseStackName,
  readLogs,
  type Server,
} from '../../../core/index.ts';
import { keptLines, type LogPart, logParts, type NewLine, newLine } from '../model/log-lines.ts';
import type { News } from '../model/messages.ts';

const batchMs = 100;
/** How long the first lines of one part wait for those of the other, so that they come in order. */
const firstBatchMs = 2_000;
const firstLines = 2_000;
const pausesMs = [1_000, 2_000, 4_000, 8_000, 15_000];

export interface FollowLogNeeds {
  /** The server as long as it is reached; undefined while it is not. */
  readonly server: () => Pick<Server, 'swarm'> | undefined;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly dispatch: (news: News) => void;
}

/**
 * Tells what a study prints, both parts of it, until the signal aborts: the last lines first, then each as it comes, at
 * most ten times a second. What breaks is told and tried again, from where it broke and without a line twice.
 */
export async function followLog(
  { serial, stack }: { readonly serial: number; readonly stack: string },
  { server, clock, signal, dispatch }: FollowLogNeeds,
): Promise<void> {
  const tellLines = inBatches((lines) => dispatch({ kind: 'log-lines', serial, lines }), { clock, signal });
  await Promise.all(logParts.map((part) => followPart(part, recentLines())));

  async function followPart(part: LogPart, recent: RecentLines): Promise<void> {
    let failures = 0;
    const take = (line: LogLine) => {
      if (!recent.isNew(line)) return;
      tellLines.add(newLine(part, line));
      failures = 0;
    };
    while (!signal.aborted) {
      const reached = server();
      try {
        if (!reached) throw notReached();
        const asked = { stack: parseStackName(stack), part } as const;
        const { swarm } = reached;
        const since = recent.since();
        const tail = since ? keptLines : firstLines;
        for await (const line of readLogs(
          { ...asked, follow: false, tail, ...(since && { since }) },
          { swarm, signal },
        ))
          take(line);
        tellLines.opened(part);
        dispatch({ kind: 'log-feed', serial, part, feed: { kind: 'following' } });
        const from = recent.since();
        for await (const line of readLogs({ ...asked, follow: true, ...(from && { since: from }) }, { swarm, signal }))
          take(line);
      } catch (error) {
        if (signal.aborted) return;
        tellLines.opened(part);
        dispatch({ kind: 'log-feed', serial, part, feed: { kind: 'broken', error: errorFacts(error) } });
      }
      const pauseMs = reached ? pausesMs[Math.min(failures, pausesMs.length - 1)]! : pausesMs[0]!;
      failures += 1;
      await clock.sleep(pauseMs, signal).catch(() => {});
    }
  }
}

function notReached(): ExpectedError {
  return new ExpectedError('host-unreachable', 'following the logs', {
    why: 'The server is not reached.',
    hint: 'Wait: they go on by themselves when it is reached again.',
  });
}

/** Collects lines, and hands on what came in a tenth of a second at once; with none to hand on, no timer runs. */
function inBatches(
  tell: (lines: readonly NewLine[]) => void,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
) {
  const opening = new Set<LogPart>(logParts);
  const beganAt = clock.now().getTime();
  let waiting: NewLine[] = [];
  let isDue = false;
  async function flushLater(): Promise<void> {
    isDue = true;
    do await clock.sleep(batchMs, signal);
    while (opening.size > 0 && clock.now().getTime() - beganAt < firstBatchMs);
    isDue = false;
    const lines = waiting;
    waiting = [];
    tell(lines);
  }
  return {
    opened: (part: LogPart) => void opening.delete(part),
    add(line: NewLine) {
      waiting.push(line);
      if (!isDue) flushLater().catch(() => {});
    },
  };
}

interface RecentLines {
  readonly isNew: (line: LogLine) => boolean;
  /** From when to ask again. */
  readonly since: () => Date | undefined;
}

/** Knows the lines of the newest second. dockerd is asked from a second on, and so gives them again. */
function recentLines(): RecentLines {
  let second = '';
  let known = new Set<string>();
  return {
    isNew({ at, stream, text }) {
      const its = at.slice(0, secondLetters);
      if (its < second) return true;
      if (its > second) {
        second = its;
        known = new Set();
      }
      const key = `${at} ${stream} ${text}`;
      if (known.has(key)) return false;
      known.add(key);
      return true;
    },
    since: () => (second === '' ? undefined : new Date(`${second}Z`)),
  };
}

/** `2026-11-20T14:02:11` */
const secondLetters = 19;
