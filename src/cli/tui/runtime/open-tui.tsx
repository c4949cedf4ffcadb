import { systemClock } from '../../../core/index.ts';
import type { CliContext } from '../../context.ts';
import type { Message } from '../model/messages.ts';
import { farewell } from '../view/farewell.ts';
import { createCarryOut } from './carry-out.ts';
import { sizeOf } from './draw-app.tsx';
import { type Following, followServer } from './follow-server.ts';
import { initialState } from './initial-state.ts';
import { memoryOf } from './remember.ts';
import { createStore } from './store.ts';
import { openTerminal } from './terminal.ts';

const tickMs = 10_000;

/** Opens the terminal UI on the server; returns the exit code when the person leaves. Operations that run go on. */
export async function openTui(context: CliContext, { server: name }: { server: string | undefined }): Promise<number> {
  const { stdout, stdin } = process;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, context.signal]);
  let following: Following | undefined;
  const dispatch = (message: Message) => store.dispatch(message);
  const terminal = openTerminal({ stdin, stdout, traits: context.terminal, skeleton: context.skeleton, dispatch });
  const label = name ?? context.options.server ?? (await context.config()).current ?? '';
  const carryOut = createCarryOut({
    ...{ context: { ...context, signal }, dispatch, terminal },
    server: () => following?.server(),
    lookAgain: () => following?.lookAgain(),
  });
  const store = createStore(initialState({ server: label, size: sizeOf(stdout), now: Date.now() }), {
    carryOut,
    now: Date.now,
  });

  terminal.draw(store);
  const ticking = setInterval(() => dispatch({ kind: 'ticked' }), tickMs);
  following = followServer({
    ...{ name: label, clock: systemClock, signal },
    memory: memoryOf(label, context),
    tell: (messages) => store.dispatchAll(messages),
    askPassphrase: context.passphrases.ask,
    reach: (use, options) =>
      context.withServer(use, { name, ...options, output: { say: (text) => dispatch({ kind: 'said', text }) } }),
  });
  try {
    return await terminal.left;
  } finally {
    clearInterval(ticking);
    await terminal.close();
    for (const sentence of farewell(store.read(), context.invokedAs)) context.output.say(sentence);
    stop.abort();
    await following.ended;
  }
}
