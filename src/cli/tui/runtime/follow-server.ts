import {
  type AskPassphrase,
  type Clock,
  type ErrorFacts,
  ExpectedError,
  type ExperimentSummary,
  errorFacts,
  exitCodeOf,
  type Server,
} from '../../../core/index.ts';
import type { Message } from '../model/messages.ts';
import { createPause } from './pause.ts';
import type { Remembered } from './remember.ts';
import { notAnswering, retryDelayMs, type Watch, watchServer } from './watch-server.ts';

const sayOfflineAfterMs = 5_000;
const stepMs = 1_000;
/** Less than the longest wait between two tries, which counts from the beginning of the last one. */
const giveUpAfterMs = 14_000;
/** When the list is to say more than it did: that it asks, that what it shows may be old, what to check. */
const saysMoreAfterMs = [300, 2_000, 10_000];

export interface FollowNeeds {
  readonly name: string;
  /** Reaches the server for as long as `use` runs. */
  readonly reach: (
    use: (server: Server) => Promise<void>,
    options: { signal: AbortSignal; askPassphrase: AskPassphrase },
  ) => Promise<void>;
  /** For one attempt, which the signal ends. */
  readonly passphrasesFor: (signal: AbortSignal) => AskPassphrase;
  readonly memory: {
    read(): Promise<Remembered | undefined>;
    write(studies: readonly ExperimentSummary[], asOf: number): Promise<void>;
  };
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly tell: (messages: readonly Message[]) => void;
}

export interface Following {
  /** As long as it is reached; undefined while it is not. */
  readonly server: () => Server | undefined;
  /** The same; before it was reached for the first time it is waited for. Rejects `host-unreachable` when it does not answer. */
  readonly reached: () => Promise<Server>;
  /** Compares now, or tries to reach it now. */
  readonly lookAgain: () => void;
  readonly ended: Promise<void>;
}

/**
 * Keeps to one server until the signal: shows what was known of it, reaches it, watches it, and when it is lost says why
 * and tries again. Nothing is thrown.
 */
export function followServer({ name, signal, clock, memory, ...needs }: FollowNeeds): Following {
  const now = () => clock.now().getTime();
  const waiting = createPause({ clock, signal });
  let reached: Server | undefined;
  let watch: Watch | undefined;
  let failures = 0;
  let offlineSince: number | undefined;
  /** How many passphrases somebody is being asked for: a person may take their time. */
  let asked = 0;
  const first = Promise.withResolvers<Server>();
  first.promise.catch(() => {});
  return {
    server: () => reached,
    reached: async () => reached ?? (offlineSince === undefined ? await first.promise : Promise.reject(notReached())),
    lookAgain: () => (watch ? watch.lookAgain() : waiting.wake()),
    ended: follow().catch(() => {}),
  };

  async function follow(): Promise<never> {
    void memory.read().then((known) => known && tell([{ kind: 'remembered', ...known }]));
    for (const ms of saysMoreAfterMs)
      void clock.sleep(ms, signal).then(
        () => tell([{ kind: 'ticked' }]),
        () => {},
      );
    for (;;) {
      const startedAt = now();
      const error = await untilLost();
      signal.throwIfAborted();
      failures += 1;
      const soonest = Math.max(startedAt + retryDelayMs(failures), now() + retryDelayMs(1));
      const nextTryAt = needsSomebody(error) ? 'when-asked' : soonest;
      sayOffline(error, nextTryAt);
      await waiting.until(nextTryAt === 'when-asked' ? Number.POSITIVE_INFINITY : nextTryAt);
      sayOffline(error, 'now');
    }
  }

  /** From the first step towards the server until there is nothing left of the connection; why that is. */
  async function untilLost(): Promise<ErrorFacts> {
    const attempt = new AbortController();
    const end = () => attempt.abort(signal.reason);
    signal.addEventListener('abort', end, { once: true });
    const use = async (server: Server) => {
      attempt.signal.throwIfAborted();
      reached = server;
      first.resolve(server);
      watch = watchServer(server, { clock, signal: attempt.signal, tell });
      try {
        await watch.ended;
      } finally {
        reached = watch = undefined;
      }
    };
    const ask = needs.passphrasesFor(attempt.signal);
    const askPassphrase: AskPassphrase = async (identityFile) => {
      asked += 1;
      try {
        return await ask(identityFile);
      } finally {
        asked -= 1;
      }
    };
    try {
      const reaching = needs.reach(use, { signal: attempt.signal, askPassphrase });
      await Promise.race([reaching, givenUp(attempt.signal)]);
      return errorFacts(notAnswering(name));
    } catch (error) {
      return errorFacts(error);
    } finally {
      signal.removeEventListener('abort', end);
      attempt.abort();
    }
  }

  /** Throws when nothing is reached for too long, or when the attempt is over. */
  async function givenUp(attempt: AbortSignal): Promise<never> {
    for (let silentMs = 0; silentMs < giveUpAfterMs; silentMs = asked > 0 ? 0 : silentMs + stepMs) {
      await clock.sleep(stepMs, attempt);
      if (reached) return await new Promise<never>(() => {});
      if (silentMs + stepMs === sayOfflineAfterMs && offlineSince === undefined)
        sayOffline(errorFacts(notAnswering(name)), 'now');
    }
    throw notAnswering(name);
  }

  function sayOffline(error: ErrorFacts, nextTryAt: number | 'now' | 'when-asked'): void {
    tell([{ kind: 'linked', link: { kind: 'offline', since: offlineSince ?? now(), error, nextTryAt } }]);
  }

  /** Nothing is told after the signal: another server may be shown by then. */
  function tell(messages: readonly Message[]): void {
    if (signal.aborted) return;
    needs.tell(messages);
    for (const message of messages) {
      if (message.kind === 'linked' && message.link.kind === 'offline') {
        offlineSince ??= message.link.since;
        first.reject(notReached());
      }
      if (message.kind !== 'compared') continue;
      failures = 0;
      offlineSince = undefined;
      void memory.write(message.studies, message.at);
    }
  }
}

export function notReached(): ExpectedError {
  return new ExpectedError('host-unreachable', 'asking the server', {
    why: 'It is not reached at the moment.',
    now: 'Nothing was changed.',
    hint: 'Wait until it is reached again.',
  });
}

/** A key that was refused, a host that is another one: whoever tries that again and again is locked out in the end. */
function needsSomebody(error: ErrorFacts): boolean {
  return [2, 3, 4].includes(exitCodeOf(error));
}
