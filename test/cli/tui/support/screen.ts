import xterm from '@xterm/headless';
import type { Size } from '../../../../src/cli/tui/model/layout.ts';

/** What a person would see: a terminal without a window. */
export interface Screen {
  write(text: string): void;
  resize(size: Size): void;
  /** Once everything written so far is on it. */
  settled(): Promise<void>;
  /** From the top, without spaces at the right end. */
  lines(): readonly string[];
  text(): string;
  /** The lines with what each run of letters looks like: `[green]● Running[]`. */
  styled(): readonly string[];
  readonly isAlternate: boolean;
  readonly title: string;
}

const colors = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

export function openScreen({ columns, rows }: Size): Screen {
  // Between a program and its terminal, the system makes \r\n of \n: raw mode leaves that on.
  const options = { convertEol: true, allowProposedApi: true, scrollback: 200 };
  const terminal = new xterm.Terminal({ cols: columns, rows, ...options });
  let title = '';
  terminal.onTitleChange((given) => {
    title = given;
  });
  const rowsShown = () =>
    Array.from({ length: terminal.rows }, (_, row) =>
      terminal.buffer.active.getLine(terminal.buffer.active.viewportY + row),
    );
  const lines = () => rowsShown().map((line) => line?.translateToString(true, 0, terminal.cols) ?? '');
  return {
    write: (text) => terminal.write(text),
    resize: (size) => terminal.resize(size.columns, size.rows),
    settled: () => new Promise((resolve) => terminal.write('', resolve)),
    lines,
    text: () => lines().join('\n'),
    styled: () => rowsShown().map((line) => (line ? styledLine(line, terminal.cols) : '')),
    get isAlternate() {
      return terminal.buffer.active.type === 'alternate';
    },
    get title() {
      return title;
    },
  };
}

type BufferLine = NonNullable<ReturnType<InstanceType<typeof xterm.Terminal>['buffer']['active']['getLine']>>;

/** A line may be longer than the screen is wide: the rest of it is not shown. */
function styledLine(line: BufferLine, columns: number): string {
  let shown = '';
  let before = '';
  for (let column = 0; column < columns; column += 1) {
    const cell = line.getCell(column);
    if (!cell || cell.getWidth() === 0) continue;
    const look = [
      ...(cell.isFgPalette() ? [colors[cell.getFgColor()] ?? `color ${cell.getFgColor()}`] : []),
      ...(cell.isFgRGB() ? ['rgb'] : []),
      ...(cell.isBgDefault() ? [] : ['background']),
      ...(cell.isBold() ? ['bold'] : []),
      ...(cell.isDim() ? ['dim'] : []),
      ...(cell.isInverse() ? ['inverse'] : []),
    ].join(' ');
    if (look !== before) shown += `[${look}]`;
    before = look;
    shown += cell.getChars() || ' ';
  }
  return shown.trimEnd();
}
