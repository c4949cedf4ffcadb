import type { CliContext } from '../../context.ts';
import { farewell } from '../view/farewell.ts';
import { sizeOf } from './draw-app.tsx';
import { openSession, type Session, whereToBegin } from './open-session.ts';
import { openTerminal } from './terminal.ts';

/** Opens the terminal UI where there is to begin; returns the exit code when the person leaves. Operations that run go on. */
export async function openTui(context: CliContext): Promise<number> {
  const { stdout, stdin } = process;
  let session: Session | undefined;
  const terminal = openTerminal({
    ...{ stdin, stdout, traits: context.terminal, skeleton: context.skeleton },
    dispatch: (message) => session?.store.dispatch(message),
  });
  try {
    session = openSession(context, { ...(await whereToBegin(context)), size: sizeOf(stdout), terminal });
    terminal.draw(session.store);
    return await terminal.left;
  } finally {
    await terminal.close();
    for (const sentence of session ? farewell(session.store.read(), context.invokedAs) : [])
      context.output.say(sentence);
    await session?.close();
  }
}
