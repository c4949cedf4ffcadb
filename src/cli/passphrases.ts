import { createInterface } from 'node:readline/promises';
import { type Readable, Writable } from 'node:stream';
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

/** A line from the terminal that is not shown; undefined when Ctrl-C or Ctrl-D is the answer. */
export async function askHidden(
  prompt: string,
  { input = process.stdin }: { input?: Readable } = {},
): Promise<string | undefined> {
  process.stderr.write(prompt);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input, output: silent, terminal: true });
  // Those close it, and then the question is rejected, or with an earlier Node never answered.
  const closed = new Promise<undefined>((done) => reader.once('close', () => done(undefined)));
  try {
    return await Promise.race([closed, reader.question('').catch(() => undefined)]);
  } finally {
    reader.close();
    process.stderr.write('\n');
  }
}
