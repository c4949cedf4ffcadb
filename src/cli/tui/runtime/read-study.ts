import {
  type Clock,
  experimentStatus,
  listReleases,
  parseStackName,
  readLogs,
  type Server,
  type StackName,
  seePeopleOf,
} from '../../../core/index.ts';
import { type NewLine, newLine } from '../model/log-lines.ts';
import type { News } from '../model/messages.ts';

export interface ReadStudyNeeds {
  readonly server: Pick<Server, 'swarm'>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly dispatch: (news: News) => void;
}

/** Many more than fit beside the menu: most are our own probes, one each 5 s, which are not shown. */
const recentLines = 500;
const patienceMs = 5_000;

/** What is known of a study; its last lines are told when they come, and nothing waits for them. */
export async function readStudy(
  { stack: name, withLog }: { readonly stack: string; readonly withLog: boolean },
  { server: { swarm }, clock, signal, dispatch }: ReadStudyNeeds,
): Promise<void> {
  const stack = parseStackName(name);
  const log = withLog ? recentLog(stack, { swarm, signal }) : Promise.resolve(undefined);
  const [status, releases, people] = await Promise.all([
    experimentStatus(stack, { swarm }),
    listReleases(stack, { swarm }).catch(() => []),
    seePeopleOf(stack, { swarm, clock }),
  ]);
  dispatch({ kind: 'study-read', stack, status, releases, people });
  const lines = await log;
  if (lines && !signal.aborted) dispatch({ kind: 'log-glanced', stack, lines });
}

/** Undefined where it cannot be read in time: the log screen says why. */
async function recentLog(
  stack: StackName,
  { swarm, signal }: { swarm: Server['swarm']; signal: AbortSignal },
): Promise<readonly NewLine[] | undefined> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const lines: NewLine[] = [];
  try {
    const asked = { stack, part: 'web', follow: false, tail: recentLines } as const;
    for await (const line of readLogs(asked, { swarm, signal: within })) lines.push(newLine('web', line));
    return lines;
  } catch {
    return undefined;
  }
}
