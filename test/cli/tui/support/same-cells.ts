import { expect } from 'vitest';
import type { OpenProgram } from './open-program.ts';

const patienceMs = 40_000;

/** Character by character, and colour by colour, once both have drawn what they still wait for. */
export async function looksLike(
  one: OpenProgram,
  other: OpenProgram,
  seen: (line: string) => string = (line) => line,
): Promise<void> {
  const cells = ({ screen }: OpenProgram) => screen.styled().map(seen);
  const isSame = () => cells(one).join('\n') === cells(other).join('\n');
  // Either may be the one that is late.
  await Promise.any([one, other].map((program) => program.until(isSame, patienceMs))).catch(() => {});
  expect(cells(one)).toEqual(cells(other));
}
