import {
  type Clock,
  describeEvent,
  type ErrorFacts,
  ExpectedError,
  errorFacts,
  exitCodeOf,
  followOperation,
  type GuardPolicy,
  type OperationEvent,
  type Review,
  randomText,
  requestCancel,
  type Server,
  seePeopleOf,
  startOperation,
} from '../../../core/index.ts';
import type { CliContext } from '../../context.ts';
import { reviewAfterOthers } from '../../run-review.ts';
import { type Runner, startRunner as startRunnerAsCommandsDo } from '../../runner.ts';
import { usualLimitMs } from '../../waiting-limit.ts';
import type { Effect, People } from '../model/effects.ts';
import type { Message } from '../model/messages.ts';
import { askedToStop } from '../model/screens/cancel.ts';
import type { ExportPhase } from '../model/screens/export.ts';
import { exportAsked } from './export-asked.ts';
import { followLog } from './follow-log.ts';
import { applyAsked, planAsked } from './prepare-server.ts';
import { readAdmin, readLinks } from './read-access.ts';
import { readBackups, readCheck } from './read-lists.ts';
import { readStudy } from './read-study.ts';
import { reviewAsked } from './review-asked.ts';
import { saveText } from './save-text.ts';
import type { TerminalDoor } from './terminal-door.ts';

export interface CarryOutNeeds {
  readonly context: CliContext;
  readonly dispatch: (message: Message) => void;
  /** The server as long as it is reached; undefined while it is not. */
  readonly server: () => Server | undefined;
  /** The server; one that was never reached yet is waited for. Rejects when it does not answer. */
  readonly reached: () => Promise<Server>;
  readonly lookAgain: () => void;
  readonly terminal: TerminalDoor;
  readonly clock: Clock;
  /** Sees to it that an accepted operation runs. */
  readonly startRunner?: (operation: string, server: Server, context: CliContext) => Promise<Pick<Runner, 'where'>>;
}

const tickMs = 1_000;
const tryAgainMs = 5_000;

type Start = Extract<Effect, { kind: 'start' }>;

