import { createInterface, type Interface } from 'node:readline';
import type { Readable } from 'node:stream';

/** What somebody types, line by line. */
export interface TypedLines {
  /** Nobody else hears what is typed until it is asked: a passphrase is no answer to the screen. */
  alone<Result>(ask: () => Promise<Result>): Promise<Result>;
  close(): void;
}

/** Reads until the input ends or it is closed; what is typed before that is heard in order. */
export function typedLines(
  input: Readable,
  { hear, end }: { hear: (line: string) => void; end: () => void },
): TypedLines {
  let reader: Interface | undefined = listen();
  const stop = () => {
    const before = reader;
    // Its own end is not that of the input.
    reader = undefined;
    before?.close();
  };
  return {
    async alone(ask) {
      stop();
      try {
        return await ask();
      } finally {
        reader = listen();
      }
    },
    close: stop,
  };

  function listen(): Interface {
    // As a terminal, readline would move the cursor about: the terminal itself edits the line.
    const lines = createInterface({ input, terminal: false });
    lines.on('line', (line) => lines === reader && hear(line));
    lines.once('close', () => lines === reader && end());
    return lines;
  }
}
