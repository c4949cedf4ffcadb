import { Writable } from 'node:stream';

/**
 * The terminal as Ink gets to see it: without news of a new size. Ink would draw what it has, of the old size, and only
 * then what becomes of it; a frame that is higher than the screen makes it flicker.
 */
export function paperOn(terminal: NodeJS.WriteStream): NodeJS.WriteStream {
  const paper = new Writable({
    decodeStrings: false,
    // At once, as the terminal does it: what is left in a buffer is lost when the process ends.
    write(text, _encoding, done) {
      terminal.write(text);
      done();
    },
  });
  Object.defineProperties(paper, {
    isTTY: { get: () => terminal.isTTY },
    columns: { get: () => terminal.columns },
    rows: { get: () => terminal.rows },
  });
  return paper as NodeJS.WriteStream;
}
