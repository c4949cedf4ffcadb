import { expect } from 'vitest';
import { ExpectedError } from '../../../src/core/errors.ts';

/** Numbers that look random and are the same in every run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Texts of up to `maxLength` letters of an alphabet; words of the alphabet may be longer than a letter. */
export function* texts(
  alphabet: readonly string[],
  { count = 2000, maxLength = 12, seed = 1 }: { count?: number; maxLength?: number; seed?: number } = {},
): Generator<string> {
  const random = seededRandom(seed);
  for (let made = 0; made < count; made += 1) {
    const length = Math.floor(random() * (maxLength + 1));
    yield Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join('');
  }
}

/** What the parser makes of the text, undefined where it refuses. Fails when it throws anything unforeseen. */
export function parsedOrRefused<T>(parse: (text: string) => T, text: string): T | undefined {
  try {
    return parse(text);
  } catch (error) {
    expect(error, `thrown for ${JSON.stringify(text.slice(0, 80))}`).toBeInstanceOf(ExpectedError);
    const { message, why, hint } = error as ExpectedError;
    // What we say about a hostile text is safe to print.
    expect(`${message}${why}${hint}`).toMatch(/^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]*$/u);
    expect(message.length).toBeLessThan(1500);
    expect(why).toBeTruthy();
    expect(hint).toBeTruthy();
    return undefined;
  }
}

export function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof ExpectedError ? error.code : `bug: ${String(error)}`;
  }
}

export function failureOf(run: () => unknown): ExpectedError {
  try {
    run();
  } catch (error) {
    if (error instanceof ExpectedError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
