import type { Effect } from '../../../../src/cli/tui/model/effects.ts';
import type { Size } from '../../../../src/cli/tui/model/layout.ts';
import type { Message } from '../../../../src/cli/tui/model/messages.ts';
import type { TuiState } from '../../../../src/cli/tui/model/state.ts';
import { createStore, type Store } from '../../../../src/cli/tui/runtime/store.ts';
import { bytesOf } from './bytes-of.ts';
import { type FakeTerminal, openFakeTerminal } from './fake-terminal.ts';
import type { Screen } from './screen.ts';

/** The terminal UI on a terminal that is none: what it draws, and what it wants done. */
export interface OpenApp extends AsyncDisposable {
  readonly terminal: FakeTerminal;
  readonly screen: Screen;
  readonly store: Store;
  readonly effects: readonly Effect[];
  /** Each as its own chunk of input; returns once what came of them is on the screen. */
  press(...keys: string[]): Promise<void>;
  /** As one chunk, as a terminal sends keys that are typed fast. */
  type(chunk: string, keys?: number): Promise<void>;
  tell(message: Message): Promise<void>;
  drawn(): Promise<void>;
  resize(size: Size): Promise<void>;
}

export async function openApp(state: TuiState, { ascii = false, now = () => state.now } = {}): Promise<OpenApp> {
  // Read by Ink when it is loaded.
  process.env.FORCE_COLOR = '1';
  const { drawApp } = await import('../../../../src/cli/tui/runtime/draw-app.tsx');
  const terminal = openFakeTerminal(state.size);
  const effects: Effect[] = [];
  const carryOut = (effect: Effect) => {
    effects.push(effect);
    if (effect.kind === 'repaint') app.repaint();
  };
  const inner = createStore(state, { carryOut, now });
  let heard = 0;
  let listen = () => {};
  const store: Store = {
    ...inner,
    dispatchAll(messages) {
      inner.dispatchAll(messages);
      heard += messages.length;
      listen();
    },
  };
  const app = drawApp(store, { look: { ascii }, stdin: terminal.stdin, stdout: terminal.stdout });
  const drawn = async () => {
    await app.flushed();
    await terminal.screen.settled();
  };
  const type = async (chunk: string, keys = 1) => {
    const wanted = heard + keys;
    terminal.stdin.push(chunk);
    if (heard < wanted)
      await new Promise<void>((resolve) => {
        listen = () => heard >= wanted && resolve();
      });
    await drawn();
  };
  await drawn();
  return {
    terminal,
    screen: terminal.screen,
    store,
    effects,
    type,
    drawn,
    async press(...keys) {
      for (const key of keys) await type(bytesOf(key));
    },
    async tell(message) {
      store.dispatch(message);
      await drawn();
    },
    async resize(size) {
      terminal.resize(size);
      await drawn();
    },
    async [Symbol.asyncDispose]() {
      await app.end();
      await terminal.screen.settled();
    },
  };
}
