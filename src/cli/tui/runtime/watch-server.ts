import {
  type Activity,
  type Clock,
  ExpectedError,
  errorFacts,
  exitCodeOf,
  listActivity,
  listStudies,
  type PeopleSeen,
  type Server,
  type StudyList,
  type SwarmChange,
  seePeopleEverywhere,
} from '../../../core/index.ts';
import type { Message } from '../model/messages.ts';
import { staleAfterMs } from '../model/state.ts';
import { answerWithin, createPause, silence } from './pause.ts';

const compareEveryMs = 30_000;
/** Operations take place in records, whose changes are told: a comparison of all of them only mends what was not heard. */
const activityEveryMs = 300_000;
/** Changes come in bursts: one look for all of a burst … */
const burstMs = 300;
/** … and another when what they lead to has happened, of which nothing is told. */
const settleMs = 1_000;
const askEveryMs = 2_000;
const silentAfterMs = 4_000;
const giveUpAfterMs = 15_000;
const togetherMs = 250;
/** Less than between two comparisons, so that people are asked after each where that is quick. */
const peopleRestMs = 15_000;
const retryDelaysMs = [1_000, 2_000, 4_000, 8_000, 15_000];

/** The wait before the next try, after so many that failed: 1, 2, 4, 8, then 15 s. */
export function retryDelayMs(failures: number): number {
  return retryDelaysMs[Math.min(failures, retryDelaysMs.length) - 1] ?? 0;
}

export interface WatchNeeds {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly tell: (messages: readonly Message[]) => void;
}

export interface Watch {
  lookAgain(): void;
  /** Rejects when the server does not answer any more, with the reason, or with that of the signal. */
  readonly ended: Promise<never>;
}

/**
 * Watches a server that is reached: a full comparison at once, after changes and each 30 s, and people after that. Says
 * that it is silent after some seconds, and is over when it stays so.
 */
