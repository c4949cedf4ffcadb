const named: Readonly<Record<string, string>> = {
  Up: '\u001b[A',
  Down: '\u001b[B',
  Right: '\u001b[C',
  Left: '\u001b[D',
  Home: '\u001b[H',
  End: '\u001b[F',
  PgUp: '\u001b[5~',
  PgDn: '\u001b[6~',
  Enter: '\r',
  Esc: '\u001b',
  Tab: '\t',
  'Shift-Tab': '\u001b[Z',
  Space: ' ',
  Backspace: '\u007f',
  Delete: '\u001b[3~',
};

/** What a terminal sends for a key by its name in the registry. */
export function bytesOf(key: string): string {
  const control = /^Ctrl-([A-Z])$/.exec(key)?.[1];
  return control === undefined ? (named[key] ?? key) : String.fromCharCode(control.charCodeAt(0) - 64);
}
