import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { spawn } from '@lydell/node-pty';
import { openSandboxHome } from '../../../../src/cli/sandbox/sandbox-home.ts';
import type { Size } from '../../../../src/cli/tui/model/layout.ts';
import { bytesOf } from './bytes-of.ts';
import { openScreen, type Screen } from './screen.ts';

export const program = resolve('dist/oforest.js');
const usualPatienceMs = 20_000;

/** A person's files; `oforest` opens the sandbox, which ends with it. */
export interface ProgramHome extends AsyncDisposable {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
}

let homes = 0;

export async function openProgramHome({
  config = 'current: sandbox\n',
}: {
  /** Empty: no server is set up. */
  config?: string;
} = {}): Promise<ProgramHome> {
  const path = await mkdtemp(join(tmpdir(), 'oforest-tui-'));
  // Those that look for free ports at once find the same: each process begins elsewhere, and each home in it.
  homes += 1;
  const from = 20_000 + ((process.pid * 31 + homes) % 4_000) * 10;
  await openSandboxHome(join(path, 'state', 'oforest'), { ssh: from, http: from + 3, https: from + 6 });
  await writeFile(join(path, 'config.yml'), config);
  const { PATH = '' } = process.env;
  const environment = {
    ...{ PATH, HOME: path, XDG_STATE_HOME: join(path, 'state'), OFOREST_CONFIG: join(path, 'config.yml') },
    ...{ TERM: 'xterm-256color', LANG: 'en_US.UTF-8' },
  };
  return {
    path,
    environment,
    async [Symbol.asyncDispose]() {
      await promisify(execFile)(process.execPath, [program, 'sandbox', 'stop'], { env: environment });
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** The built program in a terminal of its own. */
export interface OpenProgram extends AsyncDisposable {
  readonly pid: number;
  readonly screen: Screen;
  /** Everything the program wrote. */
  readonly written: string;
  /** The next that it writes with this in it. */
  writes(part: string): Promise<void>;
  press(...keys: string[]): void;
  /** Into the field that is open, each letter once the one before is shown. */
  type(text: string): Promise<void>;
  resize(size: Size): void;
  /** Returns once the screen shows it; throws with the screen when that takes longer than 20 s, or than is given. */
  until(shown: string | RegExp | ((screen: Screen) => boolean), patienceMs?: number): Promise<void>;
  /** Exit code, or the number of the signal below zero. */
  readonly exit: Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** The terminal itself is gone: its window was closed. */
  hangUp(): void;
}

export function openProgram(
  home: Pick<ProgramHome, 'environment' | 'path'>,
  {
    size = { columns: 80, rows: 24 },
    words = [],
    script,
    environment = {},
  }: {
    size?: Size;
    words?: readonly string[];
    /** Instead of the program alone: for bash with job control, in which `$OFOREST` is the program. */
    script?: string;
    environment?: Readonly<Record<string, string>>;
  } = {},
): OpenProgram {
  const screen = openScreen(size);
  const [command, ...given] = script === undefined ? [process.execPath, program, ...words] : ['bash', '-mc', script];
  const child = spawn(command ?? '', given, {
    cols: size.columns,
    rows: size.rows,
    cwd: home.path,
    env: { ...home.environment, OFOREST: `${process.execPath} ${program}`, ...environment },
  });
  let written = '';
  let changed = () => {};
  let hasEnded = false;
  const listeners = new Set<(text: string) => void>();
  child.onData((text) => {
    written += text;
    for (const listen of listeners) listen(text);
    screen.write(text);
    void screen.settled().then(() => changed());
  });
  const exit = new Promise<number>((ended) => {
    child.onExit(({ exitCode, signal }) => {
      hasEnded = true;
      void screen.settled().then(() => {
        ended(signal ? -signal : exitCode);
        changed();
      });
    });
  });
  const opened: OpenProgram = {
    pid: child.pid,
    screen,
    exit,
    get written() {
      return written;
    },
    writes: (part) =>
      new Promise((resolve) => {
        const listen = (text: string) => {
          if (!text.includes(part)) return;
          listeners.delete(listen);
          resolve();
        };
        listeners.add(listen);
      }),
    press(...keys) {
      for (const key of keys) child.write(bytesOf(key));
    },
    async type(text) {
      for (const [index, letter] of Array.from(text).entries()) {
        opened.press(letter);
        await opened.until(`> ${text.slice(0, index + 1)}▏`);
      }
    },
    resize(next) {
      child.resize(next.columns, next.rows);
      screen.resize(next);
    },
    kill: (signal) => process.kill(child.pid, signal),
    // Of the terminal of a Unix, and in no type.
    hangUp: () => (child as unknown as { destroy(): void }).destroy(),
    async until(shown, patienceMs = usualPatienceMs) {
      const isThere = () =>
        typeof shown === 'function'
          ? shown(screen)
          : typeof shown === 'string'
            ? screen.text().includes(shown)
            : shown.test(screen.text());
      const { promise: tooLate, resolve: giveUp } = Promise.withResolvers<void>();
      const timer = setTimeout(giveUp, patienceMs);
      try {
        while (!isThere()) {
          const late = await Promise.race([
            tooLate.then(() => true),
            new Promise<false>((seen) => {
              changed = () => seen(false);
            }),
          ]);
          if ((late || hasEnded) && !isThere()) throw new Error(`${shown} is not on the screen:\n${screen.text()}`);
        }
      } finally {
        clearTimeout(timer);
      }
    },
    async [Symbol.asyncDispose]() {
      if (!hasEnded) child.kill('SIGKILL');
      await exit;
    },
  };
  return opened;
}