export function watchServer(server: Server, { clock, signal: given, tell }: WatchNeeds): Watch {
  const { swarm } = server;
  const stop = new AbortController();
  const end = () => stop.abort(given.reason);
  given.addEventListener('abort', end, { once: true });
  const { signal } = stop;
  const now = () => clock.now().getTime();
  const comparing = createPause({ clock, signal });
  const asking = createPause({ clock, signal });
  const listening = createPause({ clock, signal });
  let nextAt = now();
  let settledAt = Number.POSITIVE_INFINITY;
  let peopleAt = now();
  let peopleSince: number | undefined;
  let comparedAt: number | undefined;
  let activity: { readonly all: readonly Activity[]; readonly at: number } | undefined;
  let isActivityDue = true;
  let isHearing = false;
  let tookMs = 0;
  let isSilent = false;

  const ended = Promise.race([compareOverAndOver(), askOverAndOver(), listenOverAndOver()]).finally(() => {
    given.removeEventListener('abort', end);
    stop.abort();
  });
  return {
    ended,
    lookAgain() {
      nextAt = peopleAt = now();
      isActivityDue = true;
      comparing.wake();
    },
  };

  function hear({ kind, name }: Pick<SwarmChange, 'kind' | 'name'>): void {
    // The keeper says each 10 s that it lives: that changes nothing for anybody.
    if (name === 'of.keeper') return;
    nextAt = Math.min(nextAt, now() + burstMs);
    if (kind !== 'service') isActivityDue = true;
    if (kind !== 'node') settledAt = now() + settleMs;
    comparing.wake();
  }

  async function compareOverAndOver(): Promise<never> {
    for (let failures = 0; ; ) {
      for (let at = dueAt(); at > now(); at = dueAt()) await comparing.until(at);
      signal.throwIfAborted();
      const startedAt = now();
      nextAt = startedAt + compareEveryMs;
      if (settledAt <= startedAt) settledAt = Number.POSITIVE_INFINITY;
      try {
        await compare(startedAt);
        failures = 0;
      } catch (error) {
        if (signal.aborted || isGone(error)) throw error;
        failures += 1;
        nextAt = now() + retryDelayMs(failures);
        if (isOld()) tell([{ kind: 'linked', link: { kind: 'stale', error: errorFacts(error) } }]);
      }
    }
  }

  /** Many studies take their time: most of it is left to whatever else uses the connection. */
  function dueAt(): number {
    return Math.max(Math.min(nextAt, settledAt), (comparedAt ?? 0) + 4 * tookMs);
  }

  function isOld(): boolean {
    return comparedAt === undefined || now() - comparedAt >= staleAfterMs;
  }

  async function compare(startedAt: number): Promise<void> {
    const [{ experiments: studies, webs }, all] = await Promise.all([
      listStudies(server).catch(noneIfUnprepared),
      knownActivity(startedAt),
    ]);
    signal.throwIfAborted();
    comparedAt = now();
    tookMs = comparedAt - startedAt;
    isSilent = false;
    tell([{ kind: 'compared', studies, activity: all, at: comparedAt }]);
    // A study that never answers does not keep the others from being asked again.
    const isAsking = peopleSince !== undefined && comparedAt - peopleSince < 4 * compareEveryMs;
    if (comparedAt >= peopleAt && !isAsking) void askForPeople(comparedAt, webs);
  }

  /** Asked again when something may have changed, and while an operation runs, whose runner may fall silent. */
  async function knownActivity(startedAt: number): Promise<readonly Activity[]> {
    if (activity && isHearing && !isActivityDue && startedAt - activity.at < activityEveryMs) {
      const { all } = activity;
      if (all.every(({ endedAt }) => endedAt !== undefined)) return all;
    }
    // What the last change leads to is still to be seen.
    isActivityDue = settledAt !== Number.POSITIVE_INFINITY;
    const all = await listActivity(undefined, server).catch((error) => {
      isActivityDue = true;
      throw error;
    });
    activity = { all, at: startedAt };
    return all;
  }

  /** Every study has to be asked: some are slow, so those that have answered are shown in groups. */
  async function askForPeople(since: number, webs: StudyList['webs']): Promise<void> {
    peopleSince = since;
    peopleAt = since + peopleRestMs;
    let seen: PeopleSeen[] = [];
    const show = () => {
      const messages = seen.map((people) => ({ kind: 'people-seen' as const, people }));
      seen = [];
      if (!signal.aborted && messages.length > 0) tell(messages);
    };
    try {
      for await (const people of seePeopleEverywhere({ swarm, clock, webs })) {
        if (signal.aborted) return;
        seen.push(people);
        if (seen.length === 1) void clock.sleep(togetherMs, signal).then(show, () => {});
      }
    } catch {
      // Nobody knows then, and the list shows that; a server that is gone is told of by the others.
    } finally {
      if (peopleSince === since) peopleSince = undefined;
      // Many studies are asked less often: each costs a script in its container.
      if (peopleAt > since) peopleAt = now() + Math.max(peopleRestMs, 60 * (now() - since));
    }
  }

  /** A server that is gone often says nothing: only one that is asked can be missed. */
  async function askOverAndOver(): Promise<never> {
    for (;;) {
      await asking.until(now() + askEveryMs);
      const askedAt = now();
      const answer = swarm.ping().catch((error) => {
        if (signal.aborted || isGone(error)) throw error;
      });
      answer.catch(() => {});
      let heard = await answerWithin(silentAfterMs + 2 * tookMs, answer, clock);
      if (heard === silence) {
        isSilent = true;
        const error = errorFacts(notAnswering(server.name));
        tell([{ kind: 'linked', link: { kind: 'offline', since: askedAt, error, nextTryAt: 'now' } }]);
        heard = await answerWithin(giveUpAfterMs - silentAfterMs, answer, clock);
      }
      if (heard === silence) throw notAnswering(server.name);
      if (isSilent) comeBack();
      if (isOld()) tell([{ kind: 'ticked' }]);
    }
  }

  /** It answers after all; whether what is shown is still true has to be seen. */
  function comeBack(): void {
    nextAt = now();
    comparing.wake();
  }

  async function listenOverAndOver(): Promise<never> {
    for (let failures = 1; ; failures += 1) {
      try {
        const changes = await swarm.followChanges({ signal });
        isHearing = true;
        // What changed before it listened is told by nobody.
        hear({ kind: 'node', name: '' });
        for await (const change of changes) {
          failures = 0;
          hear(change);
        }
      } catch {
        // Without changes the list is only as fresh as its last comparison; the other two tell whether the server is gone.
      }
      isHearing = false;
      asking.wake();
      await listening.until(now() + retryDelayMs(failures));
    }
  }
}

/** No study runs there yet, which is no reason not to show the server: it is prepared from there. */
function noneIfUnprepared(error: unknown): StudyList {
  if (error instanceof ExpectedError && error.code === 'platform-missing') return { experiments: [], webs: [] };
  throw error;
}

const answers: readonly string[] = ['quorum-lost', 'engine-unsupported'];

/** What the server itself is not to blame for: it was not reached. Anything else is an answer. */
function isGone(error: unknown): boolean {
  const facts = errorFacts(error);
  return error instanceof ExpectedError && exitCodeOf(facts) === 6 && !answers.includes(facts.code);
}

export function notAnswering(server: string): ExpectedError {
  return new ExpectedError('timed-out', `asking ${server}`, {
    why: 'It has not answered for some seconds.',
    now: 'Experiments go on running on the server; only this view is cut off.',
    hint: 'Check the network and the VPN of this computer.',
  });
}
