import { type Server, systemClock } from '../../../core/index.ts';
import type { CliContext } from '../../context.ts';
import { sandboxName } from '../../sandbox/name.ts';
import { addressOf } from '../../server-address.ts';
import type { Effect } from '../model/effects.ts';
import { initialState } from '../model/initial-state.ts';
import type { Size } from '../model/layout.ts';
import type { Message } from '../model/messages.ts';
import type { KnownServer } from '../model/screens/servers.ts';
import { askOnScreen } from './ask-on-screen.ts';
import { createCarryOut } from './carry-out.ts';
import { type FollowNeeds, followServer } from './follow-server.ts';
import { memoryOf } from './remember.ts';
import { createStore, type Store } from './store.ts';
import type { TerminalDoor } from './terminal-door.ts';

const tickMs = 10_000;

/** A store that is alive: it follows a server, and what it wants done is done. All but the drawing. */
export interface Session {
  readonly store: Store;
  /** Lets go of the server. Operations that run go on. */
  close(): Promise<void>;
}

export interface SessionNeeds {
  readonly server: string;
  readonly size: Size;
  readonly terminal: TerminalDoor;
  /** For one attempt to reach a server; default: on a screen of the window. */
  readonly passphrasesFor?: FollowNeeds['passphrasesFor'];
  readonly memoryFor?: (server: string) => FollowNeeds['memory'];
}

/** The server named, or the current one, or the only one; empty where that has to be said first. */
export async function serverShownFirst(context: CliContext, name: string | undefined): Promise<string> {
  const { current, servers } = await context.config();
  const names = Object.keys(servers);
  return name ?? context.options.server ?? current ?? (names.length === 1 ? names[0] : undefined) ?? '';
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
  const store = createStore(initialState({ server: first, size, now: Date.now() }), { carryOut, now: Date.now });
  let shown = goTo(first);
  const ticking = setInterval(() => dispatch({ kind: 'ticked' }), tickMs);
  return {
    store,
    async close() {
      clearInterval(ticking);
      closing.abort();
      await shown.ended;
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
      case 'answer-passphrase':
        passphrases.answer(effect.question, effect.text);
        break;
      default:
        shown.carryOut(effect);
    }
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
        ...{ server: following.server, lookAgain: following.lookAgain, terminal },
      }),
      leave: () => leaving.abort(),
      ended: following.ended,
    };
  }

  async function listServers(serial: number): Promise<void> {
    const { servers } = await context.config();
    const known = Object.entries(servers).map(([name, server]): KnownServer => ({ name, where: addressOf(server) }));
    const sandbox = { name: sandboxName, where: 'a pretend server on this computer, to try things' };
    dispatch({ kind: 'servers-listed', serial, servers: servers[sandboxName] ? known : [...known, sandbox] });
  }
}
