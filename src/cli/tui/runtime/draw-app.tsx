import { render } from 'ink';
import { App, type InkHands } from '../view/app.tsx';
import type { Look } from '../view/look.ts';
import { eraseAll, paperOn, startFrame } from './paper.ts';
import type { Store } from './store.ts';

/** What is drawn on a terminal, until it is taken off again. */
export interface Drawing {
  /** Draws everything anew, whatever is on the screen. */
  repaint(): void;
  /** Gives the terminal back for as long as `away` runs, and draws again. */
  suspend(away: () => Promise<void>): Promise<void>;
  /** Returns once everything is on the screen. */
  flushed(): Promise<void>;
  /** Takes the drawing off; returns once the terminal is as it was. */
  end(): Promise<void>;
  /** Rejects when something could not be drawn. */
  readonly ended: Promise<unknown>;
}

/** Draws the store on the whole terminal and reads its keys. */
export function drawApp(
  store: Store,
  {
    look,
    stdin,
    stdout,
    isOpen = false,
  }: {
    look: Look;
    stdin: NodeJS.ReadStream;
    stdout: NodeJS.WriteStream;
    /** Whether the alternate screen is open already, with a skeleton on it. */
    isOpen?: boolean;
  },
): Drawing {
  let hands: InkHands | undefined;
  const takeHands = (given: InkHands) => {
    hands = given;
  };
  const app = render(<App store={store} look={look} onHands={takeHands} />, {
    ...{ alternateScreen: true, incrementalRendering: true, interactive: true },
    ...{ exitOnCtrlC: false, patchConsole: false, maxFps: 60 },
    ...{ stdin, stdout: paperOn(stdout, { isOpen }) },
  });
  const ended = app.waitUntilExit();
  let fitting: Promise<void> | undefined;
  const fitToSize = async () => {
    // Whatever is still under way was made for the screen as it was.
    await app.waitUntilRenderFlush();
    // The terminal shows it together with the frame that follows.
    stdout.write(startFrame + eraseAll);
    app.clear();
    store.dispatch({ kind: 'resized', size: sizeOf(stdout) });
  };
  const repaint = () => {
    fitting ??= fitToSize().finally(() => {
      fitting = undefined;
    });
  };
  stdout.on('resize', repaint);
  return {
    repaint,
    suspend: async (away) => await hands?.suspendTerminal(away),
    async flushed() {
      await fitting;
      await app.waitUntilRenderFlush();
    },
    async end() {
      stdout.off('resize', repaint);
      app.unmount();
      await ended;
    },
    ended,
  };
}

export function sizeOf({ columns, rows }: Pick<NodeJS.WriteStream, 'columns' | 'rows'>) {
  return { columns: columns || 80, rows: rows || 24 };
}
