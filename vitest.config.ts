import { defineConfig } from 'vitest/config';

export default defineConfig({
  define: { OFOREST_VERSION: JSON.stringify('test') },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'test/bench/**', 'node_modules/**'],
    // A program in a terminal of its own takes a second, and on a busy machine many.
    testTimeout: 60_000,
  },
});
