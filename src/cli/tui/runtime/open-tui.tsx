import { setTimeout as pause } from 'node:timers/promises';
import {
  errorFacts,
  listActivity,
  listExperiments,
  type Server,
  seePeopleEverywhere,
  systemClock,
} from '../../../core/index.ts';
import type { CliContext } from '../../context.ts';
import type { Message } from '../model/messages.ts';
import { farewell } from '../view/farewell.ts';
import { createCarryOut } from './carry-out.ts';
import { sizeOf } from './draw-app.tsx';
import { initialState } from './initial-state.ts';
import { createStore } from './store.ts';
import { openTerminal } from './terminal.ts';

const compareEveryMs = 30_000;
const tickMs = 10_000;

/** Opens the terminal UI on the server; returns the exit code when the person leaves. Operations that run go on. */
export async function openTui(context: CliContext, { server: name }: { server: string | undefined }): Promise<number> {
  const { stdout, stdin } = process;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, context.signal]);
  let reached: Server | undefined;
  let wake = () => {};
  const dispatch = (message: Message) => store.dispatch(message);
  const terminal = openTerminal({ stdin, stdout, traits: context.terminal, dispatch });
  const label = name ?? context.options.server ?? (await context.config()).current ?? '';
  const carryOut = createCarryOut({
    ...{ context, dispatch, terminal },
    server: () => reached,
    lookAgain: () => wake(),
  });
  const store = createStore(initialState({ server: label, size: sizeOf(stdout), now: Date.now() }), {
    carryOut,
    now: Date.now,
  });

  terminal.draw(store);
  const ticking = setInterval(() => dispatch({ kind: 'ticked' }), tickMs);
  const talking = context
    .withServer(
      async (server) => {
        reached = server;
        while (!signal.aborted) {
          await compare(server, dispatch).catch((error) => dispatch({ kind: 'failed', error: errorFacts(error) }));
          await Promise.race([
            pause(compareEveryMs, undefined, { signal }).catch(() => {}),
            new Promise<void>((woken) => {
              wake = woken;
            }),
          ]);
        }
      },
      { name, signal, output: { say: (text) => dispatch({ kind: 'said', text }) } },
    )
    .catch(terminal.fail);
  try {
    return await terminal.left;
  } finally {
    clearInterval(ticking);
    await terminal.close();
    for (const sentence of farewell(store.read(), context.invokedAs)) context.output.say(sentence);
    stop.abort();
    await talking;
  }
}

async function compare(server: Server, dispatch: (message: Message) => void): Promise<void> {
  const [studies, activity] = await Promise.all([listExperiments(server), listActivity(undefined, server)]);
  dispatch({ kind: 'compared', studies, activity, at: Date.now() });
  for await (const people of seePeopleEverywhere({ swarm: server.swarm, clock: systemClock }))
    dispatch({ kind: 'people-seen', people });
}
