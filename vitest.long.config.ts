import { defineConfig } from 'vitest/config';

/** What takes minutes: the same questions as `npm test`, asked of everything instead of a sample. */
export default defineConfig({
  test: { include: ['test/**/*.long.ts'], testTimeout: 3_600_000 },
});
