import { type Key, textOf } from './keys.ts';

/** A line of text that is being typed; `cursor` counts characters, not bytes. */
export interface Field {
  readonly text: string;
  readonly cursor: number;
}

export const emptyField: Field = { text: '', cursor: 0 };

export function fieldOf(text: string): Field {
  return { text, cursor: Array.from(text).length };
}

/** The field after a key; undefined when the key is none of a field's, such as Enter. */
export function typeInto(field: Field, key: Key): Field | undefined {
  const letters = Array.from(field.text);
  const { cursor } = field;
  const without = (from: number, to: number): Field => ({
    text: [...letters.slice(0, from), ...letters.slice(to)].join(''),
    cursor: from,
  });
  switch (key) {
    case 'Backspace':
      return cursor === 0 ? field : without(cursor - 1, cursor);
    case 'Delete':
      return without(cursor, cursor + 1);
    case 'Left':
      return { ...field, cursor: Math.max(0, cursor - 1) };
    case 'Right':
      return { ...field, cursor: Math.min(letters.length, cursor + 1) };
    case 'Home':
    case 'Ctrl-A':
      return { ...field, cursor: 0 };
    case 'End':
    case 'Ctrl-E':
      return { ...field, cursor: letters.length };
    case 'Ctrl-U':
      return without(0, cursor);
    case 'Ctrl-W':
      return without(startOfWord(letters, cursor), cursor);
    default: {
      const text = textOf(key);
      return text === undefined ? undefined : insert(field, text);
    }
  }
}

/** With a text put in where the cursor is, as one line: a paste may bring line ends. */
export function insert({ text, cursor }: Field, given: string): Field {
  const letters = Array.from(text);
  const added = Array.from(given.replaceAll(/\s+/g, ' '));
  return {
    text: [...letters.slice(0, cursor), ...added, ...letters.slice(cursor)].join(''),
    cursor: cursor + added.length,
  };
}

function startOfWord(letters: readonly string[], cursor: number): number {
  let start = cursor;
  while (start > 0 && letters[start - 1] === ' ') start -= 1;
  while (start > 0 && letters[start - 1] !== ' ') start -= 1;
  return start;
}
