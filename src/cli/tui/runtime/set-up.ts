import { type AskPassphrase, errorFacts } from '../../../core/index.ts';
import type { CliContext } from '../../context.ts';
import { saveAsCurrent } from '../../server-entry.ts';
import type { Effect } from '../model/effects.ts';
import { serverNameOf } from '../model/first-run.ts';
import type { Message } from '../model/messages.ts';
import { entryOf, tryServer } from './try-server.ts';

type SetUpEffect = Extract<Effect, { kind: 'try-server' | 'save-server' }>;

export interface SetUpNeeds {
  readonly context: CliContext;
  readonly dispatch: (message: Message) => void;
  /** For one try, which the signal ends. */
  readonly passphrasesFor: (signal: AbortSignal) => AskPassphrase;
  readonly signal: AbortSignal;
}

/** Reaches servers that are in no config yet, and writes them there. Nothing is thrown: a failure is news. */
export function createSetUp({ context, dispatch, passphrasesFor, signal }: SetUpNeeds) {
  const running = new Map<number, AbortController>();
  return {
    carryOut(effect: SetUpEffect): void {
      if (effect.kind === 'save-server') void save(effect);
      else void attempt(effect);
    },
    /** Ends the try of the screen with this serial. */
    close(serial: number): void {
      running.get(serial)?.abort();
      running.delete(serial);
    },
  };

  async function attempt({ serial, answers, trust }: Extract<SetUpEffect, { kind: 'try-server' }>): Promise<void> {
    running.get(serial)?.abort();
    const stop = new AbortController();
    running.set(serial, stop);
    const ending = AbortSignal.any([stop.signal, signal, context.signal]);
    const askPassphrase = passphrasesFor(ending);
    try {
      for await (const tried of tryServer(answers, trust, { context, askPassphrase, signal: ending }))
        if (!ending.aborted) dispatch({ kind: 'tried', serial, tried });
    } catch (error) {
      if (!ending.aborted) dispatch({ kind: 'failed', error: errorFacts(error) });
    }
  }

  async function save({ serial, answers }: Extract<SetUpEffect, { kind: 'save-server' }>): Promise<void> {
    const { configPath } = context;
    const name = serverNameOf(answers);
    try {
      await saveAsCurrent(configPath, name, await entryOf(answers, context));
      dispatch({ kind: 'server-saved', serial, server: name });
    } catch (error) {
      dispatch({ kind: 'server-unsaved', serial, error: errorFacts(error) });
    }
  }
}
