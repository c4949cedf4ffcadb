import { spawn } from 'node:child_process';
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
import { createCarryOut } from './carry-out.ts';
import { drawApp, sizeOf } from './draw-app.tsx';
import { initialState } from './initial-state.ts';
import { createStore } from './store.ts';
import type { TerminalDoor } from './terminal-door.ts';

const compareEveryMs = 30_000;
const tickMs = 10_000;

/** Opens the terminal UI on the server, and returns when the person leaves. Operations that run go on. */
export async function openTui(context: CliContext, { server: name }: { server: string | undefined }): Promise<void> {
  const { stdout, stdin } = process;
  const stop = new AbortController();
  const signal = AbortSignal.any([stop.signal, context.signal]);
  let reached: Server | undefined;
  let wake = () => {};
  const dispatch = (message: Message) => store.dispatch(message);
  const terminal: TerminalDoor = {
    copy: (text) => void stdout.write(`\u001b]52;c;${Buffer.from(text).toString('base64')}\u0007`),
    browse(url) {
      const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
      spawn(opener, [url], { stdio: 'ignore', detached: true })
        .on('error', () => dispatch({ kind: 'said', text: url }))
        .unref();
    },
    repaint: () => app.repaint(),
    suspend: () => {},
    leave: () => stop.abort(),
  };
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

  const app = drawApp(store, { look: { ascii: context.options.ascii ?? false }, stdin, stdout });
  const ticking = setInterval(() => dispatch({ kind: 'ticked' }), tickMs);
  try {
    await context.withServer(
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
    );
  } finally {
    clearInterval(ticking);
    await app.end();
  }
}

async function compare(server: Server, dispatch: (message: Message) => void): Promise<void> {
  const [studies, activity] = await Promise.all([listExperiments(server), listActivity(undefined, server)]);
  dispatch({ kind: 'compared', studies, activity, at: Date.now() });
  for await (const people of seePeopleEverywhere({ swarm: server.swarm, clock: systemClock }))
    dispatch({ kind: 'people-seen', people });
}
