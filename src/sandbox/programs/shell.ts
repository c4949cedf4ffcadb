import type { Timeline } from '../timeline.ts';
import type { Container, Outcome, Program, Running } from './program.ts';
import { expand, parseShell, type Statement } from './shell-language.ts';

/** A plain image with a shell: runs the few commands that its words hold, and sleeps for ever without any. */
export const shellProgram: Program = (container): Running => {
  const { timeline, words } = container;
  let line = '';
  const write = (text: string, stream: 'stdout' | 'stderr') => {
    const [rest = '', ...lines] = `${line}${text}`.split('\n').reverse();
    line = rest;
    for (const whole of lines.reverse()) container.print(whole, stream);
  };
  // How far a resumed one was is not known: it stays where it is.
  const process = startProcess(container, container.resumed ? [] : words, {
    write,
    sleep: (ms, then) => sleepOn(timeline, ms, then),
    ended(code) {
      if (line !== '') container.print(line);
      container.exit(code);
    },
  });
  return {
    probe: (test) => probe(container, test),
    exec: (words) => runShell(container, words),
    terminate: () => process.terminate(),
    end: () => process.end(),
  };
};

/** Runs words beside a program, as `docker exec` does in an image with a shell. */
export function runShell(container: Container, words: readonly string[]): Promise<Outcome> {
  const { timeline } = container;
  const waited = timeline.hurry?.();
  const output = { stdout: '', stderr: '' };
  return new Promise((resolve) => {
    startProcess(container, words, {
      write: (text, stream) => {
        output[stream] += text;
      },
      sleep: (ms, then) => sleepOn(timeline, ms, then),
      ended(exitCode) {
        waited?.();
        resolve({ exitCode, ...output });
      },
    });
  });
}

/** What a probe finds is known at once, and how long it takes: its sleeps are counted, not slept. */
function probe(container: Container, [kind, ...words]: readonly string[]): Outcome & { afterMs: number } {
  const output = { stdout: '', stderr: '' };
  let afterMs = 30;
  let exitCode = 0;
  startProcess(container, kind === 'CMD-SHELL' ? ['/bin/sh', '-c', ...words] : words, {
    write: (text, stream) => {
      output[stream] += text;
    },
    sleep(ms, then) {
      afterMs += ms;
      then();
      return () => undefined;
    },
    ended: (code) => {
      exitCode = code;
    },
  });
  return { exitCode, ...output, afterMs };
}

interface World {
  write(text: string, stream: 'stdout' | 'stderr'): void;
  /** Calls back later; the returned function takes that back. */
  sleep(ms: number, then: () => void): () => void;
  ended(code: number): void;
}

interface Process {
  terminate(): void;
  end(): void;
}

/** Without words it sleeps for ever. */
const asleep: Process = { terminate: () => undefined, end: () => undefined };

function startProcess(container: Container, words: readonly string[], world: World): Process {
  if (words.length === 0) return asleep;
  const isShell = /^(?:\/bin\/)?(?:sh|ash|bash)$/.test(words[0] ?? '') && words[1] === '-c';
  const literal = (text: string) => [{ text, expands: false }];
  const single = { words: words.map(literal), after: 'any', toStderr: false, background: false } as const;
  let statements: readonly Statement[];
  try {
    statements = isShell ? parseShell(words[2] ?? '') : [single];
  } catch (error) {
    world.write(`/bin/sh: syntax error: ${error instanceof Error ? error.message : error}\n`, 'stderr');
    world.ended(2);
    return asleep;
  }
  const shell = new Shell(container, statements, world);
  shell.run();
  return shell;
}

/** One sh, statement by statement. As process 1 it ignores SIGTERM unless it set a trap. */
class Shell implements Process {
  readonly #container: Container;
  readonly #world: World;
  #statements: Statement[];
  #status = 0;
  #trap: readonly Statement[] | undefined;
  #isTerminated = false;
  #hasEnded = false;
  #cancelSleep: (() => void) | undefined;
  /** `wait` is the one thing that a trapped signal interrupts; a command in front is finished first. */
  #isWaiting = false;
  #inBackground = 0;

  constructor(container: Container, statements: readonly Statement[], world: World) {
    this.#container = container;
    this.#world = world;
    this.#statements = [...statements];
  }

