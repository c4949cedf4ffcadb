import { createInterface, type Interface } from 'node:readline';
import { type ErrorFacts, errorFromFacts, systemClock } from '../../core/index.ts';
import type { CliContext } from '../context.ts';
import { openBrowser } from '../open-browser.ts';
import type { Message } from '../tui/model/messages.ts';
import { createCarryOut } from '../tui/runtime/carry-out.ts';
import { type Following, followServer } from '../tui/runtime/follow-server.ts';
import { initialState } from '../tui/runtime/initial-state.ts';
import { createStore } from '../tui/runtime/store.ts';
import type { TerminalDoor } from '../tui/runtime/terminal-door.ts';
import { farewell } from '../tui/view/farewell.ts';
import { createTalk, type Talk } from './talk.ts';
import { spokenLine } from './words.ts';

/** As of the largest screen: nothing is left out, because nothing has to fit. */
const size = { columns: 200, rows: 1_000 };

/**
 * The terminal UI as lines, on the server: what is there is printed, and a line typed is the answer. Returns the exit code
 * when the person leaves, or when stdin ends and nothing goes on any more. Operations that run go on. Throws why the server
 * is not reached where a script gives the answers: nobody is there to wait for it.
 */
export async function openLines(
  context: CliContext,
  { server: name }: { server: string | undefined },
): Promise<number> {
  const { stdin, stdout } = process;
  const isScript = stdin.isTTY !== true;
  const { promise: left, resolve: leave, reject: fail } = Promise.withResolvers<number>();
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, context.signal]);
  const print = (line: string) => void stdout.write(`${line}\n`);
  const dispatch = (message: Message) => store.dispatch(message);
  let following: Following | undefined;
  let talk: Talk | undefined;

  const terminal: TerminalDoor = {
    copy(text, what) {
      talk?.readOut([`${what}:`, ...text.split('\n')]);
      return 'read-out';
    },
    browse(url) {
      talk?.readOut([`The address is ${url}`]);
      if (!isScript && context.terminal.hasBrowser) openBrowser(url, () => {});
    },
    repaint() {},
    async suspend() {},
    leave,
  };
  const label = name ?? context.options.server ?? (await context.config()).current ?? '';
  const carryOut = createCarryOut({
    ...{ context, dispatch, terminal },
    server: () => following?.server(),
    lookAgain: () => following?.lookAgain(),
  });
  const store = createStore(initialState({ server: label, size, now: Date.now() }), { carryOut, now: Date.now });
  talk = createTalk({ store, print, now: Date.now, isScript });
  let reader = listen();
  context.signal.addEventListener('abort', () => leave(130), { once: true });
  following = followServer({
    ...{ name: label, clock: systemClock, signal },
    // What was known last time would be told, and a moment later be told again as it is now.
    memory: { read: async () => undefined, write: async () => {} },
    tell(messages) {
      store.dispatchAll(messages);
      const unreached = isScript && whyUnreached();
      if (unreached) fail(errorFromFacts(unreached));
    },
    askPassphrase: (identityFile) => alone(() => context.passphrases.ask(identityFile)),
    reach: (use, options) =>
      context.withServer(use, { name, ...options, output: { say: (text) => dispatch({ kind: 'said', text }) } }),
  });
  try {
    return await left;
  } finally {
    reader.close();
    talk.close();
    for (const line of farewell(store.read(), context.invokedAs)) print(spokenLine(line));
    stop.abort();
    await following.ended;
  }

  function whyUnreached(): ErrorFacts | undefined {
    const { studies, link } = store.read();
    return studies === undefined && link.kind === 'offline' ? link.error : undefined;
  }

  function listen(): Interface {
    // As a terminal, readline would move the cursor about: the terminal itself edits the line.
    const lines = createInterface({ input: stdin, terminal: false });
    lines.on('line', (line) => talk?.hear(line));
    lines.once('close', () => lines === reader && talk?.endOfLines());
    return lines;
  }

  /** Nothing else reads meanwhile what is typed. */
  async function alone<Result>(ask: () => Promise<Result>): Promise<Result> {
    if (isScript) return await ask();
    const before = reader;
    before.removeAllListeners('close');
    before.close();
    try {
      return await ask();
    } finally {
      reader = listen();
    }
  }
}
