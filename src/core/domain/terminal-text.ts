/** Invisible or obeyed by terminals, `\n`, `\t` and the two selectors of emoji style excepted. */
const unsafe = /(?!\n|\t|\ufe0e|\ufe0f)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/**
 * The text with nothing left that a terminal obeys or that hides something: control bytes become their symbols (`␛[2J`),
 * bidirectional marks, zero-width letters, odd line separators and halves of surrogate pairs become `\u{202e}`. Safe
 * text comes back as it is.
 */
export function safeText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(unsafe, visible);
}

/** What somebody typed, for the middle of our sentence: in quotes, on one line, cut when long. */
export function quoteForPeople(text: string, maxLength = 60): string {
  const cut = text.length > maxLength;
  return safeText(JSON.stringify(cut ? `${text.slice(0, maxLength)}…` : text));
}

/** With a capital letter, as a sentence begins. */
export function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function visible(character: string): string {
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '␡' : `\\u{${code.toString(16)}}`;
}
