import type { Message } from '../model/messages.ts';

/** Asks for passphrases on a screen of the window: the terminal itself is Ink's. */
export interface AskOnScreen {
  /** Undefined where nobody wants to type it, and when the signal aborts. */
  ask(file: string, options: { isAgain: boolean; signal: AbortSignal }): Promise<string | undefined>;
  answer(question: number, text: string | undefined): void;
}

export function askOnScreen(dispatch: (message: Message) => void): AskOnScreen {
  const asked = new Map<number, (text: string | undefined) => void>();
  let questions = 0;
  return {
    async ask(file, { isAgain, signal }) {
      if (signal.aborted) return undefined;
      questions += 1;
      const question = questions;
      const { promise, resolve } = Promise.withResolvers<string | undefined>();
      const end = () => resolve(undefined);
      asked.set(question, resolve);
      signal.addEventListener('abort', end, { once: true });
      dispatch({ kind: 'passphrase-wanted', question, file, isAgain });
      try {
        return await promise;
      } finally {
        signal.removeEventListener('abort', end);
        if (asked.delete(question)) dispatch({ kind: 'passphrase-unwanted', question });
      }
    },
    answer(question, text) {
      const resolve = asked.get(question);
      asked.delete(question);
      resolve?.(text);
    },
  };
}
