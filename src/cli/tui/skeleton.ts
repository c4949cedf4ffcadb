import { layoutOf, type Size } from './model/layout.ts';

const openScreen = '\u001b[?1049h\u001b[?25l';
const closeScreen = '\u001b[?1049l\u001b[?25h';
const deadly = ['SIGHUP', 'SIGTERM'] as const;

/** What stands on the terminal while the program is loaded: where the title and the rules are going to be. */
export interface Skeleton {
  /** Whoever draws goes on from here, on the screen as it is. */
  handOver(): void;
  /** The terminal as it was, unless somebody draws by now. */
  remove(): void;
}

export function showSkeleton(
  { stdin, stdout }: Pick<NodeJS.Process, 'stdin' | 'stdout'>,
  { ascii }: { ascii: boolean },
): Skeleton {
  let isThere = true;
  stdout.write(openScreen + skeletonOf({ columns: stdout.columns, rows: stdout.rows }, { ascii }));
  // What is typed meanwhile waits, and is not printed.
  stdin.setRawMode(true);
  const remove = () => {
    if (!isThere) return;
    handOver();
    stdin.setRawMode(false);
    stdout.write(closeScreen);
  };
  const killed = (signal: NodeJS.Signals) => {
    remove();
    process.kill(process.pid, signal);
  };
  const handOver = () => {
    isThere = false;
    process.off('exit', remove);
    for (const signal of deadly) process.off(signal, killed);
  };
  process.once('exit', remove);
  for (const signal of deadly) process.once(signal, killed);
  return { handOver, remove };
}

/** Each line at its place, and the cursor back at the first. */
export function skeletonOf(size: Size, { ascii }: { ascii: boolean }): string {
  const { kind, columns, bodyRows } = layoutOf(size);
  if (kind === 'refused') return '\u001b[H';
  const rule = `\u001b[2m${(ascii ? '-' : '─').repeat(columns)}\u001b[22m`;
  const title = '\u001b[1m oForest\u001b[22m';
  const hasRules = kind === 'normal' || kind === 'wide';
  const lines = hasRules
    ? ([
        [1, title],
        [3, rule],
        [4 + bodyRows, rule],
      ] as const)
    : ([[1, title]] as const);
  return `${lines.map(([row, text]) => `\u001b[${row};1H${text}`).join('')}\u001b[H`;
}
