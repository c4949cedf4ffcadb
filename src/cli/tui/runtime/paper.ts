import { Writable } from 'node:stream';

export const startFrame = '\u001b[?2026h';
export const eraseAll = '\u001b[H\u001b[J';
const enterScreen = '\u001b[?1049h';

/**
 * The terminal as Ink gets to see it: without news of a new size. Ink would draw what it has, of the old size, and only
 * then what becomes of it; a frame that is higher than the screen makes it flicker.
 */
export function paperOn(terminal: NodeJS.WriteStream, { isOpen }: { isOpen: boolean }): NodeJS.WriteStream {
  let isEntered = !isOpen;
  const paper = new Writable({
    decodeStrings: false,
    // At once, as the terminal does it: what is left in a buffer is lost when the process ends.
    write(text, _encoding, done) {
      // Entered once more, the screen would be empty until the first frame: it gives way together with it.
      const isEntering = !isEntered && text === enterScreen;
      isEntered ||= isEntering;
      terminal.write(isEntering ? startFrame + eraseAll : text);
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
