import { PassThrough, Writable } from 'node:stream';
import type { Size } from '../../../../src/cli/tui/model/layout.ts';
import { openScreen, type Screen } from './screen.ts';

/** A terminal as a program meets it: two streams, a size, and a screen that shows what was written. */
export interface FakeTerminal {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly screen: Screen;
  /** Everything written so far, or since the last `forget`. */
  readonly written: readonly string[];
  readonly isRaw: boolean;
  forget(): void;
  resize(size: Size): void;
}

export function openFakeTerminal(size: Size): FakeTerminal {
  const screen = openScreen(size);
  let written: string[] = [];
  let isRaw = false;
  const stdout = Object.assign(
    new Writable({
      write(chunk, _encoding, done) {
        written.push(String(chunk));
        screen.write(String(chunk));
        done();
      },
    }),
    { isTTY: true, ...size },
  );
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode(wanted: boolean) {
      isRaw = wanted;
    },
    ref() {},
    unref() {},
  });
  return {
    stdin: stdin as unknown as NodeJS.ReadStream,
    stdout: stdout as unknown as NodeJS.WriteStream,
    screen,
    get written() {
      return written;
    },
    get isRaw() {
      return isRaw;
    },
    forget() {
      written = [];
    },
    resize(next) {
      screen.resize(next);
      Object.assign(stdout, next);
      stdout.emit('resize');
    },
  };
}
