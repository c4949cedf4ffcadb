import { afterAll, describe, vi } from 'vitest';
import { itDrawsSparingly } from '../support/sparing.ts';

/** Read by Ink when it is loaded: there it clears the screen for every frame of full height. */
const before = vi.hoisted(() => {
  const { platform } = process;
  Object.defineProperty(process, 'platform', { value: 'win32' });
  return platform;
});
afterAll(() => Object.defineProperty(process, 'platform', { value: before }));

describe('what is written to the terminal on Windows', () => {
  itDrawsSparingly();
});