/** Does what the reducer wants done, and tells it what came of it. Nothing is thrown: a failure is news. */
export function createCarryOut({ startRunner = startRunnerAsCommandsDo, ...needs }: CarryOutNeeds) {
  const { context, dispatch, server, reached, lookAgain, terminal, clock } = needs;
  const running = new Map<number, AbortController>();
  /** What waits for people, by the serial of the screen that asked for it; no screen has to stay open for it. */
  const waiting = new Map<number, AbortController>();
  /** Aborts with the screen of this serial, and with the work that is begun for it next. */
  function untilClosed(serial: number): AbortSignal {
    running.get(serial)?.abort();
    const stop = new AbortController();
    running.set(serial, stop);
    return AbortSignal.any([stop.signal, context.signal]);
  }
  /** Work for one screen, which ends with it. */
  function during(
    serial: number,
    work: (server: Server, signal: AbortSignal) => Promise<void>,
    failed: (error: ErrorFacts) => void,
  ) {
    const signal = untilClosed(serial);
    withServer((reached) => work(reached, signal)).catch((error) => {
      if (!signal.aborted) failed(errorFacts(error));
    });
  }
  async function withServer(work: (server: Server) => Promise<void>): Promise<void> {
    const there = await reached();
    try {
      await work(there);
    } catch (error) {
      const isLost = server() !== there && error instanceof ExpectedError && error.code === 'cancelled';
      throw isLost ? connectionLost(error) : error;
    }
  }
  /** Work that goes on when its screen is closed. */
  function inBackground(
    work: (server: Server) => Promise<void>,
    failed: (error: ErrorFacts) => void = (error) => dispatch({ kind: 'failed', error }),
  ) {
    withServer(work).catch((error) => failed(errorFacts(error)));
  }

  return (effect: Effect): void => {
    const { home } = context.environment;
    const unprepared = (serial: number) => (error: ErrorFacts) =>
      dispatch({ kind: 'preparing', serial, phase: { kind: 'failed', error } });
    const refused = (serial: number) => (error: ErrorFacts) => dispatch({ kind: 'refused', serial, error });
    switch (effect.kind) {
      case 'look-again':
        lookAgain();
        break;
      case 'read-study':
        inBackground(
          (reached) =>
            readStudy(
              { stack: effect.stack, withLog: effect.withLog === true },
              { server: reached, clock, signal: context.signal, dispatch },
            ),
          (error) => dispatch({ kind: 'study-unread', stack: effect.stack, error }),
        );
        break;
      case 'read-backups':
        during(
          effect.serial,
          (reached, signal) => readBackups(effect.stacks, { server: reached, clock, signal, dispatch }),
          (error) => {
            for (const stack of effect.stacks) dispatch({ kind: 'backups-unread', stack, error });
          },
        );
        break;
      case 'read-links':
        during(
          effect.serial,
          async (reached, signal) => {
            const news = await readLinks(effect, reached);
            if (!signal.aborted) dispatch(news);
          },
          (error) => dispatch({ kind: 'links-unread', serial: effect.serial, error }),
        );
        break;
      case 'read-admin':
        during(
          effect.serial,
          async (reached, signal) => {
            const news = await readAdmin(effect, reached);
            if (!signal.aborted) dispatch(news);
          },
          (error) => dispatch({ kind: 'admin-unread', serial: effect.serial, error }),
        );
        break;
      case 'export': {
        const { serial } = effect;
        const show = (phase: ExportPhase) => dispatch({ kind: 'exporting', serial, phase });
        during(
          serial,
          async (reached, signal) => {
            const done = await exportAsked(effect, { server: reached, clock, signal, home, show });
            if (!signal.aborted) show(done);
          },
          (error) => show({ kind: 'failed', error }),
        );
        break;
      }
      case 'check-server':
        inBackground(
          async (reached) => dispatch(await readCheck({ server: reached, clock, signal: context.signal })),
          (error) => dispatch({ kind: 'unchecked', error }),
        );
        break;
      case 'plan-platform':
        during(
          effect.serial,
          async (reached, signal) => {
            const plan = await planAsked(effect.answers, reached, { clock, signal, home });
            if (!signal.aborted)
              dispatch({ kind: 'preparing', serial: effect.serial, phase: { kind: 'planned', plan, cursor: 0 } });
          },
          unprepared(effect.serial),
        );
        break;
      case 'apply-platform':
        // It ends with the window.
        inBackground(async (reached) => {
          const { signal } = context;
          for await (const phase of applyAsked(effect.plan, reached, { clock, signal, home }))
            dispatch({ kind: 'preparing', serial: effect.serial, phase });
          lookAgain();
        }, unprepared(effect.serial));
        break;
      case 'review':
        during(effect.serial, review(effect), refused(effect.serial));
        break;
      case 'start':
        if (effect.people.kind === 'wait') void waitAndStart(effect);
        else during(effect.serial, start(effect), refused(effect.serial));
        break;
      case 'follow':
        during(effect.serial, follow(effect), (error) => {
          // Of a server that is gone the line at the top tells; it is followed anew once that is back.
          if (exitCodeOf(error) !== 6) dispatch({ kind: 'failed', error });
        });
        break;
      case 'follow-log':
        void followLog(effect, { server, clock, signal: untilClosed(effect.serial), dispatch });
        break;
      case 'close':
        running.get(effect.serial)?.abort();
        running.delete(effect.serial);
        break;
      case 'stop-waiting':
        waiting.get(effect.serial)?.abort();
        waiting.delete(effect.serial);
        break;
      case 'cancel':
        inBackground((reached) => cancel(effect.operation, reached));
        break;
      case 'copy': {
        // A secret leaves us here, because a person asked for exactly that.
        const text = typeof effect.text === 'string' ? effect.text : effect.text.reveal();
        const taken = terminal.copy(text, effect.what);
        if (taken !== 'read-out') dispatch({ kind: 'said', text: copied(effect.what, taken) });
        break;
      }
      case 'save':
        saveText(effect).then(
          (text) => dispatch({ kind: 'said', text }),
          (error) => dispatch({ kind: 'failed', error: errorFacts(error) }),
        );
        break;
      case 'browse':
        terminal.browse(effect.url);
        break;
      case 'repaint':
        terminal.repaint();
        break;
      case 'suspend':
        void terminal.suspend().then(lookAgain);
        break;
      case 'leave':
        terminal.leave(effect.exitCode);
        break;
    }
  };

  async function cancel(operation: string, reached: Server): Promise<void> {
    await requestCancel(operation, context.actorOn(reached), { swarm: reached.swarm, clock });
    dispatch({ kind: 'said', text: askedToStop });
  }

  /** As a command does it, with what it would print as news: whatever was left unfinished is ended first. */
  function toScreen(serial: number, signal: AbortSignal): CliContext {
    const say = (sentence: string) => dispatch({ kind: 'waiting', serial, sentence });
    const event = (happened: OperationEvent) => say(describeEvent(happened));
    return { ...context, signal, output: { ...context.output, say, event } };
  }

  function review({ serial, asked, others }: Extract<Effect, { kind: 'review' }>) {
    return async (reached: Server, signal: AbortSignal) => {
      const look = () => reviewAsked(asked, reached, signal);
      const found =
        others === 'show'
          ? await look()
          : await reviewAfterOthers(look, { wait: true }, reached, toScreen(serial, signal));
      const asksPeople = found.plan.some(({ interrupts }) => interrupts);
      const people = asksPeople ? await seePeopleOf(found.stack, { swarm: reached.swarm, clock }) : undefined;
      signal.throwIfAborted();
      dispatch({ kind: 'reviewed', serial, review: found, people });
    };
  }

  function start({ review, ...effect }: Start) {
    return async (reached: Server, signal: AbortSignal) => await startReviewed(effect, review, reached, signal);
  }

  /** Ends by its own word, or with the window: no screen has to stay open, and no connection has to last, for it. */
  async function waitAndStart(effect: Start): Promise<void> {
    const { serial, asked } = effect;
    const stop = new AbortController();
    waiting.set(serial, stop);
    const signal = AbortSignal.any([stop.signal, context.signal]);
    const until = clock.now().getTime() + usualLimitMs;
    let isAfterWait = false;
    const waitOnce = async (there: Server) => {
      // Who waits for hours starts from what is true then.
      const look = () => reviewAsked(asked, there, signal);
      const minutes = Math.max(1, Math.ceil((until - clock.now().getTime()) / 60_000));
      const { ignoreOpenPages = false } = asked;
      const options = { wait: true, afterSession: `${minutes}m`, ignoreOpenPages };
      const fresh = await reviewAfterOthers(look, options, there, toScreen(serial, signal));
      isAfterWait = true;
      await startReviewed(effect, fresh, there, signal);
    };
    for (;;) {
      try {
        await withServer(waitOnce);
        break;
      } catch (error) {
        if (signal.aborted) break;
        const facts = errorFacts(error);
        if (isAfterWait || exitCodeOf(facts) !== 6 || clock.now().getTime() >= until) {
          dispatch({ kind: 'refused', serial, error: facts });
          break;
        }
        dispatch({ kind: 'waiting', serial, sentence: 'Waiting: the server does not answer. Trying again.' });
        await clock.sleep(tryAgainMs, signal).catch(() => {});
      }
    }
    waiting.delete(serial);
  }

  async function startReviewed(
    { serial, asked, people, typed }: Omit<Start, 'review'>,
    fresh: Review,
    reached: Server,
    signal: AbortSignal,
  ): Promise<void> {
    if (fresh.wants === 'typed-name' && typed !== fresh.stack) throw new Error('the name was not typed');
    const { ignoreOpenPages = false } = asked;
    signal.throwIfAborted();
    if (fresh.plan.length === 0) {
      dispatch({ kind: 'reviewed', serial, review: fresh, people: undefined });
      return;
    }
    const id = await startOperation(
      fresh,
      { actor: context.actorOn(reached), guard: policyOf(people, ignoreOpenPages) },
      { swarm: reached.swarm, clock, random: randomText },
    );
    const runner = await startRunner(id, reached, context);
    dispatch({ kind: 'started', serial, operation: id, where: runner.where });
  }

  function follow({ serial, operation }: Extract<Effect, { kind: 'follow' }>) {
    return async ({ swarm }: Server, signal: AbortSignal) => {
      // Its steps show their seconds, and only as long as it is followed.
      const ticking = setInterval(() => dispatch({ kind: 'ticked' }), tickMs);
      try {
        for await (const event of followOperation(operation, { swarm, clock, signal }))
          dispatch({ kind: 'event', serial, event });
      } finally {
        clearInterval(ticking);
      }
      lookAgain();
    };
  }
}

/** Whoever leaves a connection cancels what was asked for over it: nobody here did that. */
function connectionLost(cause: ExpectedError): ExpectedError {
  return new ExpectedError('connection-lost', 'asking the server', {
    why: 'The connection to it was lost meanwhile.',
    hint: 'Wait until the line at the top says live, and look what is true then.',
    cause,
  });
}

function copied(what: string, taken: 'all' | 'beginning'): string {
  return taken === 'all' ? `${what} is copied.` : `${what}: the first 75 kB are copied, which is all a terminal takes.`;
}

function policyOf(people: People, ignoreOpenPages: boolean): GuardPolicy {
  return { ignoreOpenPages, interrupt: people.kind === 'interrupt' ? people.reason : undefined };
}
