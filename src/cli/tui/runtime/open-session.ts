import { type Server, systemClock, usualServerOf } from '../../../core/index.ts';
import type { CliContext } from '../../context.ts';
import { sandboxName } from '../../sandbox/name.ts';
import { addressOf } from '../../server-address.ts';
import type { Effect } from '../model/effects.ts';
import { type FirstRun, firstRunOf, noFirstRun } from '../model/first-run.ts';
import { initialState, nowhere } from '../model/initial-state.ts';
import type { Size } from '../model/layout.ts';
import type { Message } from '../model/messages.ts';
import { openConnect } from '../model/screens/connect.ts';
import type { KnownServer } from '../model/screens/servers.ts';
import { askOnScreen } from './ask-on-screen.ts';
import { createCarryOut } from './carry-out.ts';
import { type FollowNeeds, followServer, notReached } from './follow-server.ts';
import { memoryOf } from './remember.ts';
import { firstRunMemory } from './remember-first-run.ts';
import { createSetUp } from './set-up.ts';
import { createStore, type Store } from './store.ts';
import type { TerminalDoor } from './terminal-door.ts';

const tickMs = 10_000;

/** A store that is alive: it follows a server, and what it wants done is done. All but the drawing. */
export interface Session {
  readonly store: Store;
  /** Lets go of the server. Operations that run go on. */
  close(): Promise<void>;
}

export interface SessionNeeds extends Beginning {
  readonly size: Size;
  readonly terminal: TerminalDoor;
  /** For one attempt to reach a server; default: on a screen of the window. */
  readonly passphrasesFor?: FollowNeeds['passphrasesFor'];
  readonly memoryFor?: (server: string) => FollowNeeds['memory'];
}

/** What a session begins with. */
export interface Beginning {
  /** The current server, or the only one; empty where that has to be said first. Undefined: none is set up. */
  readonly server: string | undefined;
  /** Where commands go that name none. */
  readonly usualServer?: string | undefined;
  /** How far somebody came who began before. */
  readonly firstRun?: FirstRun;
}

export async function whereToBegin(context: CliContext): Promise<Beginning> {
  const [config, firstRun] = await Promise.all([context.config(), firstRunMemory(context).read()]);
  const usualServer = usualServerOf(config);
  const named = context.options.server ?? usualServer;
  if (named !== undefined || Object.keys(config.servers).length > 0)
    return { server: named ?? '', usualServer, firstRun };
  return { server: firstRun.at === 'sandbox' ? sandboxName : undefined, firstRun };
}

export function openSession(context: CliContext, { server: first, size, terminal, ...needs }: SessionNeeds): Session {
  const closing = new AbortController();
  const dispatch = (message: Message) => store.dispatch(message);
  const passphrases = askOnScreen(dispatch);
  const {
    memoryFor = (name: string) => memoryOf(name, context),
    passphrasesFor = (attempt: AbortSignal) =>
      context.passphrases.askBy((file, isAgain) => passphrases.ask(file, { isAgain, signal: attempt })),
  } = needs;
  const firstRun = needs.firstRun ?? noFirstRun;
  const begun = { size, now: Date.now(), firstRun, usualServer: needs.usualServer };
  const state = first === undefined ? nowhere(begun) : initialState({ ...begun, server: first });
  const store = createStore(state, { carryOut, now: Date.now });
  const memory = firstRunMemory(context);
  const keep = () => void memory.write(firstRunOf(store.read()));
  let shown = first === undefined ? noServer() : goTo(first);
  const settingUp = createSetUp({ context, dispatch, passphrasesFor, signal: closing.signal });
  if (first === undefined && firstRun.at === 'connect') store.take(openConnect);
  store.subscribe(keep);
  const ticking = setInterval(() => dispatch({ kind: 'ticked' }), tickMs);
  return {
    store,
    async close() {
      clearInterval(ticking);
      closing.abort();
      await shown.ended;
      await memory.write(firstRunOf(store.read()));
    },
  };

  function carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'list-servers':
        void listServers(effect.serial);
        break;
      case 'go-to-server':
        shown.leave();
        shown = goTo(effect.name);
        break;
      case 'try-server':
      case 'save-server':
        settingUp.carryOut(effect);
        break;
      case 'close':
        settingUp.close(effect.serial);
        shown.carryOut(effect);
        break;
      case 'answer-passphrase':
        passphrases.answer(effect.question, effect.text);
        break;
      default:
        shown.carryOut(effect);
    }
  }

  /** Until one is chosen. */
  function noServer(): ReturnType<typeof goTo> {
    const nothing = { server: () => undefined, reached: async () => Promise.reject(notReached()), lookAgain: () => {} };
    return {
      carryOut: createCarryOut({ context, dispatch, terminal, clock: systemClock, ...nothing }),
      leave: () => {},
      ended: Promise.resolve(),
    };
  }

  /** One server and all that is under way with it: nothing of that is heard any more once another is shown. */
  function goTo(name: string) {
    const leaving = new AbortController();
    const signal = AbortSignal.any([leaving.signal, closing.signal, context.signal]);
    const tellAll = (messages: readonly Message[]) => {
      if (!signal.aborted) store.dispatchAll(messages);
    };
    const tell = (message: Message) => tellAll([message]);
    const output = { say: (text: string) => tell({ kind: 'said', text }) };
    const following = followServer({
      ...{ name, clock: systemClock, signal, tell: tellAll },
      memory: memoryFor(name),
      passphrasesFor,
      reach: (use: (server: Server) => Promise<void>, options) =>
        context.withServer(use, { name: name === '' ? undefined : name, output, ...options }),
    });
    return {
      carryOut: createCarryOut({
        context: { ...context, signal },
        dispatch: tell,
        ...following,
        ...{ terminal, clock: systemClock },
      }),
      leave: () => leaving.abort(),
      ended: following.ended,
    };
  }

  async function listServers(serial: number): Promise<void> {
    const config = await context.config();
    const { servers } = config;
    const known = Object.entries(servers).map(([name, server]): KnownServer => ({ name, where: addressOf(server) }));
    const sandbox = { name: sandboxName, where: 'a pretend server on this computer, to try things' };
    const listed = servers[sandboxName] ? known : [...known, sandbox];
    dispatch({ kind: 'servers-listed', serial, servers: listed, usual: usualServerOf(config) });
  }
}
