import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { type AskPassphrase, Secret } from '../core/index.ts';

/** Asks for the passphrase of a key once, and hands what it learned to the runner, which has no terminal. */
export interface Passphrases {
  readonly ask: AskPassphrase;
  /** For the runner's stdin, and for nothing else: the answers in plain text. */
  readonly forRunner: () => string;
}

export function createPassphrases({
  canAsk,
  known = {},
}: {
  canAsk: boolean;
  known?: Record<string, string>;
}): Passphrases {
  const answers = new Map(Object.entries(known));
  const tried = new Set<string>();
  return {
    async ask(identityFile) {
      const answer = answers.get(identityFile);
      if (answer !== undefined && !tried.has(identityFile)) {
        tried.add(identityFile);
        return new Secret(answer);
      }
      if (!canAsk) return undefined;
      const typed = await askHidden(`Passphrase for ${identityFile}: `);
      answers.set(identityFile, typed);
      return new Secret(typed);
    },
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
