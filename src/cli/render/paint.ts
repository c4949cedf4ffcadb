type Paint = (text: string) => string;

/** The 16 ANSI colours, or nothing. */
export function paint(color: boolean): { red: Paint; green: Paint; yellow: Paint; dim: Paint; bold: Paint } {
  const code =
    (open: number, close: number): Paint =>
    (text) =>
      color ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return { red: code(31, 39), green: code(32, 39), yellow: code(33, 39), dim: code(2, 22), bold: code(1, 22) };
}
