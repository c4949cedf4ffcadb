import { type Duplex, duplexPair } from 'node:stream';
import { wayTo } from '../../../../src/cli/sandbox/in-process.ts';
import type { Effect } from '../../../../src/cli/tui/model/effects.ts';
import { initialState } from '../../../../src/cli/tui/model/initial-state.ts';
import type { TuiState } from '../../../../src/cli/tui/model/state.ts';
import { type Following, type FollowNeeds, followServer } from '../../../../src/cli/tui/runtime/follow-server.ts';
import { createStore, type Store } from '../../../../src/cli/tui/runtime/store.ts';
import { openServerOver } from '../../../../src/core/index.ts';
import type { Sandbox } from '../../../../src/sandbox/sandbox.ts';
import { clockOn, drivenTimeline, pass as passOn } from '../../../../src/sandbox/timeline.ts';
import type { SandboxLab } from '../../../support/sandbox-lab.ts';

/** A window that follows a sandbox over a line that can fail, on a clock that a test moves. Nothing is drawn. */
export interface FollowedSandbox extends AsyncDisposable {
  readonly following: Following;
  readonly store: Store;
  readonly effects: readonly Effect[];
  readonly line: Line;
  state(): TuiState;
  /** Lets so much time pass in the window, and everything come of it that does. */
  pass(seconds: number): Promise<void>;
  /** The window is closed, or shows another server. */
  leave(): void;
}

/** The way between the window and its server. */
interface Line {
  /** What each attempt to connect fails with, if it does. */
  refuses: (() => unknown) | undefined;
  /** Nothing comes through any more, and nobody says so. */
  isSilent: boolean;
  /** Ends all streams that are open. */
  cut(): void;
}

export async function followSandbox(
  lab: SandboxLab,
  { carryOut, ...more }: Partial<FollowNeeds> & { carryOut?: (effect: Effect) => void } = {},
): Promise<FollowedSandbox> {
  const time = drivenTimeline(lab.clock.now().getTime());
  const clock = clockOn(time);
  const { line, way } = lineTo(lab.sandbox);
  const leaving = new AbortController();
  const effects: Effect[] = [];
  const size = { columns: 80, rows: 24 };
  const store = createStore(initialState({ server: 'lab', usualServer: 'lab', size, now: time.now() }), {
    carryOut(effect) {
      effects.push(effect);
      carryOut?.(effect);
    },
    now: time.now,
  });
  const following = followServer({
    ...{ name: 'lab', clock, signal: leaving.signal },
    tell: (messages) => store.dispatchAll(messages),
    memory: { read: async () => undefined, write: async () => {} },
    passphrasesFor: () => async () => undefined,
    async reach(use, { signal }) {
      if (line.refuses) throw line.refuses();
      await using server = await openServerOver(way, { signal });
      await use(server);
    },
    ...more,
  });
  const pass = async (seconds: number) => {
    for (let passed = 0; passed < seconds * 1000; passed += stepMs) {
      time.advance(stepMs);
      await quiet();
      // What the server does takes its own time.
      await passOn(lab.sandbox.timeline, stepMs);
    }
  };
  await quiet();
  return {
    ...{ following, store, effects, line, pass },
    state: store.read,
    leave: () => leaving.abort(),
    async [Symbol.asyncDispose]() {
      leaving.abort();
      await following.ended;
    },
  };
}

const stepMs = 100;

/** In one process an answer takes some turns of the event loop, and no time. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) await new Promise(setImmediate);
}

function lineTo(sandbox: Sandbox) {
  const open = new Set<Duplex>();
  const line: Line = {
    refuses: undefined,
    isSilent: false,
    cut: () => {
      for (const stream of open) stream.destroy();
    },
  };
  const dial = async () => {
    if (line.refuses) throw line.refuses();
    const [near, far] = duplexPair();
    const server = sandbox.dialDocker();
    const carry = (from: Duplex, to: Duplex) => {
      from.on('data', (chunk) => line.isSilent || to.write(chunk));
      from.on('end', () => line.isSilent || to.end());
      from.on('close', () => line.isSilent || to.destroy());
      from.on('error', () => {});
    };
    carry(far, server);
    carry(server, far);
    open.add(near);
    near.once('close', () => {
      open.delete(near);
      far.destroy();
    });
    return near;
  };
  return { line, way: { ...wayTo(sandbox), dial } };
}
