import { setTimeout as pause } from 'node:timers/promises';
import { openBrowser } from '../../open-browser.ts';
import type { TerminalTraits } from '../../terminal-traits.ts';
import type { Message } from '../model/messages.ts';
import type { Skeleton } from '../skeleton.ts';
import { type Drawing, drawApp } from './draw-app.tsx';
import type { Store } from './store.ts';
import type { TerminalDoor } from './terminal-door.ts';

/** Bytes of text that every terminal with OSC 52 takes: 100 kB of base64. */
const mostCopied = 74_994;

/** The terminal of this process while the terminal UI has it. After `close` it is as it was before. */
export interface Terminal extends TerminalDoor {
  draw(store: Store): void;
  /** Exit code, once the person leaves or the system wants the process gone. Rejects when something broke. */
  readonly left: Promise<number>;
  fail(error: unknown): void;
  close(): Promise<void>;
}

interface TerminalNeeds {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly traits: TerminalTraits;
  /** What stands on the terminal already. */
  readonly skeleton: Skeleton | undefined;
  readonly dispatch: (message: Message) => void;
}

/** Conventional: 128 and the number of the signal. */
const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;

export function openTerminal({ stdin, stdout, traits, skeleton, dispatch }: TerminalNeeds): Terminal {
  const { promise: left, resolve: leave, reject: fail } = Promise.withResolvers<number>();
  // Who waits for it may come later than the failure.
  left.catch(() => {});
  let drawing: Drawing | undefined;
  const ends = Object.entries(signals).map(([signal, exitCode]) => [signal, () => leave(exitCode)] as const);
  for (const [signal, end] of ends) process.on(signal, end);
  // Told only after the terminal is as it was: on the screen that is taken away nobody could read it.
  process.on('uncaughtException', fail);
  // A terminal that was closed takes nothing any more, the last words of the process included.
  stdout.on('error', () => leave(signals.SIGHUP));

  const copy = (text: string): 'all' | 'beginning' => {
    const bytes = Buffer.from(text);
    const taken = beginningOf(bytes);
    stdout.write(`\u001b]52;c;${taken.toString('base64')}\u0007`);
    return taken.length === bytes.length ? 'all' : 'beginning';
  };
  const showAddress = (url: string) => {
    copy(url);
    dispatch({ kind: 'said', text: `${url} is copied: open it in a browser of yours.` });
  };

  return {
    left,
    fail,
    copy,
    leave,
    draw(store) {
      drawing = drawApp(store, { look: { ascii: traits.ascii }, isOpen: skeleton !== undefined, stdin, stdout });
      skeleton?.handOver();
      drawing.ended.catch(fail);
    },
    browse(url) {
      if (traits.hasBrowser) openBrowser(url, () => showAddress(url));
      else showAddress(url);
    },
    repaint: () => drawing?.repaint(),
    async suspend() {
      if (process.platform === 'win32') return dispatch({ kind: 'said', text: 'Windows cannot suspend a program.' });
      await drawing?.suspend(stopped);
      // It may have another size, of which a process in the background is not told.
      process.kill(process.pid, 'SIGWINCH');
    },
    async close() {
      await drawing?.end().catch(() => {});
      process.off('uncaughtException', fail);
      for (const [signal, end] of ends) process.off(signal, end);
    },
  };
}

/** As many whole letters as are taken: in UTF-8, bytes after a letter's first are 10xxxxxx. */
function beginningOf(bytes: Buffer): Buffer {
  let end = Math.min(bytes.length, mostCopied);
  while (((bytes[end] ?? 0) & 0b1100_0000) === 0b1000_0000) end -= 1;
  return bytes.subarray(0, end);
}

/**
 * Stops this process and whoever was started with it, as Ctrl-Z does. Where no shell could bring it back, the system does
 * not stop it: then the pause is all, and it also keeps the process alive while Ink reads no keys.
 */
async function stopped(): Promise<void> {
  process.kill(0, 'SIGTSTP');
  await pause(200);
}
