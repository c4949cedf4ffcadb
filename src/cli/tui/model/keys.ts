/**
 * One key as people name it: `a`, `A`, `/`, `Enter`, `Esc`, `Up`, `Space`, `Ctrl-C`. A letter is itself; everything longer
 * than one character is a named key.
 */
export type Key = string;

/** What Ink tells beside the characters (`useInput`). */
export interface InkKey {
  readonly upArrow: boolean;
  readonly downArrow: boolean;
  readonly leftArrow: boolean;
  readonly rightArrow: boolean;
  readonly pageDown: boolean;
  readonly pageUp: boolean;
  readonly home: boolean;
  readonly end: boolean;
  readonly return: boolean;
  readonly escape: boolean;
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly tab: boolean;
  readonly backspace: boolean;
  readonly delete: boolean;
  readonly meta: boolean;
}

const named: readonly (readonly [keyof InkKey, Key])[] = [
  ['upArrow', 'Up'],
  ['downArrow', 'Down'],
  ['leftArrow', 'Left'],
  ['rightArrow', 'Right'],
  ['pageUp', 'PgUp'],
  ['pageDown', 'PgDn'],
  ['home', 'Home'],
  ['end', 'End'],
  ['return', 'Enter'],
  ['escape', 'Esc'],
  ['backspace', 'Backspace'],
  ['delete', 'Delete'],
];

/** The keys of one chunk of input. Letters typed fast arrive together ("jjj"): each is a key of its own. */
export function keysOf(input: string, key: InkKey): readonly Key[] {
  const name = named.find(([flag]) => key[flag])?.[1];
  if (name !== undefined) return [name];
  if (key.tab) return [key.shift ? 'Shift-Tab' : 'Tab'];
  if (key.ctrl) return [`Ctrl-${input.toUpperCase()}`];
  if (key.meta) return [];
  return Array.from(input).flatMap(keyOf);
}

/** Of a character among others: a control key that is followed fast comes in the same chunk as what follows. */
function keyOf(character: string): readonly Key[] {
  if (character === '\r' || character === '\n') return ['Enter'];
  if (character === '\t') return ['Tab'];
  if (character === '\b' || character === '\u007f') return ['Backspace'];
  if (character === ' ') return ['Space'];
  const code = character.charCodeAt(0);
  if (code >= 32) return [character];
  return code >= 1 && code <= 26 ? [`Ctrl-${String.fromCharCode(code + 64)}`] : [];
}

/** What a key writes into a field; undefined where it writes nothing. */
export function textOf(key: Key): string | undefined {
  if (key === 'Space') return ' ';
  return Array.from(key).length === 1 ? key : undefined;
}
