import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { type AskPassphrase, Secret } from '../core/index.ts';

/** Asks for the passphrase of a key once, and hands what it learned to the runner, which has no terminal. */
export interface Passphrases {
  readonly ask: AskPassphrase;
  /** As `ask`, for one connection, and with another way to ask: `isAgain` when what was typed did not unlock the key. */
  readonly askBy: (prompt: Prompt) => AskPassphrase;
  /** For the runner's stdin, and for nothing else: the answers in plain text. */
  readonly forRunner: () => string;
}

type Prompt = (identityFile: string, isAgain: boolean) => Promise<string | undefined>;

export function createPassphrases({
  canAsk,
  known = {},
}: {
  canAsk: boolean;
  known?: Record<string, string>;
}): Passphrases {
  const answers = new Map(Object.entries(known));
  function askBy(prompt: Prompt): AskPassphrase {
    const tried = new Set<string>();
    return async (identityFile) => {
      const answer = answers.get(identityFile);
      if (answer !== undefined && !tried.has(identityFile)) {
        tried.add(identityFile);
        return new Secret(answer);
      }
      const typed = await prompt(identityFile, tried.has(identityFile));
      if (typed === undefined) return undefined;
      answers.set(identityFile, typed);
      return new Secret(typed);
    };
  }
  return {
    ask: askBy(async (identityFile) => (canAsk ? askHidden(`Passphrase for ${identityFile}: `) : undefined)),
    askBy,
    forRunner: () => JSON.stringify(Object.fromEntries(answers)),
  };
}

/** A line from the terminal that is not shown. */
export async function askHidden(prompt: string): Promise<string> {
  process.stderr.write(prompt);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: true });
  try {
    return await reader.question('');
  } finally {
    reader.close();
    process.stderr.write('\n');
  }
}
