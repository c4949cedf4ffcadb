import { type ErrorFacts, errorFromFacts } from '../../core/index.ts';
import type { CliContext } from '../context.ts';
import { openBrowser } from '../open-browser.ts';
import { askHidden } from '../passphrases.ts';
import { isWatching } from '../tui/model/global-bindings.ts';
import type { TuiState } from '../tui/model/state.ts';
import { openSession, whereToBegin } from '../tui/runtime/open-session.ts';
import type { TerminalDoor } from '../tui/runtime/terminal-door.ts';
import { farewell } from '../tui/view/farewell.ts';
import { createTalk } from './talk.ts';
import { typedLines } from './typed-lines.ts';
import { spokenLine } from './words.ts';

/** As of the largest screen: nothing is left out, because nothing has to fit. */
const size = { columns: 200, rows: 1_000 };

/**
 * The terminal UI as lines, on the server: what is there is printed, and a line typed is the answer. Returns the exit code
 * when the person leaves, or when stdin ends and nothing goes on any more. Operations that run go on. Throws why the server
 * is not reached where a script gives the answers: nobody is there to wait for it.
 */
export async function openLines(context: CliContext): Promise<number> {
  const { stdin, stdout } = process;
  const isScript = stdin.isTTY !== true;
  const { promise: left, resolve: leave, reject: fail } = Promise.withResolvers<number>();
  const print = (line: string) => void stdout.write(`${line}\n`);
  const terminal: TerminalDoor = {
    copy(text, what) {
      talk.readOut([`${what}:`, ...text.split('\n')]);
      return 'read-out';
    },
    browse(url) {
      talk.readOut([`The address is ${url}`]);
      if (!isScript && context.terminal.hasBrowser) openBrowser(url, () => {});
    },
    repaint() {},
    async suspend() {},
    leave,
  };
  const session = openSession(context, {
    ...{ size, terminal, ...(await whereToBegin(context)) },
    // What was known last time would be told, and a moment later be told again as it is now.
    memoryFor: () => ({ read: async () => undefined, write: async () => {} }),
    passphrasesFor: () =>
      context.passphrases.askBy(async (identityFile, isAgain) => {
        if (!context.canAsk) return undefined;
        const again = isAgain ? 'That was not it. ' : '';
        return await typed.alone(() => askHidden(`${again}Passphrase for ${identityFile}: `));
      }),
  });
  const { store } = session;
  const talk = createTalk({ store, print, now: Date.now, isScript });
  const typed = typedLines(stdin, { hear: (line) => talk.hear(line), end: () => talk.endOfLines() });
  context.signal.addEventListener('abort', () => leave(isScript || isWatching(store.read()) ? 130 : 0), { once: true });
  store.subscribe(() => {
    const unreached = isScript && whyUnreached(store.read());
    if (unreached) fail(errorFromFacts(unreached));
  });
  try {
    return await left;
  } finally {
    typed.close();
    talk.close();
    // After the ^C that a terminal shows.
    if (context.signal.aborted && !isScript) print('');
    for (const line of farewell(store.read(), context.invokedAs)) print(spokenLine(line));
    await session.close();
  }
}

/** Why nothing was ever heard of the server, once an attempt to reach it is over: one that takes its time is no failure. */
export function whyUnreached({ studies, link }: Pick<TuiState, 'studies' | 'link'>): ErrorFacts | undefined {
  return studies === undefined && link.kind === 'offline' && link.nextTryAt !== 'now' ? link.error : undefined;
}