  run(): void {
    while (!this.#hasEnded) {
      if (this.#isTerminated && this.#trap) {
        this.#isTerminated = false;
        this.#statements.unshift(...this.#trap);
      }
      const statement = this.#statements.shift();
      if (!statement) {
        this.#end(this.#status);
        return;
      }
      const { after } = statement;
      if (after === 'success' && this.#status !== 0) continue;
      if (after === 'failure' && this.#status === 0) continue;
      const words = statement.words.map((word) => expand(word, this.#container.variables));
      if (this.#do(words, statement) === 'sleeps') return;
    }
  }

  terminate(): void {
    if (this.#hasEnded || !this.#trap) return;
    this.#isTerminated = true;
    if (this.#isWaiting) this.#goOn();
  }

  end(): void {
    this.#hasEnded = true;
    this.#cancelSleep?.();
  }

  #do([name = '', ...given]: readonly string[], statement: Statement): 'sleeps' | 'done' {
    const { variables, files } = this.#container;
    const stream = statement.toStderr ? 'stderr' : 'stdout';
    const before = this.#status;
    this.#status = 0;
    switch (name) {
      case 'true':
      case ':':
        return 'done';
      case 'false':
        return this.#fail(1);
      case 'echo': {
        const [text, end] = given[0] === '-n' ? [given.slice(1), ''] : [given, '\n'];
        this.#world.write(`${text.join(' ')}${end}`, stream);
        return 'done';
      }
      case 'printf':
        this.#world.write(formatted(given), stream);
        return 'done';
      case 'printenv': {
        const value = variables.get(given[0] ?? '');
        if (value === undefined) return this.#fail(1);
        this.#world.write(`${value}\n`, stream);
        return 'done';
      }
      case 'cat': {
        for (const path of given) {
          const file = files.get(path);
          if (file) this.#world.write(file.toString(), stream);
          else this.#fail(1, `cat: can't open '${path}': No such file or directory`);
        }
        return 'done';
      }
      case 'exit':
        this.#end(Number(given[0] ?? before));
        return 'done';
      case 'exec':
        this.#statements = [];
        // What follows is another program: the shell's traps are gone.
        this.#trap = undefined;
        return this.#do(given, { ...statement, background: false });
      case 'trap':
        if (given[1] === 'TERM' || given[1] === 'SIGTERM') this.#trap = given[0] ? parseShell(given[0]) : undefined;
        return 'done';
      case 'kill':
        if (given[0] === '-9' && given[1] === '1') this.#end(137);
        return 'done';
      case 'sleep':
        return this.#sleep(
          given[0] === 'infinity' ? Number.POSITIVE_INFINITY : Number(given[0] ?? 0) * 1000,
          statement,
        );
      case 'wait':
        return this.#wait();
      default:
        return this.#fail(127, `/bin/sh: ${name}: not found`);
    }
  }

  #sleep(ms: number, { background }: Statement): 'sleeps' | 'done' {
    if (background) {
      this.#inBackground += 1;
      const cancel = this.#world.sleep(ms, () => {
        this.#inBackground -= 1;
        if (this.#isWaiting && this.#inBackground === 0) this.#goOn();
      });
      const earlier = this.#cancelSleep;
      this.#cancelSleep = () => {
        earlier?.();
        cancel();
      };
      return 'done';
    }
    // A probe's sleep is over before it began: only a real one comes back by itself.
    let isOver = false;
    let isLate = false;
    const earlier = this.#cancelSleep;
    const cancel = this.#world.sleep(ms, () => {
      isOver = true;
      if (isLate) this.run();
    });
    if (isOver) return 'done';
    isLate = true;
    this.#cancelSleep = () => {
      earlier?.();
      cancel();
    };
    return 'sleeps';
  }

  #wait(): 'sleeps' | 'done' {
    if (this.#inBackground === 0) return 'done';
    this.#isWaiting = true;
    return 'sleeps';
  }

  #goOn(): void {
    this.#isWaiting = false;
    this.run();
  }

  #fail(status: number, says?: string): 'done' {
    this.#status = status;
    if (says !== undefined) this.#world.write(`${says}\n`, 'stderr');
    return 'done';
  }

  #end(code: number): void {
    if (this.#hasEnded) return;
    this.end();
    this.#world.ended(code);
  }
}

/** A timer cannot be set further ahead than this; nobody waits for a sleep that is longer. */
const longestSleepMs = 2 ** 31 - 1;

function sleepOn(timeline: Timeline, ms: number, then: () => void): () => void {
  return ms > longestSleepMs ? () => undefined : timeline.after(ms, then);
}

function formatted([format = '', ...given]: readonly string[]): string {
  const values = [...given];
  return format
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replaceAll(/%[sd]/g, () => values.shift() ?? '');
}
